"""Writes of surveys. Nothing here puts a person and an answer into one row, one log entry or one order."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.models import Account, Cohort
from app.content.schemas import Instrument
from app.core import audit, clock
from app.core.anonymity import write_anew
from app.core.codes import SIGNS, as_written, new_code
from app.core.errors import Refused
from app.core.sealing import Seal
from app.notices.service import tell_all
from app.notices.wording import Occasion
from app.surveys import queries
from app.surveys.models import Survey, SurveyKey, SurveyParticipation, SurveyResponse, SurveyWave, WaveName
from app.surveys.queries import Sheet

CODE_LENGTH = 12
PURPOSE_OF_KEYS, PURPOSE_OF_MARKS = "survey keys", "survey marks"
# The last wave comes half a year after the course, and stays open for four weeks unless its plan says otherwise.
LATER_AFTER, LATER_OPEN = timedelta(days=183), timedelta(days=28)


@dataclass(frozen=True)
class Followed:
    """What the plans of surveys have brought: how many waves were opened, and how many closed."""

    opened: int
    closed: int


class WaveClosed(Refused):
    """A wave that was closed takes no answers."""

    def __init__(self) -> None:
        super().__init__(_("This survey is closed. Nothing was stored."), status=409)


class ClosedMeanwhile(Refused):
    """Answers of a wave that was closed are not deleted."""

    def __init__(self) -> None:
        message = _(
            "This survey was closed meanwhile, and your answers are part of its figures. Nothing was changed. To take "
            "the link away, look at your answers by your code again."
        )
        super().__init__(message, status=409)


class TakenPartAlready(Refused):
    """Everybody answers once in a wave."""

    def __init__(self) -> None:
        super().__init__(_("You have answered this survey already. What you sent now was not stored."), status=409)


class WrongTurn(Refused):
    """The waves follow one another."""

    def __init__(self) -> None:
        super().__init__(_("This was done already, or its turn has not come. Reload the page."), status=409)


class CodeUnknown(Refused):
    """No answers were given with this code, or nobody can tell any more."""

    def __init__(self) -> None:
        super().__init__(_("No answers were given with this code. Check it, or leave it out."))


class CodeUsed(Refused):
    """A code stands for one answer in each wave."""

    def __init__(self) -> None:
        super().__init__(_("Answers with this code are there already. Leave it out."))


def fresh_code() -> str:
    """A code that only who reads it will know."""
    return new_code(CODE_LENGTH)


def is_code(text: str) -> bool:
    """Whether this could be one of our codes, as `as_written` gives it."""
    return len(text) == CODE_LENGTH and set(text) <= set(SIGNS)


def open_wave(
    session: Session, seal: Seal, actor: Account, cohort: Cohort, instrument: Instrument, name: WaveName
) -> SurveyWave:
    """Begin to ask a cohort, whose row is locked. Raises WrongTurn unless it is this wave's turn."""
    survey = queries.survey_of_cohort(session, cohort.id)
    if queries.turn(survey) != ("open", name):
        raise WrongTurn
    if survey is None:
        survey = Survey(
            academy_id=cohort.academy_id, cohort_id=cohort.id, instrument=instrument.model_dump(mode="json"), waves=[]
        )
        session.add(survey)
        session.flush()
        key = SurveyKey(
            survey_id=survey.id,
            sealed=seal.close(secrets.token_urlsafe(32)),
            made_by_id=actor.id,
            made_at=clock.now(),
        )
        session.add(key)
    return _open(session, survey, name, actor)


def close_wave(session: Session, actor: Account, cohort: Cohort, name: WaveName) -> None:
    """Take no more answers, and forget who gave some. Raises WrongTurn unless this wave is open.

    With the one after the course answers of one code get a number in common, and the last wave gets its plan. With
    the last the key goes, and with it whatever leads from a code to an answer.
    """
    survey = queries.survey_of_cohort(session, cohort.id)
    if survey is None or queries.turn(survey) != ("close", name):
        raise WrongTurn
    _close(session, survey, actor)


def plan_later(session: Session, actor: Account, cohort: Cohort, opens_at: datetime, closes_at: datetime) -> None:
    """Set when the last wave opens and closes; of one that is open, only when it closes. Raises WrongTurn."""
    survey = queries.survey_of_cohort(session, cohort.id)
    if survey is None or not queries.has_plan(survey):
        raise WrongTurn
    if queries.awaits_later(survey):
        survey.later_opens_at = opens_at
    survey.later_closes_at = closes_at
    session.flush()
    _note(session, actor, survey, "survey_planned", WaveName.LATER)


def ask_no_more(session: Session, actor: Account, cohort: Cohort) -> None:
    """Leave the last wave out: the plan, the key and all marks go. Raises WrongTurn once it has opened."""
    survey = queries.survey_of_cohort(session, cohort.id)
    if survey is None or not queries.awaits_later(survey):
        raise WrongTurn
    queries.locked_waves(session, survey.id)
    survey.later_opens_at = survey.later_closes_at = None
    _forget_codes(session, survey)
    session.flush()
    _note(session, actor, survey, "survey_ended", WaveName.LATER)


def follow_plans(session: Session) -> Followed:
    """Open and close last waves whose moment has come, and tell whom they ask; safe to repeat."""
    now, opened, closed = clock.now(), 0, 0
    for survey in queries.locked_with_plans(session, now):
        # It may have become another while this waited for its lock.
        session.refresh(survey)
        if queries.awaits_later(survey) and survey.later_opens_at and survey.later_opens_at <= now:
            if survey.later_closes_at is None or survey.later_closes_at <= now:
                # Nothing served the plan on its days: people still have theirs to answer.
                survey.later_closes_at = now + LATER_OPEN
            _open(session, survey, WaveName.LATER)
            opened += 1
        elif survey.waves[-1].is_open and survey.later_closes_at and survey.later_closes_at <= now:
            _close(session, survey)
            closed += 1
    return Followed(opened, closed)


def _open(session: Session, survey: Survey, name: WaveName, actor: Account | None = None) -> SurveyWave:
    wave = SurveyWave(survey=survey, name=name, opened_at=clock.now(), closed_at=None, invited=None)
    session.add(wave)
    session.flush()
    if name is WaveName.LATER:
        # Long after the course nobody looks into the portal by habit. Who answered plays no part: nobody has yet.
        people = queries.enrolled(session, survey.cohort_id)
        tell_all(session, people, Occasion.LAST_SURVEY_OPENED, by=None, about=f"survey_wave:{wave.id}")
    _note(session, actor, survey, "survey_opened", name)
    return wave


def _close(session: Session, survey: Survey, actor: Account | None = None) -> None:
    wave = queries.locked_waves(session, survey.id)[-1]
    wave.closed_at, wave.invited = clock.now(), queries.count_enrolled(session, survey.cohort_id)
    session.execute(delete(SurveyParticipation).where(SurveyParticipation.wave_id == wave.id))
    if wave.name is not WaveName.BEFORE:
        _pair(session, survey)
    if wave.name is WaveName.AFTER:
        survey.later_opens_at = wave.closed_at + LATER_AFTER
        survey.later_closes_at = survey.later_opens_at + LATER_OPEN
    if wave.name is WaveName.LATER:
        _forget_codes(session, survey)
    session.flush()
    _note(session, actor, survey, "survey_closed", wave.name)


def answer(
    session: Session,
    seal: Seal,
    trainee: Account,
    wave_id: int,
    answers: Mapping[str, int],
    *,
    code: str = "",
) -> None:
    """Store answers without a name. code: links them with those of the other waves; "" for no link.

    Raises WaveClosed, TakenPartAlready, CodeUnknown and CodeUsed.
    """
    accounts.lock(session, trainee.id)
    wave = queries.locked_wave(session, wave_id)
    if not wave.is_open:
        raise WaveClosed
    if queries.has_answered(session, wave.id, trainee.id):
        raise TakenPartAlready
    mark = _mark_to_answer_with(session, seal, wave, code) if code else None
    session.add(SurveyParticipation(wave_id=wave.id, trainee_id=trainee.id))
    session.flush()
    _rewrite(session, wave.id, [*queries.responses(session, wave.id), Sheet(mark, None, answers)])


def found_by_code(session: Session, seal: Seal, survey: Survey, code: str) -> list[tuple[SurveyWave, SurveyResponse]]:
    """What was answered with this code, by wave. Raises CodeUnknown."""
    marks = marks_of(session, seal, survey)
    found = queries.responses_with_mark(session, survey.id, marks.mark(as_written(code))) if marks else []
    if not found:
        raise CodeUnknown
    return found


def take_back(session: Session, seal: Seal, wave_id: int, code: str, *, deletes: bool) -> bool:
    """Delete the answers that this code leads to, while their wave is open; of closed waves only their link.

    deletes: whether answers are to go, and not just a link. Whether they went: of a closed wave they are part of
    figures that are out, and so is a change that was shown. The code then leads to no closed wave any more, and no
    later answer is compared. Raises CodeUnknown, ClosedMeanwhile.
    """
    survey_id = session.get_one(SurveyWave, wave_id).survey_id
    wave = next(each for each in queries.locked_waves(session, survey_id) if each.id == wave_id)
    found = {one.id: (one, response) for one, response in found_by_code(session, seal, wave.survey, code)}
    if wave.id not in found:
        raise CodeUnknown
    if deletes and not wave.is_open:
        raise ClosedMeanwhile
    for one, response in found.values():
        session.expunge(response)
        if one.is_open == wave.is_open:
            _without_mark(session, one, response.mark)
    return wave.is_open


def _without_mark(session: Session, wave: SurveyWave, mark: str | None) -> None:
    """Take a mark out of a wave, and with it, as long as the wave is open, the answers."""
    sheets = queries.responses(session, wave.id)
    if wave.is_open:
        _rewrite(session, wave.id, [each for each in sheets if each.mark != mark])
    else:
        _rewrite(session, wave.id, [each._replace(mark=None) if each.mark == mark else each for each in sheets])


def marks_of(session: Session, seal: Seal, survey: Survey) -> Seal | None:
    """What marks codes of this survey; None once its key is gone, or when the portal's secret was changed."""
    if (key := queries.key_of(session, survey.id)) is None:
        return None
    try:
        return Seal(seal.open(key.sealed), PURPOSE_OF_MARKS)
    except InvalidToken:
        return None


def _mark_to_answer_with(session: Session, seal: Seal, wave: SurveyWave, code: str) -> str:
    marks = marks_of(session, seal, wave.survey)
    if marks is None:
        raise CodeUnknown
    mark = marks.mark(as_written(code))
    known = {found.name for found, _response in queries.responses_with_mark(session, wave.survey_id, mark)}
    if wave.name in known:
        raise CodeUsed
    if wave.name is not WaveName.BEFORE and not known:
        raise CodeUnknown
    return mark


def _pair(session: Session, survey: Survey) -> None:
    """Give answers of one mark in several waves a number in common; a number that was given stays."""
    responses = {wave.id: queries.responses(session, wave.id) for wave in survey.waves}
    sheets = [each for found in responses.values() for each in found if each.mark]
    pairs = {mark: secrets.token_hex(16) for mark, count in Counter(each.mark for each in sheets).items() if count > 1}
    pairs |= {each.mark: each.pair for each in sheets if each.pair}
    for wave_id, found in responses.items():
        _rewrite(session, wave_id, [each._replace(pair=each.pair or pairs.get(each.mark)) for each in found])


def _forget_codes(session: Session, survey: Survey) -> None:
    for wave in survey.waves:
        _rewrite(session, wave.id, [each._replace(mark=None) for each in queries.responses(session, wave.id)])
    session.execute(delete(SurveyKey).where(SurveyKey.survey_id == survey.id))


def _rewrite(session: Session, wave_id: int, responses: Iterable[Sheet]) -> None:
    """Write every response of a wave anew."""
    rows = [
        {"wave_id": wave_id, "mark": each.mark, "pair": each.pair, "answers": dict(sorted(each.answers.items()))}
        for each in responses
    ]
    write_anew(session, SurveyResponse, SurveyResponse.wave_id == wave_id, rows)


def _note(session: Session, actor: Account | None, survey: Survey, verb: str, name: WaveName) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"survey:{survey.id}",
        actor_id=actor.id if actor else None,
        academy_id=survey.academy_id,
        detail={"wave": name.value},
    )

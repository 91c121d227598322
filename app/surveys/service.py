"""Writes of surveys. Nothing here puts a person and an answer into one row, one log entry or one order."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from cryptography.fernet import InvalidToken
from flask_babel import gettext as _
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.accounts.models import Account, Cohort
from app.content.schemas import Instrument
from app.core import audit, clock
from app.core.codes import SIGNS, as_written, new_code
from app.core.errors import Refused
from app.core.sealing import Seal
from app.surveys import queries
from app.surveys.models import Survey, SurveyKey, SurveyParticipation, SurveyResponse, SurveyWave, WaveName

CODE_LENGTH = 12
PURPOSE_OF_KEYS, PURPOSE_OF_MARKS = "survey keys", "survey marks"
Response = tuple[str | None, Mapping[str, int]]


class WaveClosed(Refused):
    """A wave that was closed takes no answers."""

    def __init__(self) -> None:
        super().__init__(_("This survey is closed. Nothing was stored."), status=409)


class TakenPartAlready(Refused):
    """Everybody answers once in a wave."""

    def __init__(self) -> None:
        super().__init__(_("You have answered this survey already. What you sent now was not stored."), status=409)


class WrongTurn(Refused):
    """The two waves follow one another."""

    def __init__(self) -> None:
        super().__init__(_("This was done already, or its turn has not come. Reload the page."), status=409)


class CodeUnknown(Refused):
    """No answers were given with this code, or nobody can tell any more."""

    def __init__(self) -> None:
        super().__init__(_("No answers were given with this code. Check it, or leave it out."))


class CodeUsed(Refused):
    """A code links answers of two waves, and no more."""

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
    wave = SurveyWave(survey=survey, name=name, opened_at=clock.now(), closed_at=None, invited=None)
    session.add(wave)
    session.flush()
    _note(session, actor, survey, "survey_opened", name)
    return wave


def close_wave(session: Session, actor: Account, cohort: Cohort, name: WaveName) -> None:
    """Take no more answers, and forget who gave some. Raises WrongTurn unless this wave is open.

    With the last wave the key goes, and marks of codes become numbers that only say which answers belong together.
    """
    survey = queries.survey_of_cohort(session, cohort.id)
    if survey is None or queries.turn(survey) != ("close", name):
        raise WrongTurn
    wave = queries.locked_wave(session, survey.waves[-1].id)
    wave.closed_at, wave.invited = clock.now(), queries.count_enrolled(session, cohort.id)
    session.execute(delete(SurveyParticipation).where(SurveyParticipation.wave_id == wave.id))
    if name is WaveName.AFTER:
        _end_linking(session, survey)
    session.flush()
    _note(session, actor, survey, "survey_closed", name)


def answer(
    session: Session,
    seal: Seal,
    trainee: Account,
    wave_id: int,
    answers: Mapping[str, int],
    *,
    code: str = "",
) -> None:
    """Store answers without a name. code: links them with those of the other wave; "" for no link.

    Raises WaveClosed, TakenPartAlready, CodeUnknown and CodeUsed.
    """
    wave = queries.locked_wave(session, wave_id)
    if not wave.is_open:
        raise WaveClosed
    if queries.has_answered(session, wave.id, trainee.id):
        raise TakenPartAlready
    mark = _mark_to_answer_with(session, seal, wave, code) if code else None
    session.add(SurveyParticipation(wave_id=wave.id, trainee_id=trainee.id))
    session.flush()
    _rewrite(session, wave.id, [*queries.responses(session, wave.id), (mark, answers)])


def found_by_code(session: Session, seal: Seal, survey: Survey, code: str) -> list[tuple[SurveyWave, SurveyResponse]]:
    """What was answered with this code, by wave. Raises CodeUnknown."""
    marks = marks_of(session, seal, survey)
    found = queries.responses_with_mark(session, survey.id, marks.mark(as_written(code))) if marks else []
    if not found:
        raise CodeUnknown
    return found


def take_back(session: Session, seal: Seal, wave_id: int, code: str) -> bool:
    """Delete the answers that this code leads to, while their wave is open; afterwards only their link.

    Whether the answers went: of a closed wave they are part of figures that are out. Raises CodeUnknown.
    """
    wave = queries.locked_wave(session, wave_id)
    found = {one.id: response for one, response in found_by_code(session, seal, wave.survey, code)}
    if (response := found.get(wave.id)) is None:
        raise CodeUnknown
    others = [each for each in queries.responses(session, wave.id) if each[0] != response.mark]
    session.expunge(response)
    _rewrite(session, wave.id, others if wave.is_open else [*others, (None, response.answers)])
    return wave.is_open


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
    if wave.name is WaveName.AFTER and WaveName.BEFORE not in known:
        raise CodeUnknown
    return mark


def _end_linking(session: Session, survey: Survey) -> None:
    responses = {wave.id: queries.responses(session, wave.id) for wave in survey.waves}
    before, after = ({mark for mark, _answers in found if mark} for found in responses.values())
    pairs = {mark: secrets.token_hex(16) for mark in before & after}
    for wave_id, found in responses.items():
        _rewrite(session, wave_id, [(pairs.get(mark or ""), answers) for mark, answers in found])
    session.execute(delete(SurveyKey).where(SurveyKey.survey_id == survey.id))


def _rewrite(session: Session, wave_id: int, responses: Iterable[Response]) -> None:
    """Write every response of a wave anew, in an order and under numbers that are drawn now.

    So neither the place of a row nor what the database itself notes of a row (PostgreSQL's xmin) tells when it came.
    """
    rows = [
        {"number": secrets.token_hex(16), "wave_id": wave_id, "mark": mark, "answers": dict(sorted(answers.items()))}
        for mark, answers in responses
    ]
    secrets.SystemRandom().shuffle(rows)
    session.execute(delete(SurveyResponse).where(SurveyResponse.wave_id == wave_id))
    if rows:
        session.execute(insert(SurveyResponse), rows)


def _note(session: Session, actor: Account, survey: Survey, verb: str, name: WaveName) -> None:
    audit.record(
        session,
        verb=verb,
        thing=f"survey:{survey.id}",
        actor_id=actor.id,
        academy_id=survey.academy_id,
        detail={"wave": name.value},
    )

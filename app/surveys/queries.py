"""Reads about surveys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, joinedload

from app.accounts.models import Account, Cohort, Enrolment, Withdrawal
from app.accounts.queries import cohort_of_academy
from app.content.schemas import Instrument
from app.core.access import Action, Actor, visible
from app.core.errors import NotFound
from app.surveys.models import KEY_KEPT, Survey, SurveyKey, SurveyParticipation, SurveyResponse, SurveyWave, WaveName

Turn = tuple[Literal["open", "close"], WaveName]
# The last wave opens by its plan.
BY_HAND = (WaveName.BEFORE, WaveName.AFTER)


class Sheet(NamedTuple):
    """What stands in one response of a wave (`SurveyResponse`)."""

    mark: str | None
    pair: str | None
    answers: Mapping[str, int]


@dataclass(frozen=True)
class OwnSurvey:
    """A survey of a cohort of the trainee. open_wave: which asks now; has_answered: whether the trainee did, in it.

    has_key: whether a code can still lead to answers.
    """

    survey: Survey
    cohort: Cohort
    open_wave: SurveyWave | None
    has_answered: bool
    has_key: bool

    @property
    def instrument(self) -> Instrument:
        return instrument_of(self.survey)

    @property
    def asks_now(self) -> bool:
        """Whether the trainee may answer and has not."""
        return self.open_wave is not None and not self.has_answered

    @property
    def opens_at(self) -> datetime | None:
        """When the last wave is planned to open; None once it has, and where none is planned."""
        return self.survey.later_opens_at if awaits_later(self.survey) else None

    @property
    def closes_at(self) -> datetime | None:
        """When the open wave is planned to close; None where that is up to the instructor."""
        is_later = self.open_wave is not None and self.open_wave.name is WaveName.LATER
        return self.survey.later_closes_at if is_later else None


def instrument_of(survey: Survey) -> Instrument:
    """What a survey asks, as it stood when it began."""
    return Instrument.model_validate(survey.instrument)


def cohort_to_survey(session: Session, actor: Actor, cohort_id: int, *, lock: bool = False) -> Cohort:
    """A cohort whose survey this actor keeps; locked, others who open or close wait. Raises NotFound."""
    return cohort_of_academy(session, actor, cohort_id, Action.KEEP_SURVEYS, lock=lock)


def survey_of_cohort(session: Session, cohort_id: int) -> Survey | None:
    statement = select(Survey).where(Survey.cohort_id == cohort_id).options(joinedload(Survey.waves))
    return session.scalars(statement).unique().one_or_none()


def turn(survey: Survey | None) -> Turn | None:
    """What an instructor can do next with the waves of a survey: the last one opens by its plan alone."""
    waves = survey.waves if survey else []
    if waves and waves[-1].is_open:
        return "close", waves[-1].name
    following = BY_HAND[len(waves) :]
    return ("open", following[0]) if following else None


def awaits_later(survey: Survey | None) -> bool:
    """Whether the wave after the course is closed and the last one is planned and has not opened."""
    if survey is None or survey.later_opens_at is None or len(survey.waves) != len(BY_HAND):
        return False
    return not survey.waves[-1].is_open


def has_plan(survey: Survey | None) -> bool:
    """Whether the plan of the last wave can still be changed: it waits for its day, or is open."""
    return awaits_later(survey) or turn(survey) == ("close", WaveName.LATER)


def locked_with_plans(session: Session, now: datetime) -> list[Survey]:
    """Surveys whose last wave has a plan with a moment that has come; others who open or close one of them wait."""
    come = or_(Survey.later_opens_at <= now, Survey.later_closes_at <= now)
    still = select(SurveyWave.id).where(SurveyWave.name == WaveName.LATER, SurveyWave.closed_at.is_not(None))
    statement = (
        select(Survey)
        .join(Cohort, Cohort.id == Survey.cohort_id)
        .where(come, ~still.where(SurveyWave.survey_id == Survey.id).exists())
        .order_by(Cohort.id, Survey.id)
        .with_for_update(of=Cohort, key_share=True)
    )
    return list(session.scalars(statement))


def locked_wave(session: Session, wave_id: int) -> SurveyWave:
    """A wave; others who answer in it or close it wait."""
    statement = select(SurveyWave).where(SurveyWave.id == wave_id).with_for_update(of=SurveyWave, key_share=True)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one()


def locked_waves(session: Session, survey_id: int) -> list[SurveyWave]:
    """All waves of a survey so far, in order; others who answer, close or take something back wait."""
    statement = select(SurveyWave).where(SurveyWave.survey_id == survey_id).order_by(SurveyWave.id)
    locked = statement.with_for_update(of=SurveyWave, key_share=True).execution_options(populate_existing=True)
    return list(session.scalars(locked))


def own_surveys(session: Session, trainee: Actor) -> list[OwnSurvey]:
    """Surveys of the trainee's cohorts, by cohort."""
    statement = (
        select(Survey, Cohort, SurveyKey.id)
        .join(Cohort, Cohort.id == Survey.cohort_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .outerjoin(SurveyKey, SurveyKey.survey_id == Survey.id)
        .order_by(Cohort.name, Cohort.id)
    )
    columns = Enrolment.__table__.c
    within = visible(
        trainee, Action.ANSWER_SURVEY, statement, trainee=columns.trainee_id, academy=Cohort.__table__.c.academy_id
    )
    found = session.execute(within).all()
    answered = set(
        session.scalars(select(SurveyParticipation.wave_id).where(SurveyParticipation.trainee_id == trainee.id))
    )
    rows = []
    for survey, cohort, key_id in found:
        wave = next((each for each in survey.waves if each.is_open), None)
        rows.append(OwnSurvey(survey, cohort, wave, wave is not None and wave.id in answered, key_id is not None))
    return rows


def surveys_left(session: Session, trainee: Actor) -> list[OwnSurvey]:
    """Surveys of cohorts that somebody was withdrawn from as a trainee, by cohort: answers of theirs may be there
    still, whatever their role is now.
    """
    columns = Withdrawal.__table__.c
    left = visible(
        trainee,
        Action.TAKE_ANSWERS_BACK,
        select(Withdrawal.cohort_id).join(Cohort, Cohort.id == Withdrawal.cohort_id),
        trainee=columns.trainee_id,
        academy=Cohort.__table__.c.academy_id,
    )
    is_back = select(Enrolment.cohort_id).where(Enrolment.trainee_id == trainee.id)
    statement = (
        select(Survey, Cohort, SurveyKey.id)
        .join(Cohort, Cohort.id == Survey.cohort_id)
        .outerjoin(SurveyKey, SurveyKey.survey_id == Survey.id)
        .where(Cohort.id.in_(left), Cohort.id.not_in(is_back))
        .order_by(Cohort.name, Cohort.id)
    )
    found = session.execute(statement).all()
    return [OwnSurvey(survey, cohort, None, False, key_id is not None) for survey, cohort, key_id in found]


def survey_by_code(session: Session, trainee: Actor, survey_id: int) -> OwnSurvey:
    """One survey of a cohort that the trainee is or was in, to look by a code for what was answered. Raises NotFound.

    Whoever was withdrawn may still take back what they said.
    """
    for found in [*own_surveys(session, trainee), *surveys_left(session, trainee)]:
        if found.survey.id == survey_id:
            return found
    raise NotFound


def own_wave(session: Session, trainee: Actor, wave_id: int) -> tuple[OwnSurvey, SurveyWave]:
    """One wave of a survey of the trainee, open or closed. Raises NotFound."""
    return _wave(own_surveys(session, trainee), wave_id)


def wave_to_take_back(session: Session, trainee: Actor, wave_id: int) -> SurveyWave:
    """As `survey_by_code`, of one wave. Raises NotFound."""
    return _wave([*own_surveys(session, trainee), *surveys_left(session, trainee)], wave_id)[1]


def _wave(surveys: Sequence[OwnSurvey], wave_id: int) -> tuple[OwnSurvey, SurveyWave]:
    for found in surveys:
        for wave in found.survey.waves:
            if wave.id == wave_id:
                return found, wave
    raise NotFound


def has_answered(session: Session, wave_id: int, trainee_id: int) -> bool:
    return session.get(SurveyParticipation, (wave_id, trainee_id)) is not None


def key_of(session: Session, survey_id: int) -> SurveyKey | None:
    return session.scalar(select(SurveyKey).where(SurveyKey.survey_id == survey_id))


def codes_until(session: Session, survey_id: int) -> datetime | None:
    """Until when codes of this survey lead to answers at the longest; None once they do not."""
    found = key_of(session, survey_id)
    return found.made_at + KEY_KEPT if found else None


def responses(session: Session, wave_id: int) -> list[Sheet]:
    """Every response of a wave, in the order of their numbers, which says nothing."""
    statement = select(SurveyResponse.mark, SurveyResponse.pair, SurveyResponse.answers)
    within = statement.where(SurveyResponse.wave_id == wave_id).order_by(SurveyResponse.number)
    return [Sheet(*row) for row in session.execute(within)]


def answers_of_closed(session: Session, cohort_id: int) -> dict[WaveName, list[Sheet]]:
    """Responses of each wave of a cohort's survey that is closed, of which alone figures may be shown."""
    statement = (
        select(SurveyWave.name, SurveyResponse.mark, SurveyResponse.pair, SurveyResponse.answers)
        .join(Survey, Survey.id == SurveyWave.survey_id)
        .outerjoin(SurveyResponse, SurveyResponse.wave_id == SurveyWave.id)
        .where(Survey.cohort_id == cohort_id, SurveyWave.closed_at.is_not(None))
        .order_by(SurveyWave.id, SurveyResponse.number)
    )
    found: dict[WaveName, list[Sheet]] = {}
    for name, mark, pair, answers in session.execute(statement):
        of_wave = found.setdefault(name, [])
        # Of a wave in which nobody answered there is a row without answers.
        if answers is not None:
            of_wave.append(Sheet(mark, pair, answers))
    return found


def responses_with_mark(session: Session, survey_id: int, mark: str) -> list[tuple[SurveyWave, SurveyResponse]]:
    """What was answered with the code of this mark, by wave."""
    statement = (
        select(SurveyWave, SurveyResponse)
        .join(SurveyResponse, SurveyResponse.wave_id == SurveyWave.id)
        .where(SurveyWave.survey_id == survey_id, SurveyResponse.mark == mark)
        .order_by(SurveyWave.id)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def counting_asking(trainee: Actor) -> ScalarSelect[int]:
    """How many surveys ask somebody now and have no answer of theirs, as a part of a statement."""
    answered = select(SurveyParticipation.wave_id).where(SurveyParticipation.trainee_id == trainee.id)
    statement = (
        select(func.count(SurveyWave.id))
        .join(Survey, Survey.id == SurveyWave.survey_id)
        .join(Cohort, Cohort.id == Survey.cohort_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(SurveyWave.closed_at.is_(None), SurveyWave.id.not_in(answered))
    )
    columns = Enrolment.__table__.c
    within = visible(
        trainee, Action.ANSWER_SURVEY, statement, trainee=columns.trainee_id, academy=Cohort.__table__.c.academy_id
    )
    return within.scalar_subquery()


def asks_cohort(session: Session, cohort_id: int) -> bool:
    """Whether a survey of this cohort is open."""
    found = survey_of_cohort(session, cohort_id)
    return found is not None and any(wave.is_open for wave in found.waves)


def enrolled(session: Session, cohort_id: int) -> list[Account]:
    """Trainees of a cohort now."""
    statement = select(Account).join(Enrolment, Enrolment.trainee_id == Account.id)
    return list(session.scalars(statement.where(Enrolment.cohort_id == cohort_id).order_by(Account.id)))


def count_enrolled(session: Session, cohort_id: int) -> int:
    """Trainees of a cohort now."""
    return session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.cohort_id == cohort_id)) or 0

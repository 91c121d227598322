"""Reads about surveys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Cohort, Enrolment
from app.accounts.queries import cohort_of_academy
from app.content.schemas import Instrument
from app.core.access import Action, Actor, visible
from app.core.errors import NotFound
from app.surveys.models import Survey, SurveyKey, SurveyParticipation, SurveyResponse, SurveyWave, WaveName

Turn = tuple[Literal["open", "close"], WaveName]


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


def instrument_of(survey: Survey) -> Instrument:
    """What a survey asks, as it stood when it began."""
    return Instrument.model_validate(survey.instrument)


def cohort_to_survey(session: Session, actor: Actor, cohort_id: int, *, lock: bool = False) -> Cohort:
    """A cohort whose survey this actor keeps; locked, others who open or close wait. Raises NotFound."""
    return cohort_of_academy(session, actor, cohort_id, Action.KEEP_SURVEYS, lock=lock)


def survey_of_cohort(session: Session, cohort_id: int) -> Survey | None:
    return session.scalar(select(Survey).where(Survey.cohort_id == cohort_id))


def turn(survey: Survey | None) -> Turn | None:
    """What can be done next with the waves of a survey; None after the last was closed."""
    waves = survey.waves if survey else []
    if waves and waves[-1].is_open:
        return "close", waves[-1].name
    following = list(WaveName)[len(waves) :]
    return ("open", following[0]) if following else None


def locked_wave(session: Session, wave_id: int) -> SurveyWave:
    """A wave; others who answer in it or close it wait."""
    statement = select(SurveyWave).where(SurveyWave.id == wave_id).with_for_update(of=SurveyWave, key_share=True)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one()


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


def own_survey(session: Session, trainee: Actor, survey_id: int) -> OwnSurvey:
    """One survey of a cohort of the trainee. Raises NotFound."""
    for found in own_surveys(session, trainee):
        if found.survey.id == survey_id:
            return found
    raise NotFound


def own_wave(session: Session, trainee: Actor, wave_id: int) -> tuple[OwnSurvey, SurveyWave]:
    """One wave of a survey of the trainee, open or closed. Raises NotFound."""
    for found in own_surveys(session, trainee):
        for wave in found.survey.waves:
            if wave.id == wave_id:
                return found, wave
    raise NotFound


def has_answered(session: Session, wave_id: int, trainee_id: int) -> bool:
    return session.get(SurveyParticipation, (wave_id, trainee_id)) is not None


def key_of(session: Session, survey_id: int) -> SurveyKey | None:
    return session.scalar(select(SurveyKey).where(SurveyKey.survey_id == survey_id))


def responses(session: Session, wave_id: int) -> list[tuple[str | None, Mapping[str, int]]]:
    """Mark and answers of every response of a wave, in the order of their numbers, which says nothing."""
    statement = select(SurveyResponse.mark, SurveyResponse.answers).where(SurveyResponse.wave_id == wave_id)
    return [(row.mark, row.answers) for row in session.execute(statement.order_by(SurveyResponse.number))]


def answers_of_closed(
    session: Session, survey: Survey | None
) -> dict[WaveName, list[tuple[str | None, Mapping[str, int]]]]:
    """Responses of each wave that is closed, of which alone figures may be shown."""
    closed = [wave for wave in survey.waves if not wave.is_open] if survey else []
    return {wave.name: responses(session, wave.id) for wave in closed}


def responses_with_mark(session: Session, survey_id: int, mark: str) -> list[tuple[SurveyWave, SurveyResponse]]:
    """What was answered with the code of this mark, by wave."""
    statement = (
        select(SurveyWave, SurveyResponse)
        .join(SurveyResponse, SurveyResponse.wave_id == SurveyWave.id)
        .where(SurveyWave.survey_id == survey_id, SurveyResponse.mark == mark)
        .order_by(SurveyWave.id)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def count_enrolled(session: Session, cohort_id: int) -> int:
    """Trainees of a cohort now."""
    return session.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.cohort_id == cohort_id)) or 0

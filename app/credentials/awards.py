"""What a credential may be issued for: a finished module, or a level of a competency.

What credentials say is in English, whatever the reader's language: they are read far from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.competencies import estimation
from app.competencies.estimation import METHOD_VERSION
from app.competencies.queries import Skill
from app.content.schemas import Catalogue, Competency, Module

LEVELS = {1: "aware", 2: "user", 3: "practitioner", 4: "lead"}
# By then evidence of the day of issue counts a quarter.
HALF_LIVES_VALID = 2


@dataclass(frozen=True)
class Achievement:
    """Something that anybody may achieve. name: in addresses. kind: as Open Badges call it."""

    name: str
    kind: str
    title: str
    description: str
    criteria: str


@dataclass(frozen=True)
class Award:
    """An achievement of one person. narrative: what it rests on, "" for nothing beyond the criteria.

    since: when the conditions were met. valid_until: None for ever.
    """

    achievement: Achievement
    narrative: str
    since: datetime
    valid_until: datetime | None

    @property
    def name(self) -> str:
        return self.achievement.name


def of_module(module: Module) -> Achievement:
    return Achievement(
        name=f"module-{module.id}",
        kind="Course",
        title=module.title.en,
        description=module.summary.en,
        criteria="Every lesson, quiz, simulation and notebook lab of the module was finished at the academy.",
    )


def of_level(competency: Competency, level: int) -> Achievement:
    return Achievement(
        name=f"{competency.code}-level-{level}",
        kind="Competency",
        title=f"{competency.code} {competency.title.en}, level {level}: {LEVELS[level]}",
        description=competency.levels[level - 1].en,
        criteria=_level_criteria(level),
    )


def known(catalogue: Catalogue) -> dict[str, Achievement]:
    """Everything that may be achieved, by name."""
    modules = [of_module(module) for module in catalogue.modules.values()]
    levels = [of_level(each, level) for each in catalogue.competencies.values() for level in LEVELS]
    return {each.name: each for each in (*modules, *levels)}


def for_module(module: Module, finished_at: datetime) -> Award:
    return Award(of_module(module), "", finished_at, None)


def for_level(competency: Competency, skill: Skill, now: datetime) -> Award | None:
    """The award for the level that a skill has reached; None while it is not yet known."""
    found = skill.estimate
    if found.level is None:
        return None
    check = found.checks[found.level - 1]
    narrative = (
        f"Estimated share of such tasks that would be mastered: {found.mean:.0%} (80% interval {found.low:.0%} to "
        f"{found.high:.0%}) from {len(skill.evidence)} pieces of evidence with an effective weight of "
        f"{found.effective_weight:.1f}; probability of {check.probability:.0%} that it exceeds {check.threshold:.0%}. "
        f"Method {METHOD_VERSION}."
    )
    valid = timedelta(days=HALF_LIVES_VALID * estimation.half_life_days(competency.code))
    return Award(of_level(competency, found.level), narrative, now, now + valid)


def _level_criteria(level: int) -> str:
    kinds = {
        3: " of two kinds, one of them practice,",
        4: (
            ", of three kinds, one of them practice (a simulation or a notebook), and with a written product that two "
            "people marked,"
        ),
    }
    weight = f"{estimation.MINIMUM_WEIGHTS[level - 1]:.0f} or more"
    return (
        f"By the evidence the share of such tasks that would be mastered exceeds "
        f"{estimation.THRESHOLDS[level - 1]:.0%} with a probability of at least {estimation.CONFIDENCE:.0%}, and the "
        f"evidence{kinds.get(level, '')} has an effective weight of {weight}."
    )

"""Appropriate reliance: what somebody does with advice after having answered alone.

Source: Schemmer, Kuehl, Benz, Bartos & Satzger (2023), "Appropriate reliance on AI advice", IUI '23.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulations.types import Case


@dataclass(frozen=True)
class Judgement:
    """A case with the answer given before the advice was seen, and the one given after."""

    case: Case
    first: str
    final: str

    @property
    def tool_could_help(self) -> bool:
        """The own answer was wrong and the advice right."""
        return self.first != self.case.truth and self.case.advice == self.case.truth

    @property
    def tool_could_mislead(self) -> bool:
        """The own answer was right and the advice wrong."""
        return self.first == self.case.truth and self.case.advice != self.case.truth


@dataclass(frozen=True)
class Share:
    """``hits`` out of ``of`` cases."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None of no cases."""
        return self.hits / self.of if self.of else None


@dataclass(frozen=True)
class Reliance:
    """Counts over judged cases.

    ``helped``: of cases where the tool could help, those in which its advice was taken (relative AI reliance, RAIR).
    ``stood_firm``: of cases where it could mislead, those in which the own answer was kept (relative self-reliance,
    RSR). ``first``, ``final`` and ``tool``: right answers of all cases.
    """

    helped: Share
    stood_firm: Share
    first: Share
    final: Share
    tool: Share

    @property
    def outcome(self) -> float | None:
        """Share of the cases in which own answer and advice differed in being right that were decided well, 0 to 1."""
        return Share(self.helped.hits + self.stood_firm.hits, self.helped.of + self.stood_firm.of).value

    @property
    def telling_cases(self) -> int:
        """Number of cases that say something about reliance."""
        return self.helped.of + self.stood_firm.of


def reliance(judgements: Sequence[Judgement]) -> Reliance:
    """Count judged cases."""
    helpful = [each for each in judgements if each.tool_could_help]
    misleading = [each for each in judgements if each.tool_could_mislead]
    return Reliance(
        helped=Share(sum(each.final == each.case.advice for each in helpful), len(helpful)),
        stood_firm=Share(sum(each.final == each.first for each in misleading), len(misleading)),
        first=Share(sum(each.first == each.case.truth for each in judgements), len(judgements)),
        final=Share(sum(each.final == each.case.truth for each in judgements), len(judgements)),
        tool=Share(sum(each.case.advice == each.case.truth for each in judgements), len(judgements)),
    )

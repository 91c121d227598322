"""Value types every scenario shares; all are frozen and free of any web or database type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = int | float | str
Language = Literal["en", "ur"]
LANGUAGES: tuple[Language, ...] = ("en", "ur")
Better = Literal["lower", "higher", "even"]
FieldKind = Literal["integer", "number", "share", "choice"]


class ScenarioError(Exception):
    """A scenario folder is malformed; the message names the file, the key, the fault and the remedy."""


class UnknownScenario(ScenarioError):
    """No scenario folder bears this id."""


class UnknownPolicy(ScenarioError):
    """Neither the scenario nor the engine has a policy of this name."""


@dataclass(frozen=True)
class Field:
    """One input of the decision form.

    ``minimum``, ``maximum`` and ``step`` are in ``unit``; they are zero for a choice. A share runs
    from 0 to 1.
    """

    id: str
    kind: FieldKind
    unit: str
    minimum: float
    maximum: float
    step: float
    default: Value
    choices: tuple[str, ...]
    group: str


@dataclass(frozen=True)
class SumRule:
    """The named fields must add up to ``total`` (in ``unit``)."""

    field_ids: tuple[str, ...]
    total: float
    unit: str


@dataclass(frozen=True)
class Kpi:
    """An indicator, its unit, the direction that is better and the decimals to show."""

    id: str
    unit: str
    better: Literal["lower", "higher"]
    decimals: int


@dataclass(frozen=True)
class InquiryKind:
    """A question the officer may ask: ``minutes`` flat, plus ``minutes_per_unit`` times its argument."""

    id: str
    minutes: int
    argument: Field | None = None
    minutes_per_unit: int = 0

    @property
    def default_argument(self) -> int | None:
        """The size its form proposes; None of an inquiry without one."""
        return None if self.argument is None else int(self.argument.default)

    def cost(self, argument: int | None) -> int:
        """Office minutes this inquiry takes."""
        return self.minutes + self.minutes_per_unit * (argument or 0)


@dataclass(frozen=True)
class Decision:
    """The form of one round (1-based)."""

    round: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Inquiry:
    """One inquiry made before the decision of its round."""

    round: int
    inquiry_id: str
    argument: int | None = None


Event = Decision | Inquiry


@dataclass(frozen=True)
class Problem:
    """Why an event is refused; ``code`` and ``values`` feed the sentence of ``Texts.problem``."""

    field_id: str | None
    code: str
    values: Mapping[str, Value] = field(default_factory=dict)


class InvalidEvent(Exception):
    """An event breaks the scenario's rules; nothing is clamped and nothing is guessed."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.field_id or '-'}: {p.code} {dict(p.values)}" for p in problems))
        self.problems = problems


@dataclass(frozen=True)
class Finding:
    """What one inquiry brought back."""

    round: int
    inquiry_id: str
    argument: int | None
    values: Mapping[str, float]


@dataclass(frozen=True)
class Advice:
    """One suggestion of the AI tool: its label, how sure it says it is (0 to 1) and the figures behind it."""

    subject: str
    label: str
    confidence: float
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Case:
    """One matter of this round, judged by the officer before the tool's advice on it is seen.

    ``values`` is what the officer may know of it; ``advice`` and ``truth`` are among ``answers``; ``group`` is one
    of the groups that ``Equity`` compares.
    """

    id: str
    values: Mapping[str, Value]
    answers: tuple[str, ...]
    advice: str
    confidence: float
    truth: str
    group: str


@dataclass(frozen=True)
class Equity:
    """How unequally a run treated groups: the indicator, what it must not exceed, and the figure of each group.

    ``better``: whether a group is better off with a lower or a higher figure, or ("even") with one nearer to 1.
    """

    value: float
    threshold: float
    groups: Mapping[str, float]
    better: Better = "lower"

    @property
    def exceeded(self) -> bool:
        """Whether the gate holds the outcome score down."""
        return self.value > self.threshold


@dataclass(frozen=True)
class SituationRow:
    """One line of the table on the officer's desk."""

    id: str
    values: Mapping[str, float]


@dataclass(frozen=True)
class Situation:
    """What the officer may know at the start of a round; never the hidden truth.

    ``told_by_tool``: columns of ``table`` that are the tool's word, to be shown after cases have been judged.
    """

    figures: Mapping[str, float]
    table: tuple[SituationRow, ...]
    advice: tuple[Advice, ...]
    events: tuple[str, ...]
    told_by_tool: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoundResult:
    """What one round brought.

    ``kpis`` are what the office reports and may be shown at once; ``truth`` is for the debrief only.
    """

    round: int
    kpis: Mapping[str, float]
    truth: Mapping[str, float]
    events: tuple[str, ...]
    decision: Decision


@dataclass(frozen=True)
class Run:
    """A replayed run: a pure function of scenario, seed and events."""

    scenario_id: str
    seed: int
    next_round: int
    finished: bool
    minutes_left: int
    results: tuple[RoundResult, ...]
    findings: tuple[Finding, ...]
    situation: Situation
    defaults: Mapping[str, Value]
    digest: str


@dataclass(frozen=True)
class Score:
    """Outcome of a finished run against reference policies on the same seed.

    ``outcome`` is 0..100 as shown; ``raw`` keeps the value clipped to -50..110 before the equity gate.
    ``loss`` is in the scenario's unit (lower is better) and ``parts`` add up to it. ``groups`` holds what equity
    compares, by reference policy and then by group; that of the run itself is under ``own``; ``group_better`` says
    how a group is better off; see ``Equity``.
    """

    outcome: float
    raw: float
    loss: float
    baseline_loss: float
    best_loss: float
    equity_value: float
    equity_threshold: float
    capped: bool
    parts: Mapping[str, float]
    reference_kpis: Mapping[str, Mapping[str, float]]
    groups: Mapping[str, Mapping[str, float]]
    group_better: Better


@dataclass(frozen=True)
class RoundRegret:
    """Expected loss a round's decision gave away, and what the baseline and the tool alone would have given away."""

    round: int
    regret: float
    reference_gap: float
    tool_gap: float


@dataclass(frozen=True)
class DecisionScore:
    """Quality of the decisions with luck averaged out, 0..100."""

    score: float
    rounds: tuple[RoundRegret, ...]
    replicates: int


@dataclass(frozen=True)
class ReferenceSummary:
    """Average reference losses over many seeds, computed ahead and published with the scenario."""

    digest: str
    seeds: int
    mean_loss: Mapping[str, float]
    best_policy: str
    paired_gap: float
    paired_error: float
    floor: float

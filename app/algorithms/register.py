"""Each algorithm that the portal has, in words, with the numbers that the running code goes by."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from app.algorithms.measured import calibration
from app.cohorts import growth
from app.competencies import estimation
from app.content.schemas import Instrument
from app.core import privacy
from app.core.charts import format_number, percent
from app.core.wording import isolated
from app.notebooks.velocity import IDLE_SECONDS, LEAST_MINUTES
from app.nudges.queries import PAUSE
from app.research import material
from app.research.queries import BUDGET
from app.sims.curiosity import LEAST_RUNS_OF_TREND, LONGEST_PAUSE_SECONDS
from app.sims.scores import LEAST_REFERENCE_RUNS, LEAST_TELLING_CASES
from app.surveys.service import LATER_AFTER
from foresight.delphi import LEAST_EXPERTS, SETTLED
from foresight.gap import ENOUGH_ASSESSED
from foresight.method import METHOD_VERSION as FORESIGHT_VERSION
from foresight.method import PLAN_YEARS, RELATIVE_GAP, SOLVER_NODES, SOLVER_NODES_TO_A_PLAN
from foresight.sampling import DRAWS
from grading import similarity
from grading.types import MOST_CANARIES
from simulations.curiosity import desk, index

Number = tuple[str, str]


@dataclass(frozen=True)
class Algorithm:
    """One entry. version: its own, "" for none; numbers: what it goes by, each with its value."""

    id: str
    name: str
    purpose: str
    inputs: str
    never: str
    error: str
    owner: str
    version: str
    numbers: tuple[Number, ...]


def register(instrument: Instrument, silent_days: int) -> tuple[Algorithm, ...]:
    """All of them, in the reader's language."""
    return (
        _estimate(),
        _on_track(silent_days),
        _nudges(),
        _small_groups(),
        _growth(),
        _curiosity(),
        _findings(),
        _reliance(),
        _forgery(),
        _similarity(),
        _gap(),
        _plan(),
        _survey(instrument),
        _releases(),
    )


def _academy() -> str:
    return str(_("Its use: the administrator of the academy. Its method: the makers of Hunar."))


def _instructors() -> str:
    return str(_("Its use: the instructors of the cohort. Its method: the makers of Hunar."))


def _list(values: tuple[float, ...], decimals: int) -> str:
    return ", ".join(isolated(format_number(each, decimals)) for each in values)


def _estimate() -> Algorithm:
    low, high = estimation.INTERVAL
    return Algorithm(
        id="estimate",
        name=_("Estimate of a skill and its level"),
        purpose=_(
            "Tells a trainee and the academy what somebody can probably do, how sure that is, and what to learn next."
        ),
        inputs=_(
            "Answers to quizzes, decisions and questions in simulations, graded cells of notebooks, marked texts, "
            "courses elsewhere and attestations at work: what was done, when, and how hard it was; of what people "
            "marked, how far the markers of the academy agree. No name, gender, age, department or grade."
        ),
        never=_(
            "Marks, admission to a course, posting, promotion or discipline. Nothing in the portal happens to "
            "anybody by an estimate alone; a level only allows the trainee to ask for a credential."
        ),
        error=_(
            "Every estimate is shown with a range that should hold the truth in %(held)s of cases. On simulated "
            "trainees whose skill is known it was measured on %(day)s; see the table below. With real trainees it "
            "was not measured yet.",
            held=percent(high - low),
            day=isolated(calibration().measured_on),
        ),
        owner=_academy(),
        version=estimation.METHOD_VERSION,
        numbers=(
            (_("Half of the weight of evidence is gone after (days)"), format_number(estimation.HALF_LIFE_DAYS, 0)),
            (_("A level begins at an estimate of"), _list(estimation.THRESHOLDS, 2)),
            (_("Least weight of evidence for levels 1 to 4"), _list(estimation.MINIMUM_WEIGHTS, 0)),
            (_("How sure a level must be"), percent(estimation.CONFIDENCE)),
            (
                _("What people marked counts for, from no agreement to full agreement"),
                ", ".join(percent(each) for each in estimation.RELIABILITY_RANGE),
            ),
            (_("The same, before any work was marked twice"), percent(estimation.reliability(0, None))),
            (_("Pairs of marks that this assumption counts like"), str(estimation.ASSUMED_PAIRS)),
        ),
    )


def _on_track(silent_days: int) -> Algorithm:
    return Algorithm(
        id="on-track",
        name=_("Who is on track, behind or silent"),
        purpose=_("Shows an instructor who may need help while a course goes on."),
        inputs=_(
            "The days of the cohort's plan, what the trainee has done, and when they last did something in the module."
        ),
        never=_("Marks, skill records or credentials; points play no part in it, and nobody is ranked."),
        error=_(
            "A fixed rule without chance. It is wrong about whoever works where the portal does not see it: on "
            "paper, or without a link until the work arrives."
        ),
        owner=_instructors(),
        version="",
        numbers=((_("Days without a trace of work until somebody is called silent"), str(silent_days)),),
    )


def _nudges() -> Algorithm:
    return Algorithm(
        id="nudges",
        name=_("Proposals whom to nudge"),
        purpose=_("Proposes to an instructor whom to write to, and a text. A person decides and sends."),
        inputs=_(
            "Who is behind or silent by the rule above, what is overdue, and when the cohort was last written to."
        ),
        never=_("Sent without a person; kept as a remark about anybody; used for marks."),
        error=_("As wrong as the rule above."),
        owner=_instructors(),
        version="",
        numbers=((_("Days until the same cohort may nudge somebody again"), str(PAUSE.days)),),
    )


def _small_groups() -> Algorithm:
    return Algorithm(
        id="small-groups",
        name=_("Withholding figures of small groups"),
        purpose=_(
            "Keeps figures about groups from telling of single people, also by subtracting one figure from another."
        ),
        inputs=_("How many people a figure is about, and which people two groups have in common."),
        never=_("Judging anybody. It only decides what is shown."),
        error=_(
            "It protects figures from each other. It cannot protect from what a reader knows from elsewhere, or "
            "remembers of a page that was read before."
        ),
        owner=_academy(),
        version="",
        numbers=(
            (_("Fewest people of a figure"), str(privacy.SMALLEST_GROUP)),
            (_("Fewest people of a figure of a survey"), str(privacy.SMALLEST_SURVEYED_GROUP)),
            (_("Fewest people of an exact figure"), str(privacy.SMALLEST_EXACT_GROUP)),
            (_("Width of the bands below that"), percent(privacy.BAND)),
        ),
    )


def _growth() -> Algorithm:
    return Algorithm(
        id="growth",
        name=_("Growth and comparison of cohorts"),
        purpose=_("Tells an academy how far a cohort came, and how large the uncertainty of that is."),
        inputs=_("Estimates of the same people at two moments, of groups that are large enough."),
        never=_("Ranking cohorts or instructors, or telling of one person."),
        error=_(
            "Shown with an interval by resampling. Nobody was assigned to a course by chance, so that growth may "
            "have other causes than the course."
        ),
        owner=_academy(),
        version="",
        numbers=(
            (_("How sure the interval is"), percent(growth.CONFIDENCE)),
            (_("Samples drawn for it"), format_number(growth.RESAMPLES, 0)),
            (_("Fewest people for the line that shows regression to the mean"), str(growth.LEAST_FOR_LINE)),
        ),
    )


def _curiosity() -> Algorithm:
    return Algorithm(
        id="curiosity",
        name=_("Curiosity in simulations"),
        purpose=_("Shows after a simulation which questions would have told most, and what was made of the answers."),
        inputs=_("Questions and decisions in the simulation and the time between them, pauses cut."),
        never=_(
            "Marks. Pace and the index are never evidence; aim and uptake are evidence of asking well, with the "
            "weight of their kind."
        ),
        error=_(
            "The value of a question is computed in simulated offices, and the index is shown with an interval by "
            "resampling of rounds. Reading between two acts counts up to the longest pause, so that minutes are rather "
            "too few. Whether it tells of curiosity outside the simulation is not known."
        ),
        owner=_instructors(),
        version="",
        numbers=(
            (_("Possible offices among which a question is valued"), str(desk.WORLDS)),
            (_("Samples drawn for it"), str(index.BOOTSTRAPS)),
            (_("Fewest rounds, and fewest questions, for an index"), f"{index.LEAST_ROUNDS}, {index.LEAST_INQUIRIES}"),
            (_("A pause counts at most (seconds)"), format_number(LONGEST_PAUSE_SECONDS, 0)),
            (_("Usual minutes of a round, while too few have played it"), format_number(index.REFERENCE_MINUTES, 0)),
            (_("First runs of a simulation whose median takes their place"), str(LEAST_REFERENCE_RUNS)),
            (_("Fewest runs for a trend"), str(LEAST_RUNS_OF_TREND)),
        ),
    )


def _findings() -> Algorithm:
    return Algorithm(
        id="findings",
        name=_("Curiosity in notebooks"),
        purpose=_("Shows a trainee what they found of that which was planted in the data of a lab, and what is left."),
        inputs=_(
            "Findings that the trainee recorded and left in the list, and the times at which their notebook was saved, "
            "questions of the curiosity log were noted and findings recorded. Only with consent."
        ),
        never=_(
            "Marks, estimates, evidence, or figures of a group. Nobody but the trainee sees it, and the cells that "
            "were run are not counted."
        ),
        error=_(
            "A fixed rule without chance. Time spent reading without a saving is counted up to a minute at a time, "
            "and work without a link counts only when it arrives, so that minutes are rather too few. Whether it tells "
            "of curiosity elsewhere is not known."
        ),
        owner=_("Its use: the trainee. Its method: the makers of Hunar."),
        version="",
        numbers=(
            (_("A pause counts at most (seconds)"), format_number(IDLE_SECONDS, 0)),
            (_("Fewest active minutes that are counted"), format_number(LEAST_MINUTES, 0)),
        ),
    )


def _reliance() -> Algorithm:
    return Algorithm(
        id="reliance",
        name=_("Reliance on an AI tool in simulations"),
        purpose=_("Shows whether somebody follows a tool where it is right and stands firm where it is wrong."),
        inputs=_(
            "The own answer to a case before the tool speaks, its advice, the answer after it, and what was right."
        ),
        never=_("Marks or a judgement of character; it says nothing of real tools."),
        error=_("A share of few cases and therefore coarse; with fewer telling cases it is no evidence at all."),
        owner=_instructors(),
        version="",
        numbers=((_("Fewest telling cases"), str(LEAST_TELLING_CASES)),),
    )


def _forgery() -> Algorithm:
    return Algorithm(
        id="forgery",
        name=_("Signs that the tests of a notebook were bent"),
        purpose=_(
            "Finds submissions that pass their tests by something other than right answers, and puts them before a "
            "person."
        ),
        inputs=_("The submitted notebook and what its cells gave when they were run."),
        never=_("An accusation or a decision: none of the signs is a proof, and an instructor looks and decides."),
        error=_(
            "Both errors happen: honest work can show a sign, and a clever forgery none. How often is not known for "
            "real trainees; tests of the product hold known forgeries and honest notebooks against it."
        ),
        owner=_instructors(),
        version="",
        numbers=((_("Most hidden probes beside the tests"), str(MOST_CANARIES)),),
    )


def _similarity() -> Algorithm:
    return Algorithm(
        id="similarity",
        name=_("Pairs of submissions that share passages"),
        purpose=_("Shows an instructor which submissions of one lab are alike, passage by passage."),
        inputs=_("The submitted notebooks of one cohort, without what was given out and what many wrote."),
        never=_("Points, or a claim of who copied from whom: people may have worked together as they should."),
        error=_("It finds longer passages surely and misses rewritten ones; short tasks look alike by themselves."),
        owner=_instructors(),
        version="",
        numbers=(
            (_("Length of a passage in signs of a program"), str(similarity.GRAMS["code"])),
            (_("Length of a passage in words"), str(similarity.GRAMS["markdown"])),
            (_("Most characters of a notebook that are compared"), str(similarity.MOST_CHARACTERS)),
            (_("Least share that is shown"), percent(similarity.LEAST_SHARE)),
            (_("What so many wrote is left out"), percent(similarity.COMMON_SHARE)),
        ),
    )


def _gap() -> Algorithm:
    return Algorithm(
        id="gap",
        name=_("Foresight: gap between skills needed and skills there"),
        purpose=_("Helps an academy to see which departments will lack whom."),
        inputs=_(
            "Figures of posts, retirements and plans that departments gave, and shares of groups by the estimates."
        ),
        never=_("Decisions about a person, a posting or a post; nobody is named in it."),
        error=_(
            "Shown with a range over many draws, and with the inputs that move it most. Scenarios are assumptions."
        ),
        owner=_academy(),
        version=FORESIGHT_VERSION,
        numbers=(
            (_("Draws"), str(DRAWS)),
            (_("Below this share of assessed staff, others are believed in part"), percent(ENOUGH_ASSESSED)),
            (_("Fewest experts who answer in a round of a panel"), str(LEAST_EXPERTS)),
            (_("Change of an interquartile range below which experts have settled"), percent(SETTLED)),
        ),
    )


def _plan() -> Algorithm:
    return Algorithm(
        id="training-plan",
        name=_("Foresight: training plan"),
        purpose=_("Proposes how many seats of which course go to which department, so that the gap becomes smallest."),
        inputs=_("The gap, seats, hours of trainers, cost and the budget, and what is promised to departments."),
        never=_("Choosing who attends: it counts seats. The academy decides."),
        error=_(
            "As uncertain as the gap. The solver (HiGHS) stops near the best plan; prices beside it are exact at the "
            "margin."
        ),
        owner=_academy(),
        version=FORESIGHT_VERSION,
        numbers=(
            (_("How near to the best plan it stops"), f"{format_number(100 * RELATIVE_GAP, 1)}%"),
            (_("Most nodes of the search"), str(SOLVER_NODES)),
            (_("Most nodes where these hold no plan"), format_number(SOLVER_NODES_TO_A_PLAN, 0)),
            (_("Years"), str(PLAN_YEARS)),
        ),
    )


def _survey(instrument: Instrument) -> Algorithm:
    return Algorithm(
        id="survey",
        name=_("Scales and change in surveys"),
        purpose=_("Tells an academy what a group expects and fears of AI, and how that changes."),
        inputs=_("Answers that bear no name, linked over time only by a code that the person alone has."),
        never=_("Single people, skill records or marks; nobody is told who answered."),
        error=_("Shown with intervals and reliability. The items are our own and were not tried on enough people."),
        owner=_academy(),
        version=_("questions, version %(version)s", version=instrument.version),
        numbers=(
            (_("Fewest people of a figure"), str(privacy.SMALLEST_SURVEYED_GROUP)),
            (_("Days after the course until the last wave"), str(LATER_AFTER.days)),
        ),
    )


def _releases() -> Algorithm:
    return Algorithm(
        id="releases",
        name=_("Making releases for research anonymous"),
        purpose=_(
            "Coarsens tables about those who agreed, so that each person looks like others, and adds noise to counts."
        ),
        inputs=_("Department, band of grade, district, language and evidence of those who agree to research."),
        never=_("People who did not agree, and anything in the portal itself."),
        error=_("Counts are off by their noise, on purpose. Somebody who knows much of a person may still find them."),
        owner=_academy(),
        version="",
        numbers=(
            (_("Fewest people who look alike"), str(material.K)),
            (_("Epsilon of each count"), format_number(material.EPSILON, 0)),
            (_("Epsilon that a year may spend"), format_number(BUDGET, 0)),
        ),
    )

"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Ints, stream
from simulations.estimates import LEAST_SHARE, share_stability
from simulations.inquiries import DECOYS, plain, wilson
from simulations.scenarios.grievance.office import CLOSED, FUTURE, OPEN, SILENT, State
from simulations.scenarios.grievance.world import DISTRICTS, LANGUAGES, POOREST_DISTRICT, URGENT, Complaints, Parameters


@dataclass(frozen=True)
class View:
    """Where the inquiry is made."""

    p: Parameters
    seed: int
    flooded: tuple[int, ...]
    table: Complaints
    state: State

    @property
    def visible(self) -> Bools:
        """Complaints the office has on file."""
        return np.asarray((self.state.status != FUTURE) & (self.state.status != SILENT), dtype=np.bool_)

    def sample(self, name: str, rows: Ints, size: int) -> Ints:
        """A simple random sample without replacement of at most ``size`` rows."""
        die = stream(self.seed, f"inquiry:{name}", self.state.round).random(len(self.table))
        return np.asarray(rows[np.argsort(die[rows], kind="stable")[:size]], dtype=np.intp)


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's own claim and whom it was tested on."""
    sample = view.p.claimed_sample
    names = dict(zip((f"n_{name}" for name in LANGUAGES), (float(n) for n in sample), strict=True))
    return {"claimed": 100 * view.p.claimed_recall, **names}


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """An audit sample of urgent complaints on file: how many the tool flags at 0.5, by language."""
    rows = view.sample("error_by_group", np.flatnonzero(view.visible & (view.table.severity == URGENT)), size)
    values: dict[str, float] = {"n": float(len(rows))}
    for number, name in enumerate(LANGUAGES):
        group = rows[view.table.language[rows] == number]
        values[f"n_{name}"] = float(len(group))
        values[f"found_{name}"] = float(np.count_nonzero(view.table.evidence[group] > 0))
    women = rows[view.table.woman[rows]]
    values["n_women_accounts"] = float(len(women))
    values["found_women_accounts"] = float(np.count_nonzero(view.table.evidence[women] > 0))
    return values


def drift_check(view: View) -> Mapping[str, float]:
    """Population stability index of the district mix: last week's mail against the usual shares."""
    new = view.visible & (view.state.seen_round == view.state.round)
    counts = np.bincount(view.table.district[new], minlength=DISTRICTS).astype(np.float64)
    now = np.maximum(counts / max(float(counts.sum()), 1.0), LEAST_SHARE)
    usual = view.p.district_shares
    return {"psi": share_stability(usual, now), "n": float(counts.sum())}


def why_this_case(view: View) -> Mapping[str, float]:
    """Additive contributions to the score of the newest complaint not flagged: text, language, account."""
    p, table = view.p, view.table
    new = np.flatnonzero(view.visible & (view.state.status == OPEN) & (table.evidence <= 0))
    if not len(new):
        return {"language": 0.0, "text": 0.0, "language_effect": 0.0, "account_effect": 0.0, "total": 0.0}
    row = new[np.argmax(table.filed_day[new])]
    means = p.evidence_means[:, :, 2]
    language = float(means[table.language[row], 0] - means[:, 0].max())
    account = float(means[table.language[row], int(table.woman[row])] - means[table.language[row], 0])
    total = float(table.evidence[row])
    return {
        "language": float(table.language[row]),
        "text": total - language - account,
        "language_effect": language,
        "account_effect": account,
        "total": total,
    }


def history(view: View) -> Mapping[str, float]:
    """Usual complaints a week by class over the last year, and the mean hours of work they bring."""
    p = view.p
    return {
        **{f"class_{number}": float(mean) for number, mean in enumerate(p.arrivals_per_week)},
        "hours": float((p.arrivals_per_week * p.work_hours).sum()),
    }


def field_officer(view: View) -> Mapping[str, float]:
    """A field officer's word on how many complaints closed on paper come back."""
    asked = stream(view.seed, "inquiry:field_officer", view.state.round)
    return {"n": 20.0, "back": float(asked.binomial(20, view.p.paper_reopen_share))}


def call_back_sample(view: View, size: int) -> Mapping[str, float]:
    """Citizens of closed complaints called: how many say the matter is solved, with a Wilson interval."""
    rows = view.sample("call_back_sample", np.flatnonzero(view.state.status == CLOSED), size)
    n, solved = len(rows), int(np.count_nonzero(view.state.solved[rows]))
    low, high = wilson(solved, n)
    return {"n": float(n), "solved": float(solved), "low": 100 * low, "high": 100 * high}


def silent_area(view: View) -> Mapping[str, float]:
    """Complaints of last week from the district furthest below its usual number."""
    new = view.visible & (view.state.seen_round == view.state.round)
    counts = np.bincount(view.table.district[new], minlength=DISTRICTS).astype(np.float64)
    usual = view.p.district_shares * view.p.arrivals_per_week.sum()
    if view.state.round == 1:
        usual = usual * view.p.initial_backlog_weeks
    lowest = int(np.argmin(np.round(counts / usual, 9)))
    return {
        "district": float(lowest),
        "registered": float(counts[lowest]),
        "usual": float(usual[lowest]),
        "poorest": float(counts[POOREST_DISTRICT]),
        "poorest_usual": float(usual[POOREST_DISTRICT]),
    }


Answer = Callable[[View, int], Mapping[str, float]]


ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "call_back_sample": call_back_sample,
    "silent_area": plain(silent_area),
    **DECOYS,
}

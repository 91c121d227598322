"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Bools, Floats, Ints, stream
from simulations.estimates import percent, stability_index
from simulations.inquiries import DECOYS, plain, wilson
from simulations.scenarios.tax_audit import response
from simulations.scenarios.tax_audit.office import PAST, RANDOM, State
from simulations.scenarios.tax_audit.report import gap_estimate
from simulations.scenarios.tax_audit.tool import COLUMNS, VENDOR, Score, Trainer
from simulations.scenarios.tax_audit.world import (
    BEHAVIOUR,
    BORDER_DISTRICT,
    INPUT_RATIO,
    SECTORS,
    Firms,
    Parameters,
    behaviour,
    draw_quarter,
)

ASKED_FIRMS = 20
FLAG = 0.5
RARE_CHANCE = 0.01


@dataclass(frozen=True)
class View:
    """Where the inquiry is made; ``rows`` is what the tool reads of every firm this quarter."""

    p: Parameters
    seed: int
    firms: Firms
    state: State
    rows: Floats

    @property
    def score(self) -> Score:
        """The score as the vendor delivered it."""
        return Trainer(self.p, self.state.records, self.state.round).score(VENDOR, 0)

    def sample(self, name: str, rows: Ints, size: int) -> Ints:
        """A simple random sample without replacement of at most ``size`` of the rows."""
        die = stream(self.seed, f"inquiry:{name}", self.state.round).random(len(rows))
        return np.asarray(rows[np.argsort(die, kind="stable")[:size]], dtype=np.intp)


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's own claim and on whom it was tested."""
    past = view.state.records.arm == PAST
    familiar = view.firms.familiar[view.state.records.firm[past]]
    return {
        "claimed": view.p.claimed_auc,
        "n": float(np.count_nonzero(past)),
        "familiar": percent(float(np.count_nonzero(familiar)), float(len(familiar))),
    }


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Books of firms drawn by lot are read: how often the tool's verdict at one half is right, by group.

    A third each: small retailers of the familiar districts, firms of the border district, all others.
    """
    evading = _books(view)
    flagged = view.score.probability(view.rows) > FLAG
    border = (view.firms.district == BORDER_DISTRICT) & ~view.firms.familiar
    groups = {"familiar": view.firms.familiar, "border": border, "other": ~view.firms.familiar & ~border}
    values: dict[str, float] = {}
    for name, group in groups.items():
        rows = view.sample(f"error:{name}", np.flatnonzero(group), size // len(groups))
        values[f"n_{name}"] = float(len(rows))
        values[f"right_{name}"] = float(np.count_nonzero(evading[rows] == flagged[rows]))
        values[f"false_{name}"] = float(np.count_nonzero(flagged[rows] & ~evading[rows]))
    return values


def _books(view: View) -> Bools:
    """What books would show: who evades when nobody audits, by dice of the inquiry's own."""
    p, firms = view.p, view.firms
    die = stream(view.seed, "inquiry:books", view.state.round).random(len(firms))
    return np.asarray(die < response.chance_of_evasion(p, firms, np.zeros(len(firms))), dtype=np.bool_)


def drift_check(view: View) -> Mapping[str, float]:
    """Population stability index of the input ratio and of the bank proxy against the time before the run."""
    noise = draw_quarter(view.p, view.seed, 0).noise
    then = behaviour(view.p, view.firms, noise, 0, 0.0)
    bank = BEHAVIOUR.index("bank_proxy")
    return {
        "psi_input": stability_index(then[:, INPUT_RATIO], view.rows[:, INPUT_RATIO]),
        "psi_bank": stability_index(then[:, bank], view.rows[:, bank]),
    }


def why_this_case(view: View) -> Mapping[str, float]:
    """Additive contributions to the log-odds of the firm with the highest score."""
    score = view.score
    row = view.rows[int(np.argmax(score.logit(view.rows)))]
    share = row * score.weights
    place = {name: number for number, name in enumerate(COLUMNS)}
    districts = float(sum(share[place[name]] for name in COLUMNS if name.startswith("district")))
    names = (*BEHAVIOUR, "size", "small_retail")
    values = {name: float(share[place[name]]) for name in names}
    total = float(score.logit(row[None, :])[0])
    rest = total - districts - sum(values.values())
    return {**values, "where": districts, "rest": rest, "total": total}


def history(view: View) -> Mapping[str, float]:
    """Past audits by sector, and the share of them that went to small retailers of two districts."""
    records, firms = view.state.records, view.firms
    past = records.arm == PAST
    counts = np.bincount(firms.sector[records.firm[past]], minlength=len(SECTORS))
    familiar = firms.familiar[records.firm[past]]
    return {
        **{f"sector_{number}": float(count) for number, count in enumerate(counts)},
        "n": float(np.count_nonzero(past)),
        "familiar": percent(float(np.count_nonzero(familiar)), float(len(familiar))),
        "familiar_firms": 100 * float(firms.familiar.mean()),
        "found": percent(float(np.count_nonzero(records.found[past])), float(np.count_nonzero(past))),
    }


def field_officer(view: View) -> Mapping[str, float]:
    """A field officer's word: of twenty firms, how many have rearranged their invoices to suit the tool."""
    learnt = 1 - (1 - view.p.signal_decay) ** view.state.exposure
    asked = stream(view.seed, "inquiry:field_officer", view.state.round)
    return {"n": float(ASKED_FIRMS), "rearranged": float(asked.binomial(ASKED_FIRMS, learnt))}


def law(view: View) -> Mapping[str, float]:
    """What the rule in force makes of a high input ratio: 1 a sign of evasion, -1 of honesty."""
    return {"direction": -1.0 if view.state.round >= view.p.rule_quarter else 1.0}


def random_arm_result(view: View) -> Mapping[str, float]:
    """All random audits of the run together: evaders found, and the tax gap with its interval."""
    records = view.state.records
    mine = records.arm == RANDOM
    n, hits = int(np.count_nonzero(mine)), int(np.count_nonzero(records.found[mine]))
    low, high = wilson(hits, n)
    gap, gap_low, gap_high = gap_estimate(records.found[mine], records.quality[mine])
    return {
        "n": float(n), "hits": float(hits), "low": 100 * low, "high": 100 * high,
        "gap": gap, "gap_low": gap_low, "gap_high": gap_high,
    }  # fmt: skip


def propensity_plot(view: View) -> Mapping[str, float]:
    """Chance of an audit in the last quarter on file, by group, and how many firms had almost none."""
    records, firms = view.state.records, view.firms
    last = records.quarter == view.state.round - 1
    audited = np.zeros(len(firms), dtype=np.bool_)
    audited[records.firm[last]] = True
    by_lot = np.count_nonzero(last & (records.arm == RANDOM)) / len(firms)
    if view.state.round == 1:
        by_lot = float(records.inclusion.min())
    rare = float(np.count_nonzero(~audited)) if by_lot < RARE_CHANCE else 0.0
    return {
        "familiar": 100 * float(audited[firms.familiar].mean()) if firms.familiar.any() else 0.0,
        "other_small": 100 * float(audited[~firms.familiar & ~firms.large].mean()),
        "large": 100 * float(audited[firms.large].mean()),
        "least": 100 * by_lot,
        "rare": rare,
    }


Answer = Callable[[View, int], Mapping[str, float]]


ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "law": plain(law),
    "random_arm_result": plain(random_arm_result),
    "propensity_plot": plain(propensity_plot),
    **DECOYS,
}

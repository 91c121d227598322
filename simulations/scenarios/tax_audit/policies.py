"""Four reference policies. They see what the office knows (``Desk``), never the hidden truth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import Floats, Ints
from simulations.scenarios.tax_audit.office import AUDITS, PAST, State
from simulations.scenarios.tax_audit.response import deterrence_slope
from simulations.scenarios.tax_audit.world import SECTORS, Firms, Parameters
from simulations.types import Value

FIELD_SHARE = 0.5


@dataclass(frozen=True)
class Desk:
    """What the office knows at the start of a quarter and a policy may use."""

    round: int
    rounds: int
    sector: Ints
    register: Floats  # tax a quarter as the register suggests, PKR m
    rested: Floats  # 1 where a firm may stand on the risk list
    hit_rate: float  # share of the run's audits that found evasion; of all past audits before there are any
    share_found: float  # mean evaded share of liability where evasion was found


def read_desk(p: Parameters, firms: Firms, state: State, rounds: int) -> Desk:
    """The desk of a position."""
    records = state.records
    recent = records.found[records.arm != PAST] if state.round > 1 else records.found
    hits = records.found[records.found > 0]
    return Desk(
        round=state.round,
        rounds=rounds,
        sector=firms.sector,
        register=firms.register,
        rested=(state.round - state.last_audit > p.rest_quarters).astype(np.float64),
        hit_rate=float((recent > 0).mean()),
        share_found=float(hits.mean()) if len(hits) else float(p.evasion_share_range.mean()),
    )


def _form(*, risk: int, random: int, campaign: int = 0, **rest: Value) -> dict[str, Value]:
    return {
        "risk_audits": risk,
        "random_audits": random,
        "campaign_audits": campaign,
        "campaign_sector": SECTORS[0],
        "field_share": FIELD_SHARE,
        "letters": 0,
        "ai_mode": "auto",
        "ranking": "score",
        "training": "vendor",
        "features": "all",
        "ai_threshold": 0.0,
        **rest,
    }


def baseline(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """As always: every firm is drawn by lot, a third of the audits are field audits, the tool is off."""
    return _form(risk=0, random=AUDITS, field_share=0.3, ai_mode="ignore")


def greedy(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """Everything for the hit rate: all audits go to the highest scores of a tool refitted on its own hits."""
    return _form(risk=AUDITS, random=0, training="audited")


def ai_only(_p: Parameters, _desk: Desk) -> dict[str, Value]:
    """Whatever the delivered tool says."""
    return _form(risk=AUDITS, random=0)


def campaign_gains(p: Parameters, desk: Desk) -> Floats:
    """Expected gain of one campaign audit by sector, PKR m: tax found, and evasion deterred next quarter.

    Deterrence is the finite difference of the response model; in the last quarter it comes too late.
    """
    counts = np.maximum(np.bincount(desk.sector, minlength=len(SECTORS)), 1)
    mean_tax = np.bincount(desk.sector, weights=desk.register, minlength=len(SECTORS)) / counts
    found = desk.hit_rate * desk.share_found * mean_tax
    if desk.round == desk.rounds:
        return np.asarray(found, dtype=np.float64)
    deterred = p.campaign_publicity * p.cell_weight * deterrence_slope(p) * mean_tax
    return np.asarray(found + deterred, dtype=np.float64)


def marginal_risk_gain(p: Parameters, desk: Desk, audits: int) -> float:
    """Expected gain of the last of ``audits`` on the risk list, PKR m; deterrence included."""
    ranked = np.sort(desk.register * desk.rested)[::-1]
    tax = float(ranked[min(audits, len(ranked)) - 1])
    deterred = 0.0 if desk.round == desk.rounds else p.cell_weight * deterrence_slope(p) * tax
    return desk.hit_rate * desk.share_found * tax + deterred


def best(p: Parameters, desk: Desk) -> dict[str, Value]:
    """Expected yield by a score fitted with inverse chances, a random arm, a campaign where it deters more."""
    gains = campaign_gains(p, desk)
    sector = int(np.argmax(np.round(gains, 9)))
    risk = AUDITS - p.best_random
    campaign = p.best_campaign if float(gains[sector]) > marginal_risk_gain(p, desk, risk) else 0
    return _form(
        risk=risk - campaign,
        random=p.best_random,
        campaign=campaign,
        campaign_sector=SECTORS[sector],
        letters=p.best_letters,
        ranking="yield",
        training="weighted",
        features="no_input_ratio" if desk.round == p.rule_quarter else "all",
        ai_threshold=p.best_threshold,
    )


Rule = Callable[[Parameters, Desk], dict[str, Value]]
RULES: Mapping[str, Rule] = {"baseline": baseline, "greedy": greedy, "ai_only": ai_only, "best": best}

"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import stream
from simulations.inquiries import DECOYS, plain
from simulations.scenarios.ai_vendor.documents import noticed_omission
from simulations.scenarios.ai_vendor.office import Scheme, State, right_now
from simulations.scenarios.ai_vendor.policies import assistant_pick
from simulations.scenarios.ai_vendor.world import LANGUAGES, LOCAL, mean_of

RECENT_CASES = 60
PAST_FILES = 40
STAFF_ASKED = 20
REFERENCE_CASES = 25
PAGES = 40


@dataclass(frozen=True)
class View:
    """Where an inquiry is made."""

    scheme: Scheme
    state: State

    def dice(self, name: str) -> np.random.Generator:
        """Dice of an inquiry at this stage."""
        return stream(self.scheme.seed, f"inquiry:{name}", self.state.round)

    @property
    def demo(self) -> int:
        """The vendor whose system is tried: the contract's, before one the assistant's first choice."""
        return self.state.vendor if self.state.vendor >= 0 else assistant_pick(self.scheme.desk)


def ai_card(view: View) -> Mapping[str, float]:
    """What the assistant's card claims, and on which documents it was tested."""
    p = view.scheme.p
    return {"claimed": 100 * p.claimed_complete, "local": p.local_demo_documents}


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """By language, both checked: the assistant's verdicts on its summaries, and decisions of a demonstration."""
    p, half = view.scheme.p, size // len(LANGUAGES)
    right = view.scheme.truth.right[view.demo]
    if view.state.phase == "contract":
        right = tuple(float(share) for share in right_now(view.scheme, view.state))
    documents, demo = view.dice("documents"), view.dice("demo")
    values = {"n": float(half), "vendor": float(view.demo + 1)}
    for language, name in enumerate(LANGUAGES):
        values[f"summary_{name}"] = float(documents.binomial(half, noticed_omission(p, language)))
        values[f"demo_{name}"] = float(np.count_nonzero(demo.random(60)[:half] < right[language]))
    return values


def drift_check(view: View) -> Mapping[str, float]:
    """How many recent cases came in Urdu or Pashto, against what the tender documents say."""
    seen = view.dice("drift").binomial(RECENT_CASES, view.scheme.truth.local_share)
    return {"n": float(RECENT_CASES), "local": float(seen), "tender": 100 * mean_of(view.scheme.p.local_prior)}


def why_this_case(view: View) -> Mapping[str, float]:
    """Why the assistant puts its first choice first, and on which page the certificate stands; 0 means on none."""
    desk, truth = view.scheme.desk, view.scheme.truth
    first = assistant_pick(desk)
    bid = desk.bids[first]
    page = int(view.dice("page").integers(2, PAGES)) if truth.certified[first] else 0
    return {
        "vendor": float(first + 1),
        "claim": 100 * bid.claim,
        "certificate": 5.0 * bid.certificate_listed,
        "exclusion": -5.0 * bid.exclusion_listed,
        "local": 0.0,
        "page": float(page),
    }


def history(view: View) -> Mapping[str, float]:
    """More returned applications: how many came back because of the form."""
    faults = view.dice("history").binomial(PAST_FILES, view.scheme.truth.form_share)
    return {"n": float(PAST_FILES), "faults": float(faults)}


def field_officer(view: View) -> Mapping[str, float]:
    """Staff of a field office: how many would use a new system without training."""
    ready = view.dice("field_officer").binomial(STAFF_ASKED, view.scheme.truth.readiness)
    return {"n": float(STAFF_ASKED), "ready": float(ready)}


def law(view: View) -> Mapping[str, float]:
    """Whether the rule on data abroad applies to this scheme: 1 or 0."""
    return {"applies": float(view.scheme.truth.is_strict)}


def reference_call(view: View, vendor: int) -> Mapping[str, float]:
    """An office that uses this vendor's system: how many of its cases in Urdu or Pashto came out right."""
    share = view.scheme.truth.right[vendor - 1][LOCAL]
    right = view.dice(f"reference:{vendor}").binomial(REFERENCE_CASES, share)
    return {"vendor": float(vendor), "n": float(REFERENCE_CASES), "right": float(right)}


def contract_diff(view: View) -> Mapping[str, float]:
    """The bids themselves beside their summaries: what each really excludes and certifies, and what was misreported."""
    desk, truth = view.scheme.desk, view.scheme.truth
    values: dict[str, float] = {}
    for number, bid in enumerate(desk.bids):
        values[f"excludes_{number + 1}"] = float(truth.excludes[number])
        values[f"certified_{number + 1}"] = float(truth.certified[number])
        wrong = (bid.exclusion_listed != truth.excludes[number]) + (bid.certificate_listed != truth.certified[number])
        values["misreported"] = values.get("misreported", 0.0) + wrong
    return values


Answer = Callable[[View, int], Mapping[str, float]]


ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "law": plain(law),
    "reference_call": reference_call,
    "contract_diff": plain(contract_diff),
    **DECOYS,
}

"""What each inquiry brings back. Draws come from streams of their own: asking never shifts the dice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from simulations.engine import stream
from simulations.inquiries import DECOYS, plain
from simulations.scenarios.licensing import papers
from simulations.scenarios.licensing.world import GROUPS, Parameters, Truth, count

REVIEWED, STAMPS, PILOT, SCANNED, SEIZED = 12, 200, 25, 1200, 8
USUAL_SEALS = 6
CARD_REJECTS = 0.16


@dataclass(frozen=True)
class View:
    """Where the inquiry is made; the truth shows only through what is counted."""

    p: Parameters
    seed: int
    truth: Truth
    round: int

    @property
    def name_rejects(self) -> float:
        """Share of honest files with two spellings that the tool rejects."""
        return float(self.truth.name_rejects[0])

    @property
    def new_share(self) -> float:
        """Share of forgeries made with the new template, now."""
        return float(papers.new_share_now(self.p, self.truth, self.round)[0])

    def die(self, name: str) -> np.random.Generator:
        """The dice of one inquiry in this week."""
        return stream(self.seed, f"inquiry:{name}", self.round)

    def counted(self, name: str, mean: float) -> float:
        """A nearly Poisson count."""
        return float(count(np.array(mean), self.die(name).standard_normal(())))


def ai_card(view: View) -> Mapping[str, float]:
    """The vendor's claim, and how few of the files it was tested on had two spellings: a tool learns what it sees."""
    mean = view.p.card_spellings * CARD_REJECTS / view.name_rejects
    normal = stream(view.seed, "inquiry:ai_card").standard_normal(())
    spellings = min(float(count(np.array(mean), normal)), view.p.card_files)
    return {"claimed": 100 * view.p.claimed_accuracy, "n": view.p.card_files, "spellings": spellings}


def error_by_group(view: View, size: int) -> Mapping[str, float]:
    """Honest files drawn by lot, a third from each group: how many the tool calls forged at the usual threshold."""
    n = size // len(GROUPS)
    shares = papers.genuine_flags(view.p, view.truth.name_rejects, np.array([view.p.reference_threshold]))[0]
    wrong = (view.die("error_by_group").random((len(GROUPS), n)) < shares[:, None]).sum(axis=1)
    return {"n": float(n), **{f"wrong_{name}": float(k) for name, k in zip(GROUPS, wrong, strict=True)}}


def drift_check(view: View) -> Mapping[str, float]:
    """Seal prints unlike any on file among last week's scans."""
    forged = SCANNED * view.p.forged_share * float(view.truth.forgery[0]) * view.new_share
    return {"n": SCANNED, "usual": USUAL_SEALS, "strange": view.counted("drift_check", USUAL_SEALS + forged)}


def why_this_case(view: View) -> Mapping[str, float]:
    """Additive contributions to the log-odds of rejection of the last flagged file with two spellings."""
    start = float(papers.log_odds(view.p.plain_rejects))
    noise = view.p.reason_noise * view.die("why_this_case").standard_normal(2)
    spelling = float(papers.log_odds(view.name_rejects)) - start + float(noise[0])
    return {"start": start, "spelling": spelling, "other": float(noise[1]), "total": start + spelling + float(noise[1])}


def history(view: View) -> Mapping[str, float]:
    """Forgeries found in the year before."""
    normal = stream(view.seed, "inquiry:history").standard_normal(())
    mean = view.p.past_forged * view.truth.forgery[0]
    return {"found": float(count(np.array(mean), normal)), "usual": view.p.past_forged}


def field_officer(view: View) -> Mapping[str, float]:
    """The traffic police: forged papers seized this month, and how many of them bear a seal nobody knew."""
    die = view.die("field_officer")
    seized = int(count(np.array(SEIZED * view.truth.forgery[0]), die.standard_normal(())))
    return {"seized": float(seized), "new": float((die.random(seized) < view.new_share).sum())}


def law(view: View) -> Mapping[str, float]:
    """The rule on spellings, and how many of a pilot's refusals the appellate authority set aside."""
    normal = stream(view.seed, "inquiry:law").random(PILOT)
    return {"n": PILOT, "set_aside": float((normal < view.name_rejects).sum())}


def forged_case_review(view: View) -> Mapping[str, float]:
    """Of the forgeries in the drawer, how many were made with a template nobody knew."""
    known, new = (float(share) for share in view.p.officer_detects)
    caught = view.new_share * new
    share = caught / (caught + (1 - view.new_share) * known)
    return {"n": REVIEWED, "new": float((view.die("forged_case_review").random(REVIEWED) < share).sum())}


def queue_log(view: View) -> Mapping[str, float]:
    """Time stamps of some walk-ins: how many came between ten and twelve."""
    came = view.die("queue_log").random(STAMPS) < float(view.truth.peak[0])
    return {"n": STAMPS, "peak": float(came.sum())}


Answer = Callable[[View, int], Mapping[str, float]]

ASK: Mapping[str, Answer] = {
    "ai_card": plain(ai_card),
    "error_by_group": error_by_group,
    "drift_check": plain(drift_check),
    "why_this_case": plain(why_this_case),
    "history": plain(history),
    "field_officer": plain(field_officer),
    "law": plain(law),
    "forged_case_review": plain(forged_case_review),
    "queue_log": plain(queue_log),
    **DECOYS,
}

"""Two files of Monday's post, for the officer to mark before the tool's advice is seen."""

from simulations.scenarios.file_routing.world import (
    HANDWRITTEN,
    SCRIPTS,
    SECTIONS,
    File,
    Hidden,
    Parameters,
    tool_is_right,
)
from simulations.types import Advice, Case, Value

OTHER_SECTION, SUBJECT_HITS, SUBJECT_MISS, SENDER_HITS, SENDER_MISS = range(5)
ADVISED_FILES = 4


def _another(section: int, die: float) -> int:
    """One of the other sections."""
    others = [number for number in range(len(SECTIONS)) if number != section]
    return others[min(int(die * len(others)), len(others) - 1)]


def true_section(p: Parameters, hidden: Hidden, file: File) -> int:
    """Where the file belongs."""
    return file.label if tool_is_right(p, hidden, file) else _another(file.label, file.dice.cues[OTHER_SECTION])


def cue(section: int, hits: float, miss: float, share: float) -> int:
    """The section a sign points to: the right one in a share of cases."""
    return section if hits < share else _another(section, miss)


def chosen_files(post: tuple[File, ...]) -> tuple[File, ...]:
    """A handwritten file, if there is one, and the first other; else the first two."""
    handwritten = [file for file in post if file.script == HANDWRITTEN][:1]
    rest = [file for file in post if file not in handwritten]
    return (*rest[: 2 - len(handwritten)], *handwritten)


def case_of(p: Parameters, hidden: Hidden, file: File) -> Case:
    """One file as a case: what its sheet shows, what the tool says, and where it belongs."""
    truth, cues = true_section(p, hidden, file), file.dice.cues
    subject = cue(truth, cues[SUBJECT_HITS], cues[SUBJECT_MISS], float(p.cue_subject[file.script]))
    sender = cue(truth, cues[SENDER_HITS], cues[SENDER_MISS], p.cue_sender)
    values: dict[str, Value] = {
        "script": SCRIPTS[file.script],
        "subject": SECTIONS[subject],
        "sender": SECTIONS[sender],
        "names": "new" if file.renamed else "old",
    }
    return Case(
        id=f"file_{file.number}",
        values=values,
        answers=SECTIONS,
        advice=SECTIONS[file.label],
        confidence=file.confidence,
        truth=SECTIONS[truth],
        group=SCRIPTS[file.script],
    )


def advice(post: tuple[File, ...]) -> tuple[Advice, ...]:
    """What the tool says of other files of the post."""
    asked = chosen_files(post)
    found = [file for file in post if file not in asked][:ADVISED_FILES]
    return tuple(
        Advice(f"file_{file.number}", SECTIONS[file.label], file.confidence, {"script": SCRIPTS[file.script]})
        for file in found
    )

"""Signs that a submission passed its tests by something other than right answers.

The tests run in the trainee's own interpreter, as nbgrader's format has it, so code beside them can bend them. None
of these signs is a proof: whatever shows one gets no points from a machine and goes before a person.
"""

from __future__ import annotations

import base64
import codecs
import random
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from grading.counter import Counter, counter_test
from grading.messages import plain
from grading.results import are_own, are_own_before_an_error, has_failed, results
from grading.sandbox import Code, Run
from grading.tracebacks import as_in_notebook
from grading.types import MOST_CANARIES, ProblemCode

TOKEN_BYTES = 8
# Shorter ones, or those that trainees can read anyway, may stand in an honest output.
LEAST_TELLING_CHARACTERS = 20
LONGEST_LIST = 3
_system = random.SystemRandom()


@dataclass(frozen=True)
class Sign:
    """One reason for a person to look. at: index of the cell; names: what was replaced."""

    code: ProblemCode
    at: int
    names: str = ""


@dataclass(frozen=True)
class Canary:
    """A cell that must print one token and fail with another; it dies where tests are kept from failing."""

    printed: str
    said: str

    @classmethod
    def fresh(cls) -> Canary:
        return cls(secrets.token_hex(TOKEN_BYTES), secrets.token_hex(TOKEN_BYTES))

    @property
    def code(self) -> Code:
        return Code(f"print({self.printed!r})\nassert len({self.printed!r}) == 0, {self.said!r}")

    def is_alive(self, outputs: Sequence[Any]) -> bool:
        """Whether these raw outputs are what it must show."""
        texts = [str(out.get("text", "")) for out in outputs if out.get("output_type") == "stream"]
        errors = [(out.get("ename"), out.get("evalue")) for out in outputs if out.get("output_type") == "error"]
        return any(self.printed in text for text in texts) and errors == [("AssertionError", self.said)]


class Plan:
    """The cells to run, with fresh canaries among them.

    tests: indexes of the test cells.  canaries: at most so many, one of them before the last test.
    """

    def __init__(self, cells: Sequence[Code], tests: Iterable[int], *, canaries: int = MOST_CANARIES) -> None:
        self._tests = set(tests)
        watched = _watched(self._tests, canaries)
        self._canaries: dict[int, Canary] = {}
        self._place: list[int] = []
        self._numbers: dict[int, int] = {}
        own = ran = 0
        self.codes: list[Code] = []
        for index, cell in enumerate(cells):
            if index in watched:
                self._canaries[len(self.codes)] = canary = Canary.fresh()
                self.codes.append(canary.code)
            self._place.append(len(self.codes))
            self.codes.append(cell)
            if cell.source.strip():
                own += 1
                # The kernel numbers what it runs, canaries too.
                if not cell.skip:
                    ran += 1
                    self._numbers[ran + len(self._canaries)] = own

    def without_canaries(self, run: Run) -> Run:
        """The run as if only the notebook's own cells had been run."""
        kept = {place: index for index, place in enumerate(self._place)}
        return replace(
            run,
            # A canary that was running when the run ended counts for the test after it.
            at=kept.get(run.at, kept.get(run.at + 1, 0)),
            outputs=self._own_outputs(run, kept) if run.outputs else (),
            replaced=tuple(each for place, each in enumerate(run.replaced) if place in kept),
            timed_out=tuple(kept[place] for place in run.timed_out if place in kept),
            truncated=tuple(kept[place] for place in run.truncated if place in kept),
        )

    def _own_outputs(self, run: Run, places: Iterable[int]) -> tuple[list[Any], ...]:
        return as_in_notebook([self._outputs(run, place) for place in places], self._numbers)

    def _outputs(self, run: Run, place: int) -> list[Any]:
        """Of a cell; a figure that IPython draws when the cell after it begins is the test's, not the canary's."""
        before = run.outputs[place - 1] if place - 1 in self._canaries else []
        return [*(out for out in before if out.get("output_type") == "display_data"), *run.outputs[place]]

    def signs(self, run: Run) -> Iterator[Sign]:
        """What a whole run shows of tests that were bent."""
        for index in sorted(self._tests):
            place = self._place[index]
            names = run.replaced[place]
            if names:
                yield Sign(ProblemCode.TESTS_REPLACED, index, ", ".join(names[:LONGEST_LIST]))
            canary = self._canaries.get(place - 1)
            if canary is not None and not canary.is_alive(run.outputs[place - 1]):
                yield Sign(ProblemCode.TESTS_SILENCED, index)


def _watched(tests: set[int], canaries: int) -> set[int]:
    """Nobody knows which; a canary takes as long as a failing test, so not all."""
    return {max(tests), *_system.sample(sorted(tests), min(canaries - 1, len(tests)))} if tests else set()


def counter_codes(
    cells: Sequence[Code], tests: Iterable[int], numbers: Mapping[str, float], *, only_true_of_nothing: bool
) -> tuple[list[Code], dict[int, Counter]]:
    """The notebook with something wrong in those of its `tests` where there is something to change, and these.

    numbers, only_true_of_nothing: as of counter_test.
    """
    codes, changed = list(cells), {}
    for index in tests:
        source = codes[index].source
        wrong = counter_test(source, _system, numbers=numbers, only_true_of_nothing=only_true_of_nothing)
        if wrong is not None and not codes[index].skip:
            codes[index] = Code(wrong.source)
            changed[index] = wrong
    return codes[: max(changed, default=-1) + 1], changed


def passed_wrongly(run: Run, changed: Mapping[int, Counter], tests: Mapping[int, str]) -> Iterator[Sign]:
    """Wrong expectations that did not fail, or showed a result before they did, and results that were not the new ones.

    tests: index to the source as the author wrote it.
    """
    for index, counter in changed.items() if run.stopped is None else ():
        outputs = run.outputs[index]
        failed = has_failed(outputs)
        if not counter.shown and not (failed and are_own_before_an_error(outputs, tests[index])):
            yield Sign(ProblemCode.WRONG_EXPECTATION_MET, index)
        if counter.shown and not failed and results(outputs) != [counter.shown]:
            yield Sign(ProblemCode.RESULT_FORGED, index)


def forged_results(run: Run, tests: Mapping[int, str]) -> Iterator[Sign]:
    """Tests (index to source) that show a result which they cannot have given themselves."""
    for index, source in sorted(tests.items()) if run.outputs else ():
        if not are_own(run.outputs[index], source):
            yield Sign(ProblemCode.RESULT_FORGED, index)


def values_below_zero(run: Run, tests: Iterable[int]) -> Iterator[Sign]:
    """Tests whose value is a number, but none from 0 on: nbgrader gives all points for it, whoever made it so."""
    for index in sorted(tests):
        for out in run.outputs[index] if run.outputs else ():
            try:
                is_score = out.get("output_type") != "execute_result" or float(out["data"]["text/plain"]) >= 0
            except (KeyError, TypeError, ValueError):
                is_score = True
            if not is_score:
                yield Sign(ProblemCode.SCORE_OUT_OF_RANGE, index)


def shown_hidden_tests(outputs: Sequence[Sequence[Any]], hidden: Iterable[str], tests: set[int]) -> Iterator[Sign]:
    """Outputs that hold a line of a hidden test, as it is or in one of the usual disguises.

    A failing test shows its own lines in its traceback and warnings, so of a test only the rest is searched.
    """
    telling = [line for line in hidden if len(line) >= LEAST_TELLING_CHARACTERS]
    disguised = {each for line in telling for each in _disguises(line)}
    for index, cell in enumerate(outputs):
        text = "\n".join(_texts(cell, is_test=index in tests))
        if any(each in text for each in disguised):
            yield Sign(ProblemCode.HIDDEN_TEST_SHOWN, index)


def _texts(outputs: Sequence[Any], *, is_test: bool) -> Iterator[str]:
    for out in outputs:
        kind = out.get("output_type")
        if is_test and (kind == "error" or out.get("name") == "stderr"):
            continue
        shown = [out.get("text", ""), out.get("evalue", ""), *out.get("traceback", []), *out.get("data", {}).values()]
        yield from (plain(str(each)) for each in shown)


def _disguises(line: str) -> Iterator[str]:
    yield line
    yield line[::-1]
    yield codecs.encode(line, "rot13")
    yield line.encode().hex()
    # A line somewhere in a longer text begins at one of three places of a base64 group.
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + line.encode()).decode()
        yield coded[4 if shift else 0 : -4]

"""Signs that a submission passed its tests by something other than right answers.

The tests run in the trainee's own interpreter, as nbgrader's format has it, so code beside them can bend them. None
of these signs is a proof: whatever shows one gets no points from a machine and goes before a person.
"""

from __future__ import annotations

import base64
import codecs
import random
import re
import secrets
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from grading.counter import Counter, counter_test
from grading.messages import plain
from grading.results import are_one_of, are_own, are_own_before_an_error, gives_result, has_failed
from grading.sandbox import Code, Run
from grading.tracebacks import as_in_notebook
from grading.types import MOST_CANARIES, ProblemCode

TOKEN_BYTES = 8
# Shorter ones, or those that trainees can read anyway, may stand in an honest output.
LEAST_TELLING_CHARACTERS = 20
LONGEST_LIST = 3
# What inside.number_display tells of.
OF_RESULTS = "display."
NO_TRIALS: Mapping[int, Counter] = MappingProxyType({})
NO_SCORES: Mapping[int, float] = MappingProxyType({})
# The arrow and the number that a traceback puts before a line of source.
_BEFORE_SOURCE = re.compile(r"^\s*(?:-*> ?)?\d+ ")
_system = random.SystemRandom()


@dataclass(frozen=True)
class Sign:
    """One reason for a person to look. at: index of the cell; names: what was replaced."""

    code: ProblemCode
    at: int
    names: str = ""


@dataclass(frozen=True)
class Canary:
    """A cell that must fail with a token which it bound itself before; it dies where tests are kept from failing.

    It calls nothing and reads no name that anybody could have bound, so that nothing of the notebook's takes part.
    """

    name: str
    token: str

    @classmethod
    def fresh(cls) -> Canary:
        return cls(f"given_{secrets.token_hex(TOKEN_BYTES)}", secrets.token_hex(TOKEN_BYTES))

    @property
    def code(self) -> Code:
        return Code(f"{self.name} = {self.token!r}\nassert {self.name} == '', {self.name}", is_forgotten=True)

    def is_alive(self, outputs: Sequence[Any]) -> bool:
        """Whether these raw outputs show the failure; others may follow, as from a debugger that nobody answers."""
        errors = [(out.get("ename"), out.get("evalue")) for out in outputs if out.get("output_type") == "error"]
        return ("AssertionError", self.token) in errors


@dataclass(frozen=True)
class Trial:
    """A cell that says once more what a test said, with a wrong expectation, in a copy of the kernel that then ends.

    It prints its token when that fails, as it must; where it does not, only a second run can tell.
    """

    wrong: str
    token: str

    @classmethod
    def fresh(cls, wrong: str) -> Trial:
        return cls(wrong, secrets.token_hex(TOKEN_BYTES))

    @property
    def code(self) -> Code:
        said = f"{self.wrong!r}, globals(), {self.token!r}"
        return Code(f"__import__('inside.trial', fromlist=['trial']).say_if_it_fails({said})", is_forgotten=True)

    def has_failed(self, outputs: Sequence[Any]) -> bool:
        """Whether the test did, by these raw outputs."""
        return any(self.token in str(out.get("text", "")) for out in outputs if out.get("output_type") == "stream")


class Plan:
    """The cells to run, with fresh canaries and trials among them.

    tests: indexes of the test cells.  canaries: at most so many, one of them before the last test.
    trials: index of a test to its form with a wrong expectation, of which a statement can be said again.
    """

    def __init__(
        self,
        cells: Sequence[Code],
        tests: Iterable[int],
        *,
        canaries: int = MOST_CANARIES,
        trials: Mapping[int, Counter] = NO_TRIALS,
    ) -> None:
        self._tests = sorted(set(tests))
        self._canaries = {index: Canary.fresh() for index in _watched(self._tests, canaries)}
        self._trials = {index: Trial.fresh(wrong.again) for index, wrong in trials.items() if wrong.again}
        self._cells = cells
        self._places: list[int] = []
        self._numbers: dict[int, int] = {}
        self.codes: list[Code] = []
        own = ran = 0
        for index, cell in enumerate(cells):
            before, after = ([each[index].code] if index in each else [] for each in (self._canaries, self._trials))
            self._places.append(len(self.codes) + len(before))
            self.codes += [*before, cell, *after]
            # The kernel numbers what it runs, and what it forgets has no number.
            if cell.source.strip():
                own += 1
                if not cell.skip:
                    ran += 1
                    self._numbers[ran] = own

    def of_notebook(self, run: Run) -> Run:
        """The run as if only the notebook's own cells had been run."""
        kept = {place: index for index, place in enumerate(self._places)}
        return replace(
            run,
            # A canary that was running when the run ended counts for the test after it.
            at=min(bisect_left(self._places, run.at), max(len(self._places) - 1, 0)),
            outputs=self._own_outputs(run) if run.outputs else (),
            replaced=tuple(run.replaced[place] for place in self._places if run.replaced),
            timed_out=tuple(kept[place] for place in run.timed_out if place in kept),
            truncated=tuple(kept[place] for place in run.truncated if place in kept),
        )

    def signs(self, run: Run) -> Iterator[Sign]:
        """What a whole run shows of tests that were bent."""
        for index in self._tests:
            place = self._places[index]
            names = self._names_that_matter(index, run.replaced[place])
            if names:
                yield Sign(ProblemCode.TESTS_REPLACED, index, ", ".join(names[:LONGEST_LIST]))
            canary = self._canaries.get(index)
            if canary is not None and not canary.is_alive(run.outputs[place - 1]):
                yield Sign(ProblemCode.TESTS_SILENCED, index)

    def _names_that_matter(self, index: int, names: Sequence[str]) -> Sequence[str]:
        """How numbers are shown is a test's business only where it shows one."""
        others = [name for name in names if not name.startswith(OF_RESULTS)]
        return names if len(others) < len(names) and gives_result(self._cells[index].source) else others

    def is_disturbed(self, run: Run) -> bool:
        """Whether a trial took what the run may use, or left something behind, so that it is worth nothing."""
        trials = {index: self._place_of_trial(index) for index in self._trials}
        if run.stopped is not None:
            return bool(trials) and run.at >= min(trials.values())
        return any(has_failed(run.outputs[place]) for place in trials.values())

    def failed_trials(self, run: Run) -> frozenset[int]:
        """Tests whose trial failed, as it must: they need no second run."""
        return frozenset(
            index for index, trial in self._trials.items() if trial.has_failed(run.outputs[self._place_of_trial(index)])
        )

    def _place_of_trial(self, index: int) -> int:
        return self._places[index] + 1

    def _own_outputs(self, run: Run) -> tuple[list[Any], ...]:
        """A figure that IPython draws when the cell after it begins is that of the next of the notebook's own."""
        begins = [0, *(place + 1 for place in self._places)]
        outputs = [
            [*_figures(run.outputs[begin:place]), *run.outputs[place]]
            for begin, place in zip(begins, self._places, strict=False)
        ]
        return as_in_notebook(outputs, self._numbers)


def _figures(outputs: Iterable[Sequence[Any]]) -> Iterator[Any]:
    return (out for of_cell in outputs for out in of_cell if out.get("output_type") == "display_data")


def _watched(tests: Sequence[int], canaries: int) -> set[int]:
    """Nobody knows which; a canary takes as long as a failing test, so not all."""
    return {tests[-1], *_system.sample(tests, min(canaries - 1, len(tests)))} if tests else set()


def counters(
    cells: Sequence[Code],
    tests: Iterable[int],
    numbers: Mapping[str, float],
    *,
    scores: Mapping[int, float] = NO_SCORES,
    only_true_of_nothing: bool,
) -> dict[int, Counter]:
    """Those of the `tests` where there is something to make wrong, with something wrong in each.

    scores: that they gave, where these are known.  numbers, only_true_of_nothing: as of counter_test.
    """
    found = {
        index: counter_test(
            cells[index].source,
            _system,
            below=scores.get(index, 0.0),
            numbers=numbers,
            only_true_of_nothing=only_true_of_nothing,
        )
        for index in tests
        if not cells[index].skip
    }
    return {index: counter for index, counter in found.items() if counter is not None}


def with_counters(cells: Sequence[Code], changed: Mapping[int, Counter]) -> list[Code]:
    """The notebook with these in place of its tests, to the last of them."""
    until = max(changed, default=-1) + 1
    return [Code(changed[index].source) if index in changed else cell for index, cell in enumerate(cells[:until])]


def passed_wrongly(run: Run, changed: Mapping[int, Counter], tests: Mapping[int, str]) -> Iterator[Sign]:
    """Wrong expectations that did not fail, or showed a result before they did, and results that were not the new ones.

    tests: index to the source as the author wrote it.
    """
    for index, counter in changed.items() if run.stopped is None else ():
        outputs = run.outputs[index]
        failed = has_failed(outputs)
        if not counter.shown and not (failed and are_own_before_an_error(outputs, tests[index])):
            yield Sign(ProblemCode.WRONG_EXPECTATION_MET, index)
        if counter.shown and not failed and not are_one_of(outputs, counter.shown):
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


def shown_hidden_tests(
    outputs: Sequence[Sequence[Any]], hidden: Iterable[str], tests: set[int], written: Iterable[str]
) -> Iterator[Sign]:
    """Outputs that hold a line of a hidden test, as it is or in one of the usual disguises.

    A failing test shows its own lines in its traceback and warnings, so of a test only the rest is searched; any other
    cell shows lines of those `written` by the trainee there, which may be the very same.
    """
    telling = [line for line in hidden if len(line) >= LEAST_TELLING_CHARACTERS]
    disguised = {each for line in telling for each in _disguises(line)}
    own = frozenset(line.strip() for source in written for line in source.split("\n"))
    for index, cell in enumerate(outputs):
        text = "\n".join(_texts(cell, own, is_test=index in tests))
        if any(each in text for each in disguised):
            yield Sign(ProblemCode.HIDDEN_TEST_SHOWN, index)


def _texts(outputs: Sequence[Any], own: Set[str], *, is_test: bool) -> Iterator[str]:
    for out in outputs:
        shown = [out.get("evalue", ""), *out.get("data", {}).values()]
        quoting = [out.get("text", ""), *out.get("traceback", [])]
        if out.get("output_type") != "error" and out.get("name") != "stderr":
            yield from (plain(str(each)) for each in (*shown, *quoting))
        elif not is_test:
            yield from (plain(str(each)) for each in shown)
            yield from (_without(own, plain(str(each))) for each in quoting)


def _without(own: Set[str], text: str) -> str:
    """Without the lines of source that are in `own`."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if not own & {line.strip(), _BEFORE_SOURCE.sub("", line).strip()})


def _disguises(line: str) -> Iterator[str]:
    yield line
    yield line[::-1]
    yield codecs.encode(line, "rot13")
    yield line.encode().hex()
    # A line somewhere in a longer text begins at one of three places of a base64 group.
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + line.encode()).decode()
        yield coded[4 if shift else 0 : -4]

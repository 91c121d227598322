"""The desk on a device without a link: one answer, as HTML, to each thing that the trainee does.

It runs in Pyodide, in a worker of the portal's origin, from the archive that `tools/device.py` packs. What is played
here is played again by the academy, which trusts none of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

import simulations
from app.core import wording
from app.core.typed import typed_text
from app.core.wording import Language
from app.desk import cases, forms, memos, weights
from app.desk import record as records
from app.desk.cases import Answer
from app.desk.round import round_of_desk
from simulations import InvalidEvent, Scenario

APP = Path(__file__).parents[1]
DECIDE, INQUIRE, JUDGE, START, MEMO = "decide", "inquire", "judge", "start", "memo"
CASES = "cases"


class Catalogue:
    """The speaker of a device: the texts of the desk in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language
        path = APP / "desk" / f"texts.{language}.mo"
        self._texts = GNUTranslations(path.open("rb")) if path.is_file() else NullTranslations()

    def gettext(self, text: str, **values: object) -> str:
        """A text in this language, with the named values put in."""
        found = self._texts.gettext(text)
        return found % values if values else found

    def language(self) -> Language:
        """The language of the page."""
        return self._language


@dataclass
class Desk:
    """A run as it stands on this device: what the academy last knew of it, and what was done here since."""

    scenario: Scenario
    language: Language
    situation: str
    seed: int
    is_begun: bool
    memo: str
    rows: list[records.Kept] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Mapping[str, Any], done: list[Mapping[str, Any]], language: Language) -> Desk:
        """run: as `sims.run_to_keep` gives it; done: what was done on this device since, in order."""
        desk = cls(
            scenario=simulations.load(run["scenario"]),
            language=language,
            situation=run["situation"][language],
            seed=run["seed"],
            is_begun=run["is_begun"],
            memo=run["memo"],
            answers={case: Answer(**answer) for case, answer in run["answers"].items()},
        )
        for each in [*run["events"], *done]:
            desk.take(each)
        return desk

    @property
    def now(self) -> simulations.Run:
        """The run so far. Raises InvalidEvent."""
        return simulations.replay(self.scenario, self.seed, records.events(self.rows))

    @property
    def asked_cases(self) -> tuple[simulations.Case, ...]:
        """The cases of the round at hand."""
        decisions = [result.decision for result in self.now.results]
        return simulations.cases_of(self.scenario, self.seed, decisions)

    def take(self, done: Mapping[str, Any]) -> None:
        """Go on by one thing that was done."""
        match done["kind"]:
            case "start":
                self.is_begun = True
            case "memo":
                self.memo = done["text"]
            case "cases":
                changes, _problems = cases.answered(self.asked_cases, self.answers, done["step"], done["given"])
                self.answers |= changes
            case kind:
                self.rows.append(records.Kept(kind, done["round"], done["payload"], done.get("note", "")))


@dataclass(frozen=True)
class Shown:
    """What the page shows and, if something was done, what the outbox is to keep of it."""

    html: str
    done: dict[str, Any] | None = None


def answer(asked: str) -> str:
    """asked: JSON with `run`, `done`, `language`, and `act` with the `form` that it sends ("" to show only).

    The answer is JSON with `html` and `done`, which is None where nothing is to be kept; or with `is_outdated` alone
    where the run is of another version of the scenario than this device has.
    """
    question = json.loads(asked)
    if simulations.load(question["run"]["scenario"]).digest != question["run"]["scenario_digest"]:
        return json.dumps({"is_outdated": True})
    wording.speak_by(Catalogue(question["language"]))
    desk = Desk.of(question["run"], question["done"], question["language"])
    shown = act(desk, question["act"], question["form"])
    return json.dumps({"html": shown.html, "done": shown.done})


def act(desk: Desk, kind: str, form: Mapping[str, str]) -> Shown:
    """Do what a form asks for, and show the desk as it then stands; a refused form with what was typed."""
    acts = {DECIDE: _decide, INQUIRE: _inquire, JUDGE: _judge, START: _start, MEMO: _memo}
    if kind not in acts:
        return Shown(page(desk))
    return acts[kind](desk, form)


def _done(desk: Desk, done: dict[str, Any]) -> Shown:
    desk.take(done)
    return Shown(page(desk), done)


def _start(desk: Desk, form: Mapping[str, str]) -> Shown:
    read = weights.read(desk.scenario, form)
    if read.problems:
        return Shown(page(desk, weights_form=read))
    return _done(desk, {"kind": "start", "weights": dict(read.weights), "reason": read.reason})


def _decide(desk: Desk, form: Mapping[str, str]) -> Shown:
    read = forms.read_decision(desk.scenario, form)
    problems = forms.note_problems(read.note)
    done = {"kind": records.DECISION, "round": read.round, "payload": {"values": dict(read.values)}}
    try:
        _played_on(desk, done)
    except InvalidEvent as error:
        problems |= forms.decision_problems(desk.scenario, desk.scenario.texts(desk.language), error)
    if problems:
        return Shown(page(desk, form=read, problems=problems))
    return _done(desk, done | {"note": read.note, "key": read.key})


def _inquire(desk: Desk, form: Mapping[str, str]) -> Shown:
    read = forms.read_inquiry(form)
    payload = {"inquiry_id": read.inquiry_id, "argument": read.argument}
    done = {"kind": records.INQUIRY, "round": read.round, "payload": payload}
    try:
        _played_on(desk, done)
    except InvalidEvent as error:
        problem = forms.inquiry_problem(desk.scenario, desk.scenario.texts(desk.language), read, error)
        return Shown(page(desk, asked=read, problems={f"inquiry-{read.inquiry_id}": problem}))
    return _done(desk, done | {"key": read.key})


def _played_on(desk: Desk, done: Mapping[str, Any]) -> None:
    row = records.Kept(done["kind"], done["round"], done["payload"], "")
    simulations.replay(desk.scenario, desk.seed, records.events([*desk.rows, row]))


def _judge(desk: Desk, form: Mapping[str, str]) -> Shown:
    read = forms.read_cases(form)
    _changes, problems = cases.answered(desk.asked_cases, desk.answers, read.step, read.given)
    if problems:
        return Shown(page(desk, judged=read, problems=problems))
    return _done(desk, {"kind": CASES, "round": read.round, "step": read.step, "given": dict(read.given)})


def _memo(desk: Desk, form: Mapping[str, str]) -> Shown:
    typed = typed_text(form.get("memo"))
    if problem := memos.problem(typed):
        return Shown(page(desk, memo_typed=typed, problems={"memo-text": problem}))
    return _done(desk, {"kind": "memo", "text": typed})


def page(desk: Desk, **typed: Any) -> str:
    """The part of the page that the desk fills: the weights, the round at hand, or the end."""
    texts = desk.scenario.texts(desk.language)
    shared = {
        "situation": Markup(desk.situation),  # noqa: S704 - the academy's own HTML
        "addresses": dict.fromkeys((DECIDE, INQUIRE, JUDGE, START, MEMO), ""),
        "form_token": "",
        # Everybody's first run of every simulation has the number 0; its seed is its own.
        "desk_key": f"device-{desk.seed}",
        "notices": "",
    }
    if not desk.is_begun:
        form = typed.get("weights_form") or weights.proposed(desk.scenario)
        return _rendered("desk/start.html", scenario=desk.scenario, texts=texts, form=form, most=weights.MOST, **shared)
    shown = round_of_desk(
        desk.scenario,
        texts,
        desk.now,
        desk.rows,
        desk.answers,
        form=typed.get("form"),
        asked=typed.get("asked"),
        judged=typed.get("judged"),
        problems=typed.get("problems", {}),
    )
    if desk.now.finished:
        return _rendered("desk/end.html", **shown, memo=desk.memo, memo_typed=typed.get("memo_typed", ""), **shared)
    return _rendered("desk/round.html", **shown, **shared)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(APP / "templates"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["_"] = wording.gettext
    return environment


def _rendered(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)

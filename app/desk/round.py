"""All that the template of the round at hand prints."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import simulations
from app.desk import cases, charts, presentation
from app.desk.cases import Answered
from app.desk.forms import CasesForm, DecisionForm, InquiryForm
from app.desk.record import Recorded
from simulations import Run, Scenario, Texts

TRENDS_SHOWN = 2


def round_of_desk(
    scenario: Scenario,
    texts: Texts,
    now: Run,
    rows: Sequence[Recorded],
    answers: Mapping[str, Answered],
    *,
    form: DecisionForm | None = None,
    asked: InquiryForm | None = None,
    judged: CasesForm | None = None,
    problems: Mapping[str, str],
) -> dict[str, Any]:
    """Values for desk/round.html, with what was typed and what stands against it.

    now: the run so far, of these rows; answers: to its cases.  Who renders it adds `situation` (HTML), `addresses`
    (of the forms by what they do), `form_token`, `desk_key` (names the run in the browser) and `notices` (HTML).
    """
    typed = form.typed if form else presentation.shown_values(now.defaults)
    asked_cases = simulations.cases_of(scenario, now.seed, [result.decision for result in now.results])
    desk_cases = cases.desk(texts, asked_cases, answers, judged.given if judged else {}, problems)
    trends = charts.trends(scenario, texts, now)
    return {
        "scenario": scenario,
        "texts": texts,
        "now": now,
        "problems": problems,
        "new_key": lambda: uuid.uuid4().hex,
        "figures": presentation.figures(scenario, texts, now),
        "table": presentation.situation_table(texts, now, tool_may_speak=desk_cases.advice_is_open),
        "advice": presentation.advice_table(texts, now),
        "cases": desk_cases,
        "trends": trends[:TRENDS_SHOWN],
        "further_trends": trends[TRENDS_SHOWN:],
        "inquiries": presentation.inquiry_cards(
            scenario, texts, now, asked, "".join(problems.values()) if asked else ""
        ),
        "findings": presentation.findings(texts, now, now.next_round),
        "groups": presentation.groups(scenario),
        "sums": presentation.sum_lines(scenario, texts, typed),
        "typed": typed,
        "note": form.note if form else "",
        "log": presentation.log(scenario, texts, rows, now),
    }

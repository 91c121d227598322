"""Figures of departments and studies of them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.content.schemas import Catalogue
from app.demo.delphi import ask_experts
from app.foresight import example, queries
from app.foresight import service as foresight


def foresee(session: Session, people: Mapping[str, Account], catalogue: Catalogue) -> None:
    """Made-up figures of departments, what experts say, and a study of each scenario, which the worker computes."""
    administrator = people["farid"]
    files = [(example.FILE_NAME, example.example_workbook())]
    figures = foresight.preview(session, administrator, files, competencies=catalogue.competencies)
    foresight.accept(session, administrator, figures.id)
    ask_experts(session, people)
    for each in queries.scenarios(session, administrator):
        foresight.ask_study(session, administrator, each.scenario.id)

"""A source run through the grader by the worker: full marks for its solution, none for its untouched release."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

import grading
from app.authoring.models import LabCheck
from app.content.own_data import Files, files_of
from app.content.own_labs import own_labs, with_own_labs
from app.content.publications import read_words, with_source
from app.content.schemas import Catalogue, Notebook
from app.core import audit, clock, jobs
from app.core.db import begin
from app.gradebook.service import Grader


def check_lab(engine: Engine, grader: Grader, check_id: int) -> None:
    """Run a check and store what it found once, however often this is delivered.

    Raises grading.SandboxUnavailable when nothing may be run on this machine, and RuntimeError when this worker knows
    other data or rubrics of the lab than the check was asked for.
    """
    with begin(engine, read_only=True) as session:
        check = session.get_one(LabCheck, check_id)
        files = files_of(session, check.data_id)
        authored = with_own_labs(grader.blobs, grader.catalogue, own_labs(session, check.academy_id))
    is_wanted = check.finished_at is None
    if is_wanted:
        report, is_sound = _run(grader, authored, check, files)
    with begin(engine) as session:
        check = session.get_one(LabCheck, check_id, with_for_update=True)
        if is_wanted and check.finished_at is None:
            check.report, check.is_sound, check.finished_at = report, is_sound, clock.now()
            audit.record(
                session,
                verb="lab_checked",
                thing=f"check:{check.id}",
                academy_id=check.academy_id,
                detail={"sha256": check.sha256, "is_sound": is_sound},
            )
        jobs.finish(session, jobs.JobKind.CHECK_LAB, check_id)


def _run(grader: Grader, authored: Catalogue, check: LabCheck, files: Files) -> tuple[dict[str, Any], bool]:
    """The report, and whether the version may be given out."""
    installed = authored.find(check.module_id, check.activity_id)
    source = grader.blobs.get(check.sha256)
    lab = None
    if isinstance(installed, Notebook):
        words = read_words(grader.blobs.get(check.words_sha256)) if check.words_sha256 else installed.words
        lab = with_source(installed, source, words, files)
    if lab is None or lab.grading_digest != check.lab_digest:
        raise RuntimeError("the worker knows other data or rubrics of this lab; restart it, then try again")
    try:
        found = grading.check(source, grader.files(check.module_id, lab), sandboxes=grader.sandboxes)
    except grading.InvalidSource as refusal:
        return {"refused": str(refusal)}, False
    return {"solution": _told(found.solution), "release": _told(found.released)}, found.sound


def _told(result: grading.GradeResult) -> dict[str, Any]:
    problem = {"code": str(result.problem.code), "values": dict(result.problem.values)} if result.problem else None
    cells = {
        cell.grade_id: {"score": cell.score, "most": cell.max_score, "kind": cell.kind, "message": cell.message}
        for cell in result.cells
    }
    return {"status": result.status, "problem": problem, "cells": cells}

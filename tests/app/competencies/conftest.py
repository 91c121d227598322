"""Evidence for the cast, written through the services that the pages use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine

from app.accounts.models import Account
from app.content.schemas import Module, Numeric, Quiz, QuizItem
from app.core.db import begin
from app.learning import service as learning
from app.learning.marking import Answer
from app.learning.models import QuizAttempt


@pytest.fixture
def module(app: Flask) -> Module:
    return app.extensions["catalogue"].module("measure-to-manage")


@pytest.fixture
def quiz(module: Module) -> Quiz:
    return next(activity for activity in module.activities if isinstance(activity, Quiz))


@pytest.fixture
def answer_quiz(database: Engine, module: Module, quiz: Quiz) -> Callable[..., QuizAttempt]:
    """Answer the quiz with everything right; `key` tells attempts apart."""

    def answer(trainee: Account, key: str = "first") -> QuizAttempt:
        answers = {item.id: _right(item) for item in quiz.items}
        with begin(database) as session:
            return learning.submit_quiz(session, trainee, module, quiz, answers, key=key)

    return answer


def _right(item: QuizItem) -> Answer:
    return item.answer if isinstance(item, Numeric) else sorted(item.correct_option_ids)

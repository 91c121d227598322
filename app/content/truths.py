"""What is planted in the data of a notebook lab, and what trainees can claim to have found in them."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from app.content.values import Bilingual, Slug, Strict, Text, repeated_values


class ClaimGroup(Strict):
    """A group that a claim can name."""

    id: Slug
    words: Bilingual


class ClaimColumn(Strict):
    """What a measure is compared by: groups, or, where there are none, a number that it may go up or down with."""

    id: Slug
    words: Bilingual
    groups: tuple[ClaimGroup, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """The ends of all claims about a measure by this."""
        if not self.groups:
            return ("rises", "falls", "unrelated")
        ids = [group.id for group in self.groups]
        return (*(f"highest/{each}" for each in ids), *(f"lowest/{each}" for each in ids), "same")


class ClaimMeasure(Strict):
    """What a claim is about. by: ids of the columns that it can be compared by."""

    id: Slug
    words: Bilingual
    by: tuple[Slug, ...] = Field(min_length=1)


class PlantedTruth(Strict):
    """Something that was planted in the data. claims: each of them hits it; look: how to look for it."""

    id: Slug
    weight: int = Field(ge=1, le=5)
    claims: tuple[Text, ...] = Field(min_length=1)
    look: Bilingual


class TemptingClaim(Strict):
    """A claim that is plausible and false. why: what the data say instead."""

    claim: Text
    why: Bilingual


class PlantedTruths(Strict):
    """truths.toml of a notebook lab: what trainees can claim to have found in its data, and which of it was planted.

    A claim is written measure/column/answer, where the answer is highest/group, lowest/group or same for a column of
    groups, and rises, falls or unrelated for a number. also_true: holds, and is nothing that was planted. Whatever is
    offered and neither planted nor also true is wrong. note: how the figures are meant.
    """

    note: Bilingual
    measures: tuple[ClaimMeasure, ...] = Field(min_length=1)
    columns: tuple[ClaimColumn, ...] = Field(min_length=1)
    truths: tuple[PlantedTruth, ...] = Field(min_length=1)
    also_true: tuple[Text, ...] = ()
    tempting: tuple[TemptingClaim, ...] = ()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        lists = [[measure.id for measure in self.measures], [column.id for column in self.columns]]
        lists += [[truth.id for truth in self.truths], *([group.id for group in each.groups] for each in self.columns)]
        for ids in lists:
            if repeated := repeated_values(ids):
                raise ValueError(f"id {repeated[0]} stands more than once; give each its own id")
        return self

    @model_validator(mode="after")
    def _claims_can_be_made_and_stand_once(self) -> Self:
        known = {column.id for column in self.columns}
        for measure in self.measures:
            if strange := set(measure.by) - known:
                raise ValueError(f"measure {measure.id} names column {min(strange)}, which is not there")
        named = [claim for truth in self.truths for claim in truth.claims]
        named += [*self.also_true, *(each.claim for each in self.tempting)]
        if strange := set(named) - self.offered:
            raise ValueError(f"nobody can claim {min(strange)}; name a measure, a column of it and one of its answers")
        if repeated := repeated_values(named):
            raise ValueError(f"claim {repeated[0]} stands more than once; let it be one thing")
        return self

    @model_validator(mode="after")
    def _guessing_does_not_pay(self) -> Self:
        true = {*self.hits, *self.also_true}
        for question in sorted({question_of(claim) for claim in self.hits}):
            answers = {claim for claim in self.offered if question_of(claim) == question}
            if 2 * len(answers & true) >= len(answers):
                raise ValueError(f"of the answers to {question} no more than half are wrong; whoever guesses would win")
        return self

    @property
    def offered(self) -> frozenset[str]:
        """Every claim that can be made."""
        columns = {column.id: column for column in self.columns}
        return frozenset(
            f"{measure.id}/{column}/{answer}"
            for measure in self.measures
            for column in measure.by
            if column in columns
            for answer in columns[column].answers
        )

    @property
    def hits(self) -> Mapping[str, PlantedTruth]:
        """The planted truth that a claim hits, by claim."""
        return {claim: truth for truth in self.truths for claim in truth.claims}

    def weight_of(self, question: str) -> int:
        """What a wrong answer to a question takes away: as much as the right one would bring, 1 if none was planted."""
        return max([truth.weight for claim, truth in self.hits.items() if question_of(claim) == question], default=1)


def question_of(claim: str) -> str:
    """What a claim answers: its measure and its column."""
    return "/".join(claim.split("/")[:2])

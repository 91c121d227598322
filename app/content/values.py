"""The values that a content pack is written in: names, codes, and texts in both languages."""

import re
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
# The name of a Python package, since a scenario is one.
ScenarioId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
CompetencyCode = Annotated[str, StringConstraints(pattern=r"^D[1-9]\.[1-9]$")]
DomainCode = Annotated[str, StringConstraints(pattern=r"^D[1-9]$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Level = Annotated[int, Field(ge=1, le=4)]
Difficulty = Annotated[float, Field(ge=-2, le=2)]
Points = Annotated[float, Field(gt=0, le=20)]
Minutes = Annotated[int, Field(ge=1, le=240)]

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
ARABIC_LETTER = re.compile(r"[\u0620-\u064A\u066E-\u06D3\u06FA-\u06FF]")


class Strict(BaseModel):
    """Unknown keys are refused, and an object never changes after it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bilingual(Strict):
    """One text in English and Urdu; both are required."""

    en: Text
    ur: Text

    @model_validator(mode="after")
    def _each_in_its_own_script(self) -> Self:
        if LATIN_WORD.search(self.en) and not ARABIC_LETTER.search(self.ur):
            raise ValueError("the Urdu text (ur) has no letter of the Urdu script; write it in Urdu")
        if ARABIC_LETTER.search(self.en):
            raise ValueError("the English text (en) holds letters of the Urdu script; write it in English")
        return self

    def in_language(self, language: str) -> str:
        """The text in "ur", or in English for every other language code."""
        return self.ur if language == "ur" else self.en


def repeated_values(values: list[str]) -> list[str]:
    """The values that stand more than once, each named once, in order."""
    return [value for value in dict.fromkeys(values) if values.count(value) > 1]

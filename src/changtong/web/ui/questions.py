"""What the standard asks about a kind of matter at registration, with what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from changtong.standard.domain.edition import Edition
from changtong.standard.domain.intake_forms import (
    ANSWER_AT_MOST,
    ANSWERS_OF_YES_NO,
    CHOICE,
    YES_NO,
    AskedField,
    IntakeForm,
)
from changtong.web.ui.formats import in_english, localized


PREFIX = "answer-"
INPUTS = {"date": "date"}


@dataclass(frozen=True, slots=True)
class Question:
    """One field as the page shows it."""

    field: AskedField
    given: str

    @property
    def key(self) -> str:
        """Return the name under which the answer is sent."""
        return f"{PREFIX}{self.field.code}"

    @property
    def words(self) -> str:
        """Return the question in the language of the page."""
        return localized(self.field)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return what may be chosen; nothing where the answer is written."""
        if self.field.type == YES_NO:
            spoken = int(in_english())
            return [(code, words[spoken]) for code, words in ANSWERS_OF_YES_NO.items()]
        return [(one.code, localized(one)) for one in self.field.choices]

    @property
    def is_chosen(self) -> bool:
        """Tell whether one of the choices is the answer."""
        return self.field.type in {CHOICE, YES_NO}

    @property
    def input_type(self) -> str:
        """Return the kind of box in which the answer is written."""
        return INPUTS.get(self.field.type, "text")

    @property
    def input_mode(self) -> str:
        """Return the keyboard that a telephone shows."""
        return "decimal" if self.field.type == "number" else "text"

    @property
    def at_most(self) -> int:
        """Return how many characters an answer may have."""
        return ANSWER_AT_MOST


@dataclass(frozen=True, slots=True)
class Told:
    """One question and its answer as they were kept, in both languages."""

    name: str
    name_en: str
    says: str
    says_en: str


@dataclass(frozen=True, slots=True)
class Questions:
    """A form as the page shows it."""

    form: IntakeForm
    edition_id: int
    fields: tuple[Question, ...]

    @property
    def answers(self) -> dict[str, str]:
        """Return what was answered by field, nothing left out."""
        return {one.field.code: one.given for one in self.fields}


def told(given: Iterable[Sequence[Mapping[str, str]]]) -> list[Told]:
    """Return what was answered whenever it was asked, each the same answer once."""
    every = (
        Told(one["name"], one["name_en"], one["says"], one["says_en"])
        for answers in given
        for one in answers
    )
    return list(dict.fromkeys(every))


def questions(
    edition: Edition,
    edition_id: int,
    *,
    kind: str,
    category: str,
    given: Mapping[str, str],
    public: bool = False,
) -> Questions | None:
    """Return what is asked about a matter, nothing if nobody asks."""
    form = edition.intake_form(kind=kind, category=category)
    if form is None:
        return None
    asked = [one for one in form.fields if one.public or not public]
    return Questions(
        form=form,
        edition_id=edition_id,
        fields=tuple(Question(one, given.get(f"{PREFIX}{one.code}", "")) for one in asked),
    )

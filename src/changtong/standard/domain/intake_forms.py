"""What is asked when a matter of a kind is reported, and how the answers must look."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from changtong.kernel.errors import Refused
from changtong.standard.domain.parsing import Problem, Section
from changtong.standard.domain.rules import Category


FILE: Final = "tables/intake_forms.toml"
CHOICE: Final = "choice"
YES_NO: Final = "yes_no"
TYPES: Final = ("text", CHOICE, "number", "date", YES_NO)
ANSWERS_OF_YES_NO: Final = MappingProxyType({"yes": ("是", "Yes"), "no": ("否", "No")})
# An answer is a word or a line; what is longer belongs into the description.
ANSWER_AT_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that may be chosen."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class AskedField:
    """One question of a form; a public one is asked of customers themselves too."""

    code: str
    name: str
    name_en: str
    type: str
    choices: tuple[Answer, ...]
    required: bool
    public: bool
    clause: str

    def checked(self, given: str) -> str:
        """
        Return an answer as it is kept.

        :raises Refused: ``answer.required``, ``answer.invalid``
        """
        answer = " ".join(given.split())
        if not answer:
            if self.required:
                raise Refused(
                    "answer.required",
                    clause=self.clause,
                    field=self.code,
                    name=self.name,
                    name_en=self.name_en,
                )
            return ""
        if len(answer) > ANSWER_AT_MOST or not self._fits(answer):
            raise Refused(
                "answer.invalid",
                clause=self.clause,
                field=self.code,
                name=self.name,
                name_en=self.name_en,
            )
        return answer

    def said(self, answer: str) -> dict[str, str]:
        """Return question and answer in both languages, to be read without the standard."""
        words = {one.code: (one.name, one.name_en) for one in self.choices}
        if self.type == YES_NO:
            words = dict(ANSWERS_OF_YES_NO)
        says, says_en = words.get(answer, (answer, answer))
        return {
            "field": self.code,
            "answer": answer,
            "name": self.name,
            "name_en": self.name_en,
            "says": says,
            "says_en": says_en,
        }

    def _fits(self, answer: str) -> bool:
        fits = True
        try:
            match self.type:
                case "choice":
                    fits = answer in {one.code for one in self.choices}
                case "yes_no":
                    fits = answer in ANSWERS_OF_YES_NO
                case "number":
                    fits = Decimal(answer).is_finite()
                case "date":
                    date.fromisoformat(answer)
        except (ValueError, ArithmeticError):
            return False
        return fits


@dataclass(frozen=True, slots=True)
class IntakeForm:
    """What an agent says and asks for a category and all narrower ones."""

    code: str
    category: str
    script: str
    script_en: str
    fields: tuple[AskedField, ...]
    clause: str

    def checked(self, answers: Mapping[str, str], *, public: bool = False) -> list[dict[str, str]]:
        """
        Return questions and answers as they are kept, without empty ones.

        :param public: only what is asked of customers themselves was asked
        :raises Refused: ``answer.required``, ``answer.invalid``, ``answer.unknown``
        """
        asked = [field for field in self.fields if field.public or not public]
        unknown = sorted(answers.keys() - {field.code for field in asked})
        if unknown:
            raise Refused("answer.unknown", clause=self.clause, field=unknown[0])
        kept = ((field, field.checked(answers.get(field.code, ""))) for field in asked)
        return [field.said(answer) for field, answer in kept if answer]


def read(section: Section) -> IntakeForm:
    """Read one form of the table."""
    clause = section.text("clause")
    return IntakeForm(
        code=section.text("code"),
        category=section.text("category"),
        script=section.text("script"),
        script_en=section.text("script_en"),
        fields=tuple(_field(one, clause) for one in section.tables("field")),
        clause=clause,
    )


def _field(section: Section, clause: str) -> AskedField:
    type_ = section.one_of("type", TYPES)
    return AskedField(
        code=section.text("code"),
        name=section.text("name"),
        name_en=section.text("name_en"),
        type=type_,
        choices=tuple(
            Answer(code=one.text("code"), name=one.text("name"), name_en=one.text("name_en"))
            for one in (section.tables("choice") if type_ == CHOICE else ())
        ),
        required=section.flag("required", default=False),
        public=section.flag("public", default=False),
        clause=section.text("clause", clause),
    )


def form_of(
    forms: Sequence[IntakeForm], categories: Sequence[Category], *, kind: str, category: str
) -> IntakeForm | None:
    """Return the form of the category, or of the nearest wider one; none if nobody asks."""
    by_code = {one.code: one for one in categories}
    by_category = {one.category: one for one in forms}
    found = by_code.get(category)
    if found is None:
        # Nothing but the kind is known: what is asked of every matter of the kind.
        found = next((one for one in categories if one.kind == kind and not one.parent), None)
    while found is not None:
        if found.code in by_category:
            return by_category[found.code]
        found = by_code.get(found.parent) if found.parent else None
    return None


def problems(forms: Sequence[IntakeForm], categories: frozenset[str]) -> Iterator[Problem]:
    """Every form is of a category that exists, of one only, and asks nothing twice."""
    yield from _repeated([form.category for form in forms])
    for form in forms:
        if form.category not in categories:
            yield Problem("reference.unknown", FILE, "category", {"code": form.category})
        yield from _repeated([field.code for field in form.fields])
        for field in form.fields:
            yield from _repeated([choice.code for choice in field.choices])
            if field.type == CHOICE and not field.choices:
                facts = {"form": form.code, "field": field.code, "clause": field.clause}
                yield Problem("intake_form.without_choices", FILE, form.code, facts)


def _repeated(codes: Sequence[str]) -> Iterator[Problem]:
    for code in dict.fromkeys(codes):
        if codes.count(code) > 1:
            yield Problem("code.repeated", FILE, "code", {"code": code})

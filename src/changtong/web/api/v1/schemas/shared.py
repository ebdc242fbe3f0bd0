from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from ninja import Field, Schema
from pydantic import ConfigDict, ModelWrapValidatorHandler, model_validator


Kind = Literal["service_request", "fault", "complaint", "enquiry"]
TICKET = "GD20261122-000050"


# What the description says of an answer that is a file.
FILE = {
    "responses": {
        200: {
            "description": "The file",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


def example(*values: Any) -> ConfigDict:
    """Return the part of a body's configuration that describes it by examples."""
    return ConfigDict(json_schema_extra={"examples": list(values)})


class Strict(Schema):
    """A request body: unknown fields are refused, not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _run_root_validator(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        # Ninja's own reads every field as an attribute of a model, after a first validation that
        # looks for unknown fields; a body is plain JSON, and once is enough.
        return handler(values)

    @model_validator(mode="after")
    def storable(self) -> Self:
        """
        Refuse text that PostgreSQL cannot store.

        :raises ValueError: if there is a NUL character in it
        """
        if any(_has_nul(one) for one in self.__dict__.values() if one):
            raise ValueError("NUL characters are not allowed")
        return self


class Reasoned(Strict):
    """Why, in a person's words."""

    model_config = example({"reason": "客户表示不再需要"})

    reason: str = Field(min_length=1, max_length=500)


class Text(Strict):
    """Somebody's words."""

    model_config = example({"text": "光猫上的 LOS 灯亮红色"})

    text: str = Field(min_length=1, max_length=5_000)


class Moved(Schema):
    """The ticket after the change; `due_at` is the earliest limit that still runs."""

    model_config = example(
        {"number": TICKET, "state": "in_progress", "due_at": "2026-11-22T17:18:58Z"}
    )

    number: str
    state: str
    due_at: datetime | None


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_has_nul(one) for one in value)

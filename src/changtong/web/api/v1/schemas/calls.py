from __future__ import annotations

from typing import Literal

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import Strict, example


State = Literal["ringing", "answered", "ended"]


class CallEvent(Strict):
    """Something that happened to a call; `call_id` is the telephone system's own."""

    model_config = example(
        {
            "call_id": "pbx-20261123-0042",
            "event": "ringing",
            "staff_number": "A1001",
            "caller_number": "13800001111",
            "called_number": "10010",
        }
    )

    call_id: str = Field(min_length=1, max_length=64)
    event: State
    staff_number: str = Field(min_length=1, max_length=24)
    caller_number: str = Field(default="", max_length=20)
    called_number: str = Field(default="", max_length=20)


class CallBody(Schema):
    """How far the call has come, after this event and those that were told before."""

    model_config = example({"call_id": "pbx-20261123-0042", "state": "ringing"})

    call_id: str
    state: State

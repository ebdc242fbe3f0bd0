"""What work may need besides people."""

from __future__ import annotations

from enum import StrEnum


class ResourceKind(StrEnum):
    INSTRUMENT = "instrument"
    VEHICLE = "vehicle"
    VENUE = "venue"

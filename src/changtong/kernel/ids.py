"""Identifiers that people read out over the telephone."""

from __future__ import annotations

from datetime import date


def dated_number(prefix: str, day: date, serial: int) -> str:
    """Return e.g. ``GD20261122-000042``: prefix, local day, serial of at least six digits."""
    return f"{prefix}{day:%Y%m%d}-{serial:06d}"

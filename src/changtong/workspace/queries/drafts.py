from __future__ import annotations

from changtong.workspace.models import Draft


def of(staff_id: int, place: str) -> Draft | None:
    """Return what somebody has begun to write in a place."""
    return Draft.objects.filter(staff=staff_id, place=place).first()


def on(staff_id: int, number: str) -> list[str]:
    """Return the places of a ticket where somebody has begun to write."""
    begun = Draft.objects.filter(staff=staff_id, place__startswith=f"/console/tickets/{number}/")
    return list(begun.order_by("place").values_list("place", flat=True))

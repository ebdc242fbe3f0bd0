"""Sealed case files."""

from ninja import Router


router = Router(tags=["archive"])

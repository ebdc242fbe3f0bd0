"""Work orders and assignment."""

from ninja import Router


router = Router(tags=["dispatch"])

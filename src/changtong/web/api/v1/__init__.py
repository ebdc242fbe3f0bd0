"""Version 1 of our own API; one module per context."""

from ninja import NinjaAPI

from changtong.web.api import errors
from changtong.web.api.v1 import archive, customers, dispatch, journal, standard, tickets


api = NinjaAPI(
    title="畅通 Changtong",
    version="1.0.0",
    description=(
        "Everything the closed loop does. Every mutating request carries the header "
        "`Idempotency-Key`; a repetition gets the stored answer. Errors are problem details "
        "(RFC 9457) with a stable `code` and the `clause` of the service standard."
    ),
    urls_namespace="api-v1",
)
errors.install(api)
api.add_router("/tickets", tickets.router)
api.add_router("/", dispatch.router)
api.add_router("/", customers.router)
api.add_router("/standard", standard.router)
api.add_router("/archive", archive.router)
api.add_router("/journal", journal.router)

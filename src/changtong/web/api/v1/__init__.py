"""Version 1 of our own API; one module per context."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from changtong.web.api import errors
from changtong.web.api.v1 import archive, customers, dispatch, journal, standard, tickets


MUTATING = ("post", "put", "patch", "delete")
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    "description": "Chosen by the client, one for each change; a repetition has no effect.",
}


class Api(NinjaAPI):
    """An API whose description names the header that the middleware demands of every change."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for method in MUTATING:
                if method in path:
                    path[method].setdefault("parameters", []).append(KEY)
        return schema


api = Api(
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

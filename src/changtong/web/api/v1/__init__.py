"""Version 1 of our own API; one module per context."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.renderers import JSONRenderer

from changtong.web.api import errors
from changtong.web.api.v1 import (
    archive,
    calls,
    course,
    customers,
    dispatch,
    feedback,
    journal,
    search,
    staff,
    standard,
    structure,
    tickets,
)


FAILED_FROM = 400
PROBLEM = "application/problem+json"
MUTATING = ("post", "put", "patch", "delete")
KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 64},
    "description": (
        "由客户端为每次变更选定，重试时不换 · "
        "Chosen by the client, one for each change; a repetition has no effect."
    ),
    "example": "7f3c0d52",
}
TAGS = {
    "tickets": "工单 · Open, find and move tickets through the loop",
    "course": "过程 · A ticket's limits, journal, log, files, supplements, holds",
    "structure": "关联 · Links, families, mergers and splits of tickets",
    "calls": "来电 · What the telephone system tells of calls, for the intake desk",
    "feedback": "通知与评价 · Receipts, the applicant's word, ratings, follow-ups",
    "dispatch": "派工 · Assignments, work orders, alarms",
    "staff": "人员与班组 · The token itself, staff, teams",
    "search": "检索 · Find anything by its words",
    "customers": "客户 · Customers, lines, regions",
    "standard": "服务标准 · Editions, clauses, codes",
    "archive": "档案 · Sealed case files and their verification",
    "journal": "日志 · The journal, for auditors",
}


class Readable(JSONRenderer):
    """JSON in which a person can read the Chinese, too."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    """An API whose description knows the header of every change and the form of every problem."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for method, operation in path.items():
                if method in MUTATING:
                    operation.setdefault("parameters", []).append(KEY)
                for status, answer in operation["responses"].items():
                    if int(status) >= FAILED_FROM:
                        answer["description"] = "见 code 与 clause · See code and clause"
                        answer["content"] = {PROBLEM: answer["content"]["application/json"]}
        return schema


api = Api(
    title="畅通 Changtong",
    version="1.0.0",
    description=(
        "受理、派单、处理、反馈、评价、归档的全部操作。每个变更请求都要带请求头 "
        "`Idempotency-Key`；错误带稳定的 `code` 和标准条款 `clause`。\n\n"
        "Everything the closed loop does. Every mutating request carries the header "
        "`Idempotency-Key`; a repetition gets the stored answer. Errors are problem details "
        "(RFC 9457) with a stable `code` and the `clause` of the service standard."
    ),
    urls_namespace="api-v1",
    renderer=Readable(),
    openapi_extra={"tags": [{"name": name, "description": text} for name, text in TAGS.items()]},
)
errors.install(api)
api.add_router("/tickets", tickets.router)
api.add_router("/tickets", course.router)
api.add_router("/tickets", structure.router)
api.add_router("/calls", calls.router)
api.add_router("/", feedback.router)
api.add_router("/", dispatch.router)
api.add_router("/", staff.router)
api.add_router("/", customers.router)
api.add_router("/", search.router)
api.add_router("/standard", standard.router)
api.add_router("/archive", archive.router)
api.add_router("/journal", journal.router)

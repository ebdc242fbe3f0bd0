"""Case files: the list, one record, its package, and whether it is still what was sealed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from changtong.archive import operations, queries
from changtong.infra.clock import now
from changtong.kernel.errors import Missing
from changtong.parties.domain.roles import Viewer
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.web.console import wording
from changtong.web.console.frame import show
from changtong.web.console.tickets import case
from changtong.web.ui import tables
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.formats import localized
from changtong.web.ui.tables import Column


if TYPE_CHECKING:
    from django.utils.functional import Promise

    from changtong.archive.models import Record


PAGE = 50
CHECKS_AT_MOST = 10
COLUMNS = (
    Column(_("单号")),
    Column(_("事项")),
    Column(_("结果")),
    Column(_("封存"), sort="sealed_at"),
    Column(_("保管期限")),
    Column(_("大小"), align="end"),
)
FINDINGS: dict[str, str | Promise] = {
    "package_missing": _("档案包不见了"),
    "package_changed": _("档案包被改动"),
    "content_changed": _("包内文件被改动"),
    "record_changed": _("登记与日志不符"),
    "journal_differs": _("与日志不符"),
    "entries_missing": _("日志摘录缺少条目"),
    "published_seal_differs": _("与库外公布的封印不符"),
    "another_number": _("是另一张工单的档案"),
}


@staff_only("archive.view")
def records(request: HttpRequest) -> HttpResponse:
    viewer = staff_viewer(request)
    found = queries.visible_to(viewer).select_related("ticket")
    number = request.GET.get("q", "").strip().upper()
    if number:
        found = found.filter(number__startswith=number)
    listing = tables.page_of(request, found, columns=COLUMNS, sort="-sealed_at", size=PAGE)
    last = queries.verifications("archive").first()
    context = {
        "listing": listing,
        "q": number,
        "last": last,
        "findings": _worded(last.findings) if last else [],
    }
    return show(request, "archive/records.html", context)


@staff_only("archive.view")
def record(request: HttpRequest, number: str) -> HttpResponse:
    found = queries.by_number(staff_viewer(request), number)
    return show(request, "archive/record.html", _shown(found))


@staff_only("archive.view")
@require_safe
def package(request: HttpRequest, number: str) -> HttpResponseBase:
    """Hand out the sealed package as it lies on disk."""
    found = queries.by_number(staff_viewer(request), number)
    path = queries.package_of(found)
    if not path.is_file():
        raise Missing("record.package_missing", number=number)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{number}.zip")


@staff_only("archive.view")
@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Hand out the proof that the journal knows the package as it is."""
    found = queries.by_number(staff_viewer(request), number)
    proof = queries.receipt(found)
    if proof is None:
        raise Missing("record.unsealed", number=number)
    response = HttpResponse(
        json.dumps(proof, ensure_ascii=False, indent=2), content_type="application/json"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.receipt.json"'
    return response


@staff_only("archive.verify")
@require_POST
def verification(request: HttpRequest, number: str) -> HttpResponse:
    """Check the record now and show what was found."""
    viewer = staff_viewer(request)
    found = queries.by_number(viewer, number)
    checked = operations.verify(number=found.number, actor=viewer.actor, at=now())
    context = {
        "checked": checked,
        "findings": [(one.where, FINDINGS.get(one.what, one.what)) for one in checked.findings],
        "at": now(),
        "record": found,
    }
    return show(request, "archive/verdict.html", context)


@staff_only("tickets.view")
def of_ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Show the record of a ticket, or that there is none yet."""
    viewer = staff_viewer(request)
    ticket = case.opened(viewer, number)
    context: dict[str, Any] = {
        **case.shell(viewer, ticket, tab="ticket_record"),
        **_record_of(viewer, number),
        "finished": tickets.is_final(ticket),
    }
    return show(request, "archive/of_ticket.html", context, part="tab")


def _record_of(viewer: Viewer, number: str) -> dict[str, Any]:
    if not viewer.may("archive.view"):
        return {"forbidden": True}
    found = queries.visible_to(viewer).select_related("ticket").filter(number=number).first()
    return _shown(found) if found else {"record": None}


def _shown(record: Record) -> dict[str, Any]:
    edition = standard.read(record.ticket.edition_id)
    kept = edition.retention(kind=record.ticket.kind)
    checks = list(record.verifications.order_by("-id")[:CHECKS_AT_MOST])
    names = wording.names_in(one.actor for one in checks)
    return {
        "record": record,
        "retention": localized(kept),
        "retention_basis": kept.basis,
        "category_name": wording.category(record.ticket.category, edition),
        "checks": [
            (one, wording.actor(one.actor, names), _worded(one.findings)) for one in checks
        ],
    }


def _worded(findings: list[dict[str, str]]) -> list[tuple[str, str | Promise]]:
    return [(one["where"], FINDINGS.get(one["what"], one["what"])) for one in findings[:20]]

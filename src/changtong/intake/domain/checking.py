"""Whether the standard knows what a report says about itself."""

from __future__ import annotations

from changtong.catalog.domain import Family
from changtong.kernel.errors import Refused
from changtong.standard.domain.edition import Edition
from changtong.tickets.domain.lifecycle import Kind
from changtong.tickets.domain.report import Report


def answered(
    report: Report, edition: Edition, *, category: str, public: bool
) -> list[dict[str, str]]:
    """
    Return what was asked about a matter and answered, readable without the standard.

    :param category: of the case, which may be another than the report's
    :param public: the customer filled it in, who is asked public fields only
    :raises Refused: ``answer.required``, ``answer.invalid``, ``answer.unknown``
    """
    if report.answers is None:
        return []
    form = edition.intake_form(kind=report.kind, category=category)
    if form is None:
        if report.answers:
            raise Refused("answer.unknown", field=min(report.answers))
        return []
    return form.checked(report.answers, public=public)


def check(report: Report, edition: Edition) -> None:
    """
    Refuse words that the edition does not have.

    :raises Refused: ``report.kind_unknown``, ``report.channel_unknown``,
        ``report.family_unknown``, ``category.kind_differs``
    :raises Missing: ``category.unknown``
    """
    if report.kind not in set(Kind):
        raise Refused("report.kind_unknown", kind=report.kind)
    channels = {choice.code for choice in edition.channels}
    if report.channel not in channels:
        raise Refused("report.channel_unknown", channel=report.channel)
    if report.family and report.family not in set(Family):
        raise Refused("report.family_unknown", family=report.family)
    if report.category:
        category = edition.category(report.category)
        if category.kind != report.kind:
            raise Refused("category.kind_differs", category=category.code, kind=report.kind)

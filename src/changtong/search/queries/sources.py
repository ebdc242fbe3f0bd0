"""What can be found: each source reads its rows as documents, and says who may see them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from changtong.feedback import queries as feedback
from changtong.intake import queries as intake
from changtong.kernel.errors import Missing
from changtong.knowledge import queries as knowledge
from changtong.parties import queries as parties
from changtong.parties.domain.roles import ALL_PERMISSIONS, Reach, Viewer
from changtong.search.domain import lexemes
from changtong.search.domain.document import Written
from changtong.search.domain.lexemes import scope
from changtong.standard import queries as standard
from changtong.tickets import queries as tickets
from changtong.tickets.domain.lifecycle import FINAL, State


if TYPE_CHECKING:
    from changtong.knowledge.models import Version
    from changtong.parties.models import Customer, Line
    from changtong.tickets.models import Ticket


TICKET, MESSAGE, CUSTOMER, LINE = "ticket", "message", "customer", "line"
ARTICLE = "article"
EVERYTHING = Viewer(
    actor="system:search", reach=Reach.ALL, permissions=ALL_PERMISSIONS, staff_id=0
)
# Customers and lines have no date; they are never left out for their age.
TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)
# What somebody said, as against what somebody did.
SAID = frozenset({"message", "answer"})
YES = "yes"


@dataclass(frozen=True, slots=True)
class Source:
    """
    One kind of document.

    :param rows: every row that the viewer may see; the rule of the context that owns them
    :param read: a document from a row, or none if it has nothing to say
    :param fetched: the rows with all that `read` looks at
    :param within: the scope in lexemes, never narrower than `rows`; None if nothing is seen
    """

    kind: str
    rows: Callable[[Viewer], QuerySet[Any]]
    read: Callable[[Any], Written | None]
    fetched: Callable[[QuerySet[Any]], QuerySet[Any]]
    within: Callable[[Viewer], str | None]
    # Whether it is of a time, so that what is new may be looked through first.
    timed: bool = False

    def documents(self, keys: Collection[int]) -> Iterator[Written]:
        """Yield all documents of these rows; what is gone or says nothing is missing."""
        together = [one for one in SOURCES if one.rows == self.rows]
        for row in self.fetched(self.rows(EVERYTHING).filter(pk__in=keys)):
            for source in together:
                document = source.read(row)
                if document is not None:
                    yield document

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of document that are made of the same rows."""
        return [one.kind for one in SOURCES if one.rows == self.rows]

    def keys(self, *, after: int, at_most: int) -> list[int]:
        """Return the next keys in order."""
        found = self.rows(EVERYTHING).filter(pk__gt=after).order_by("pk")
        return list(found.values_list("pk", flat=True)[:at_most])

    def visible(
        self, viewer: Viewer, keys: Collection[int], narrowed: Mapping[str, Any] | None = None
    ) -> set[int]:
        """Return those of these rows that the viewer may see now."""
        found = self.rows(viewer).filter(pk__in=keys, **(narrowed or {}))
        return set(found.order_by().values_list("pk", flat=True)) if keys else set()


def of_kind(kind: str) -> Source:
    return BY_KIND[kind]


# -----------------------------------------------------------------------------------------
# Cases, and what was said in them
# -----------------------------------------------------------------------------------------


def _tickets_fetched(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    chosen = rows.select_related("customer", "line").annotate(
        said=intake.all_answers(), rated=feedback.all_comments()
    )
    return chosen.prefetch_related("log", "resolutions", "supplements").order_by()


def _ticket_scopes(ticket: Ticket, at: datetime) -> tuple[str, ...]:
    return (
        *lexemes.of_region(ticket.region_path),
        *lexemes.of_time(at),
        scope("t", ticket.kind),
        scope("c", ticket.category),
        scope("o", int(not _is_final(ticket))),
        scope("g", ticket.team_id or 0),
        scope("a", ticket.assignee_id or 0),
    )


def _is_final(ticket: Ticket) -> bool:
    return State(ticket.state) in FINAL


def _ticket(ticket: Ticket) -> Written:
    text = [ticket.description, ticket.address, ticket.special_needs, *_terms_of(ticket)]
    if ticket.line is not None:
        text.append(ticket.line.number)
    text.append(ticket.source_reference)
    text += [one.text for one in ticket.log.all()]
    for done in ticket.resolutions.all():
        text += [done.result, done.advice, done.refused_because]
    text += [*_asked(ticket), *_answered(ticket)]
    text += ticket.rated  # type: ignore[attr-defined]
    return Written(
        kind=TICKET,
        source_id=ticket.pk,
        number=ticket.number,
        title=ticket.title,
        text="\n".join(filter(None, text)),
        names=_people(ticket),
        at=ticket.opened_at,
        open=not _is_final(ticket),
        private=_private(ticket.contact_phone, ticket.contact_email),
        scopes=_ticket_scopes(ticket, ticket.opened_at),
    )


def _terms_of(ticket: Ticket) -> list[str]:
    """Return the words of the standard for what a ticket is about and what came of it."""
    edition = standard.read(ticket.edition_id)
    found: list[str] = []
    if ticket.category:
        try:
            category = edition.category(ticket.category)
        except Missing:
            pass
        else:
            found += [category.name, category.name_en]
    named = {
        one.code: one
        for one in (*edition.causes(kind=ticket.kind), *edition.fixes(kind=ticket.kind))
    }
    for done in ticket.resolutions.all():
        if done.refused_at is None:
            found += [named[code].name for code in (done.cause, done.fix) if code in named]
    return found


def _asked(ticket: Ticket) -> list[str]:
    return [words for one in ticket.supplements.all() for words in (one.question, one.answer)]


def _answered(ticket: Ticket) -> list[str]:
    """Return what was answered at registration; to "yes" belongs what it was said to."""
    answers = [one for given in ticket.said for one in given]  # type: ignore[attr-defined]
    told = [
        words
        for one in answers
        for words in (
            (one["name"], one["name_en"])
            if one["answer"] == YES
            else (one["says"], one["says_en"])
        )
    ]
    return list(dict.fromkeys(told))


def _people(ticket: Ticket) -> str:
    names = [ticket.contact_name, ticket.customer.name if ticket.customer else ""]
    return " ".join(dict.fromkeys(filter(None, names)))


def _private(*values: str) -> tuple[str, ...]:
    return tuple(filter(None, values))


def _message(ticket: Ticket) -> Written | None:
    said = [one for one in ticket.log.all() if one.type in SAID and one.text]
    text = [*(one.text for one in said), *_asked(ticket)]
    if not any(text):
        return None
    moments = [one.happened_at for one in said]
    moments += [one.answered_at or one.asked_at for one in ticket.supplements.all()]
    return Written(
        kind=MESSAGE,
        source_id=ticket.pk,
        number=ticket.number,
        title=ticket.title,
        text="\n".join(filter(None, text)),
        names=_people(ticket),
        at=max(moments),
        open=not _is_final(ticket),
        private=_private(ticket.contact_phone),
        scopes=_ticket_scopes(ticket, max(moments)),
    )


def _tickets_within(viewer: Viewer) -> str | None:
    if viewer.staff_id is None or not viewer.may("tickets.view"):
        return None
    place = _place(viewer)
    own = lexemes.quoted(scope("a", viewer.staff_id))
    nobody, no_team = (lexemes.quoted(scope(sort, 0)) for sort in ("a", "g"))
    teams = " | ".join(lexemes.quoted(scope("g", one)) for one in viewer.team_ids)
    match viewer.reach:
        case Reach.ALL:
            return ""
        case Reach.REGION:
            return place
        case Reach.TEAM:
            unheld = f"({no_team} & {place})" if place else no_team
            return f"({' | '.join(filter(None, [teams, own, unheld]))})"
        case Reach.OWN:
            return f"({own} | ({nobody} & ({teams})))" if teams else own


# -----------------------------------------------------------------------------------------
# Customers and their lines
# -----------------------------------------------------------------------------------------


def _customers_within(viewer: Viewer) -> str | None:
    if viewer.reach is Reach.ALL:
        return ""
    return _place(viewer) if viewer.may("customers.view") else None


def _place(viewer: Viewer) -> str:
    lying_in = list(lexemes.of_region(viewer.region_path))
    return lexemes.quoted(lying_in[-1]) if lying_in else ""


def _customer(customer: Customer) -> Written:
    return Written(
        kind=CUSTOMER,
        source_id=customer.pk,
        number=customer.number,
        title=customer.name,
        names=customer.name,
        at=TIMELESS,
        open=True,
        private=_private(customer.phone, customer.email),
        scopes=tuple(lexemes.of_region(customer.region.path)),
    )


def _line(line: Line) -> Written:
    return Written(
        kind=LINE,
        source_id=line.pk,
        number=line.number,
        title=line.number,
        text="\n".join(filter(None, [line.address, line.service.name, line.access_resource])),
        names=line.customer.name,
        at=TIMELESS,
        open=line.state != "terminated",
        scopes=tuple(lexemes.of_region(line.region.path)),
    )


# -----------------------------------------------------------------------------------------
# What is worth knowing
# -----------------------------------------------------------------------------------------


def _article(version: Version) -> Written:
    return Written(
        kind=ARTICLE,
        source_id=version.pk,
        number=str(version.article_id),
        title=version.title,
        text=version.body,
        at=version.published_at or version.written_at,
        open=True,
        scopes=(scope("p", int(version.public)),),
    )


def _articles_within(viewer: Viewer) -> str:
    return "" if viewer.may("knowledge.view") else lexemes.quoted(scope("p", 1))


SOURCES = (
    Source(TICKET, tickets.visible_to, _ticket, _tickets_fetched, _tickets_within, timed=True),
    Source(MESSAGE, tickets.visible_to, _message, _tickets_fetched, _tickets_within, timed=True),
    Source(
        CUSTOMER,
        parties.customers_visible_to,
        _customer,
        lambda rows: rows.select_related("region").order_by(),
        _customers_within,
    ),
    Source(
        ARTICLE,
        knowledge.readable_by,
        _article,
        lambda rows: rows.order_by(),
        _articles_within,
    ),
    Source(
        LINE,
        parties.lines_visible_to,
        _line,
        lambda rows: rows.select_related("customer", "service", "region").order_by(),
        _customers_within,
    ),
)
BY_KIND = {one.kind: one for one in SOURCES}
KINDS = tuple(BY_KIND)
# Made again by themselves; the others with them, of the same rows.
LEADING = tuple(one.kind for one in SOURCES if one.kinds[0] == one.kind)

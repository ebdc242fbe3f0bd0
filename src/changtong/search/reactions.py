from __future__ import annotations

from typing import TYPE_CHECKING

from changtong.journal.subscriptions import reacts_to
from changtong.search import operations


if TYPE_CHECKING:
    from changtong.journal.models import Entry


# Only what changes the words of a case, who may find it, or whether it is over: each tag more
# costs a job for each such entry.
@reacts_to(
    "ticket.opened",
    "ticket.reclassified",
    "ticket.assigned",
    "ticket.unassigned",
    "ticket.logged",
    "ticket.supplement_asked",
    "ticket.supplemented",
    "ticket.resolved",
    "ticket.reopened",
    "ticket.closed",
    "ticket.rejected",
    "ticket.cancelled",
    "ticket.merged",
    "ticket.unmerged",
    "evaluation.given",
)
def index_ticket(entry: Entry) -> None:
    operations.index_ticket(number=entry.subject)


@reacts_to("customer.registered", "customer.corrected", "customer.erased")
def index_customer(entry: Entry) -> None:
    operations.index_customer(customer_id=int(entry.subject.removeprefix("customer:")))


@reacts_to("article.published", "article.retired")
def index_article(entry: Entry) -> None:
    operations.index_article(article_id=int(entry.subject.removeprefix("article:")))


@reacts_to("line.connected", "line.corrected")
def index_line(entry: Entry) -> None:
    operations.index_line(line_id=int(entry.subject.removeprefix("line:")))

"""The life of an article: written, published, read, reviewed, retired."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.factories import people
from tests.factories.articles import CATEGORY, KNOWN, drafted, published, written

from changtong.journal import queries as journal
from changtong.kernel.errors import Missing, Refused
from changtong.knowledge import operations, queries
from changtong.knowledge.models import Version
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Role


pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
CUSTOMER = parties.viewer_of_phone("13800001111")


@pytest.fixture
def author(db: None) -> Any:
    return people.staff("author", Role.AGENT)


@pytest.fixture
def leader(db: None) -> Any:
    return people.staff("leader", Role.LEADER)


def test_nobody_reads_a_draft_but_those_who_write(author: Any) -> None:
    made = drafted(author)

    with pytest.raises(Missing):
        queries.version(parties.viewer_of(author), made.article_id)
    with pytest.raises(Missing):
        queries.article(
            parties.viewer_of(people.staff("archivist", Role.ARCHIVIST)), made.article_id
        )
    assert queries.article(parties.viewer_of(author), made.article_id).versions.get() == made


def test_customers_read_what_is_public_and_a_second_person_has_read(
    author: Any, leader: Any
) -> None:
    made = drafted(author)

    with pytest.raises(Refused, match=r"article\.own_work"):
        operations.publish(article_id=made.article_id, actor=author.actor, at=AT)
    operations.publish(article_id=made.article_id, actor=leader.actor, at=AT)
    internal = published(author, public=False, title="内部")

    assert list(queries.readable_by(CUSTOMER)) == [made]
    assert set(queries.readable_by(parties.viewer_of(author))) == {made, internal}


def test_what_is_read_stays_until_the_next_version_is_published(author: Any, leader: Any) -> None:
    first = published(author, public=False)
    number = first.article_id

    operations.revise(
        article_id=number,
        written=written(title="新", public=True),
        known=KNOWN,
        actor=author.actor,
        at=AT,
    )
    operations.revise(
        article_id=number, written=written(title="更新"), known=KNOWN, actor=author.actor, at=AT
    )

    assert queries.version(parties.viewer_of(author), number).title == "光猫红灯"
    assert not queries.readable_by(CUSTOMER).exists()
    second = operations.publish(article_id=number, actor=leader.actor, at=AT)
    assert (second.number, second.title) == (2, "更新")
    assert queries.readable_by(CUSTOMER).get() == second
    states = Version.objects.filter(article_id=number).order_by("number")
    assert list(states.values_list("state", flat=True)) == ["superseded", "published"]


def test_the_database_lets_only_one_version_be_read(author: Any, leader: Any) -> None:
    made = published(author)
    operations.revise(
        article_id=made.article_id, written=written(), known=KNOWN, actor=author.actor, at=AT
    )

    with pytest.raises(IntegrityError, match="version_published_once"), transaction.atomic():
        Version.objects.filter(state="draft").update(
            state="published", published_by="x", published_at=AT
        )


def test_what_solved_a_case_counts_once(author: Any, leader: Any) -> None:
    made = published(author)
    said = {"article_id": made.article_id, "subject": "GD20261124-000001", "actor": author.actor}

    operations.note_solution(**said, at=AT)
    with pytest.raises(Refused, match=r"article\.solved_already"):
        operations.note_solution(**said, at=AT)

    assert queries.version(CUSTOMER, made.article_id).article.solved_count == 1
    assert queries.solutions_of("GD20261124-000001") == {made.article_id: author.actor}
    assert journal.timeline("GD20261124-000001").get().tag == "article.solved"


def test_articles_about_a_matter_are_those_of_its_category_and_around_it(
    author: Any, leader: Any
) -> None:
    near = published(author)
    wide = published(author, categories=(), title="全部宽带故障")
    Version.objects.filter(pk=wide.pk).update(categories=["fault.broadband"])
    published(author, categories=(), title="别的")
    operations.note_solution(article_id=wide.article_id, subject="GD1", actor=author.actor, at=AT)

    found = queries.about_category(parties.viewer_of(author), CATEGORY, at_most=5)

    assert list(found) == [wide, near]


def test_an_article_is_read_again_when_its_day_has_come(author: Any, leader: Any) -> None:
    made = published(author)

    assert not queries.overdue(on=date(2030, 4, 30)).exists()
    assert queries.overdue(on=date(2030, 5, 1)).get() == made
    operations.confirm(
        article_id=made.article_id, review_on=date(2030, 11, 1), actor=author.actor, at=AT
    )
    assert not queries.overdue(on=date(2030, 5, 1)).exists()


def test_what_is_retired_is_read_by_nobody_and_changed_by_nobody(author: Any, leader: Any) -> None:
    made = published(author)
    operations.retire(article_id=made.article_id, reason="设备退网", actor=leader.actor, at=AT)

    assert not queries.readable_by(parties.viewer_of(author)).exists()
    with pytest.raises(Refused, match=r"article\.retired"):
        operations.revise(
            article_id=made.article_id,
            written=written(),
            known=KNOWN,
            actor=author.actor,
            at=AT + timedelta(days=1),
        )

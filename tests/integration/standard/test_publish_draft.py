"""What was approved is published, with its day; cases of that day take it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories import drafts
from tests.factories.drafts import AT, FROM, SECOND

from changtong.journal.models import Entry
from changtong.kernel.errors import Refused
from changtong.standard import models, queries
from changtong.standard.operations import publishing


pytestmark = pytest.mark.django_db


def test_an_approved_draft_becomes_an_edition_that_comes_into_force_by_date():
    row = drafts.published()

    first = queries.editions().get(version="1.0.0")
    draft = models.Draft.objects.get()
    edition = queries.read(row.pk)
    assert (row.version, row.effective_from, draft.edition) == ("1.1.0", FROM, row)
    assert (edition.version, edition.replaces) == ("1.1.0", "1.0.0")
    assert draft.state == "published"
    # In China the first of January begins eight hours before it does in Greenwich.
    assert queries.edition_in_force(at=datetime(2026, 12, 31, 15, 59, tzinfo=UTC)) == first
    assert queries.edition_in_force(at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC)) == row
    entry = Entry.objects.get(tag="draft.published")
    assert (entry.facts["edition"], entry.facts["approved_by"]) == (row.pk, SECOND)


def test_a_new_case_in_the_region_takes_the_stricter_limit():
    edition = queries.read(drafts.published().pk)
    case = {"kind": "fault", "priority": "P3", "region_type": "urban", "tier": "standard"}

    def restoration(**where):
        found = edition.targets(**case, **where)
        return {str(t.within) for t in found if t.limit == "promise.restoration"}

    assert restoration(region="/41/4101/410105/", family="broadband") == {"12h"}
    assert restoration(region="/41/4103/410302/", family="broadband") == {"24h"}
    assert restoration(region="/41/4101/410105/", family="cloud") == {"8h"}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"version": "1.0.0"}, "edition.version_taken"),
        ({"version": "next"}, "edition.version_unreadable"),
        ({"effective_from": AT.date() - timedelta(days=1)}, "edition.backdated"),
    ],
)
def test_version_and_day_must_make_sense(given, code):
    with pytest.raises(Refused) as refused:
        drafts.published(**given)

    assert refused.value.code == code
    assert models.Edition.objects.count() == 1
    assert models.Draft.objects.get().state == "approved"


def test_it_may_come_into_force_today():
    assert drafts.published(effective_from=date(2026, 11, 24)).effective_from.day == 24


@pytest.mark.parametrize("stage", [drafts.begun, drafts.in_review, drafts.published])
def test_only_what_is_approved_is_published_and_only_once(stage):
    stage()
    draft = models.Draft.objects.get()

    with pytest.raises(Refused) as refused:
        publishing.publish_draft(
            draft_id=draft.pk, version="9.0.0", effective_from=FROM, actor=SECOND, at=AT
        )

    assert refused.value.code == "draft.cannot_move"


def test_words_that_were_not_approved_are_not_published():
    draft = drafts.approved()
    other = "0" * 64
    models.Draft.objects.filter(pk=draft.pk).update(approved_digest=other, rehearsed_digest=other)

    with pytest.raises(Refused) as refused:
        publishing.publish_draft(
            draft_id=draft.pk, version="1.1.0", effective_from=FROM, actor=SECOND, at=AT
        )

    assert refused.value.code == "draft.not_as_approved"


def test_the_database_links_published_drafts_to_their_editions():
    drafts.approved()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE standard_draft SET state = 'published'")

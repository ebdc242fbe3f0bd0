"""An edition is published once, as it was written, and stays as it is."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from changtong.cli.standard import publish_shipped
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models, queries
from changtong.standard.domain import reading
from changtong.standard.domain.parsing import Unreadable
from changtong.standard.operations import publishing


pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def shipped():
    (path,) = queries.drafts()
    return queries.draft(path)


def publish(body=None, **changes):
    return publishing.publish(
        **{"body": body or shipped(), "actor": "staff:1", "at": AT, **changes}
    )


def changed(body, **head):
    return {**body, "edition.toml": {**body["edition.toml"], **head}}


def test_publishing_stores_the_edition_and_tells_the_journal():
    row = publish()

    assert (row.code, row.version, row.published_by) == ("cn-telecom", "1.0.0", "staff:1")
    entry = Entry.objects.get(tag="edition.published")
    assert entry.subject == f"edition:{row.pk}"
    assert entry.actor == "staff:1"
    assert entry.happened_at == AT
    assert entry.facts["digest"] == row.digest


def test_what_is_read_back_equals_what_the_files_say():
    row = publish()

    assert queries.read(row.pk) == reading.edition(shipped())
    assert queries.body(row.pk) == shipped()


def test_a_published_edition_contains_the_law_that_it_rests_on(settings, tmp_path):
    row = publish()
    settings.STANDARDS_ROOT = tmp_path
    queries.read.cache_clear()

    edition = queries.read(row.pk)

    assert edition.law == ("cn-law/2026.1", "cn-law-41/2026.1", "cn-law-50/2026.1")
    assert edition.clause("L1.32").title == "障碍修复"
    assert str(edition.figure("repair.customer.urban").within) == "48h"


def test_nobody_writes_the_law_but_its_pack():
    body = shipped()
    file = "law/cn-law/figures/repair.toml"
    (urban, *others) = body[file]["figure"]
    body[file] = {**body[file], "figure": [{**urban, "value": "72h"}, *others]}

    row = publish(body)

    assert queries.body(row.pk) == shipped()


def test_an_edition_cannot_be_published_without_the_pack_that_it_names():
    body = changed(shipped(), law=["cn-law/2026.1", "us-law/2026.1"])

    with pytest.raises(Unreadable) as unreadable:
        publish(body)

    assert {problem.code for problem in unreadable.value.problems} >= {"law.missing"}
    assert models.Edition.objects.count() == 0


@pytest.mark.parametrize("name", ["../../etc", "cn-law/../../x", "/etc/1", "cn-law"])
def test_a_pack_is_named_by_code_and_version_and_by_no_path(name):
    with pytest.raises(Unreadable):
        publish(changed(shipped(), law=[name]))


def test_at_the_start_another_text_of_a_published_version_is_told_and_changes_nothing(capsys):
    row = publish(changed(shipped(), title="另一部标准"))

    publish_shipped()

    assert models.Edition.objects.get() == row
    told = " ".join(capsys.readouterr().out.split())
    assert "cn-telecom 1.0.0" in told
    assert "publish them as a new version" in told


def test_at_the_start_an_edition_of_a_trial_version_is_told_and_stops_the_program(capsys):
    body = shipped()
    trial = {**body, "figures/process.toml": {"figure": [{"code": "handling.average"}]}}
    row = models.Edition.objects.create(
        code="cn-telecom",
        version="1.0.0",
        title="试用",
        title_en="Trial",
        effective_from="2026-01-01",
        digest="0" * 64,
        published_at=AT,
        published_by="staff:1",
    )
    models.EditionText.objects.create(edition=row, body=trial)

    with pytest.raises(Unreadable):
        publish_shipped()

    assert "cannot be read by this one" in " ".join(capsys.readouterr().out.split())


def test_an_edition_is_read_from_the_database_once():
    row = publish()
    queries.read(row.pk)

    with CaptureQueriesContext(connection) as asked:
        queries.read(row.pk)
        queries.clause(row.pk, "13.2")

    assert len(asked) == 0


def test_publishing_the_same_text_again_changes_nothing():
    first = publish()
    second = publish()

    assert first.pk == second.pk
    assert models.Edition.objects.count() == 1
    assert Entry.objects.filter(tag="edition.published").count() == 1


def test_another_text_under_the_same_version_is_refused():
    publish()

    with pytest.raises(Refused) as refused:
        publish(changed(shipped(), title="另一部标准"))

    assert refused.value.code == "edition.version_taken"
    assert models.Edition.objects.count() == 1


def test_an_edition_with_mistakes_is_refused_and_nothing_is_stored():
    body = shipped()
    del body["tables/targets/handling.toml"]

    with pytest.raises(publishing.Unsound) as refused:
        publish(body)

    assert "limit.missing" in {problem.code for problem in refused.value.problems}
    assert not models.Edition.objects.exists()
    assert not Entry.objects.exists()


def test_an_edition_that_cannot_be_read_is_refused():
    with pytest.raises(Unreadable):
        publish(changed(shipped(), schema=2))

    assert not models.Edition.objects.exists()


@pytest.mark.parametrize(
    "change", ["title = 'x'", "digest = 'x'", "effective_from = '2020-01-01'", "version = '2'"]
)
def test_the_database_refuses_to_change_a_published_edition(change):
    publish()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE standard_edition SET {change}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standard_editiontext SET body = '{}'",
        "DELETE FROM standard_editiontext",
        "DELETE FROM standard_edition",
    ],
)
def test_the_database_refuses_to_change_or_delete_the_text(statement):
    publish()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_newest_edition_whose_day_has_come_is_in_force():
    first = publish()
    second = publish(changed(shipped(), version="1.1.0", effective_from="2026-07-01"))

    # In China the first of July begins eight hours before it does in Greenwich.
    assert queries.edition_in_force(at=datetime(2026, 6, 30, 15, 59, tzinfo=UTC)) == first
    assert queries.edition_in_force(at=datetime(2026, 6, 30, 16, 0, tzinfo=UTC)) == second


def test_history_from_before_the_first_edition_is_judged_by_the_first():
    first = publish()
    publish(changed(shipped(), version="1.1.0", effective_from="2026-07-01"))

    assert queries.edition_in_force(at=datetime(2015, 5, 1, tzinfo=UTC)) == first


def test_without_an_edition_nothing_is_in_force():
    with pytest.raises(Missing) as missing:
        queries.edition_in_force(at=AT)

    assert missing.value.code == "edition.none_in_force"


def test_a_withdrawn_edition_governs_no_new_case_but_can_still_be_read():
    first = publish()
    second = publish(changed(shipped(), version="1.1.0", effective_from="2026-02-01"))

    publishing.withdraw(edition_id=second.pk, because="数字有误", actor="staff:2", at=AT)

    assert queries.edition_in_force(at=AT) == first
    assert queries.read(second.pk).version == "1.1.0"
    entry = Entry.objects.get(tag="edition.withdrawn")
    assert (entry.subject, entry.facts) == (f"edition:{second.pk}", {"because": "数字有误"})


def test_the_last_edition_in_force_is_not_withdrawn():
    row = publish()
    publish(changed(shipped(), version="1.1.0", effective_from="2026-07-01"))

    with pytest.raises(Refused) as refused:
        publishing.withdraw(edition_id=row.pk, because="数字有误", actor="staff:2", at=AT)

    assert refused.value.code == "edition.none_would_remain"
    assert not Entry.objects.filter(tag="edition.withdrawn").exists()


def test_an_edition_is_withdrawn_once_and_with_a_reason():
    publish()
    row = publish(changed(shipped(), version="1.1.0", effective_from="2026-02-01"))

    with pytest.raises(Refused) as refused:
        publishing.withdraw(edition_id=row.pk, because=" ", actor="staff:2", at=AT)
    assert refused.value.code == "edition.reason_missing"

    publishing.withdraw(edition_id=row.pk, because="替换", actor="staff:2", at=AT)
    with pytest.raises(Refused) as refused:
        publishing.withdraw(edition_id=row.pk, because="再次", actor="staff:2", at=AT)
    assert refused.value.code == "edition.withdrawn_already"


def test_a_clause_that_does_not_exist_is_missing():
    row = publish()

    with pytest.raises(Missing):
        queries.clause(row.pk, "99.9")
    with pytest.raises(Missing):
        queries.read(row.pk + 1_000_000)

"""A draft is changed place by place; every change is kept, and nobody overwrites anybody."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories import drafts
from tests.factories.drafts import AT, AUTHOR, COLLEAGUE, HANDLING, ROWS, STRICTER, TEXT

from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused
from changtong.standard import models, queries
from changtong.standard.domain import drafting, reading
from changtong.standard.domain.drafting import Place
from changtong.standard.domain.parsing import Unreadable
from changtong.standard.operations import drafting as operations


pytestmark = pytest.mark.django_db


def entries(tag):
    return list(Entry.objects.filter(tag=tag).order_by("id"))


def test_a_draft_begins_with_the_words_of_the_edition():
    edition = drafts.publish_first()
    draft = drafts.begun()

    assert queries.body_of(draft) == queries.body(edition.pk)
    assert (draft.state, draft.revision, draft.based_on, draft.code) == (
        "drafting",
        0,
        edition,
        "cn-telecom",
    )
    (entry,) = entries("draft.begun")
    assert (entry.subject, entry.actor) == (f"draft:{draft.pk}", AUTHOR)
    assert entry.facts["digest"] == edition.digest


def test_a_draft_begins_from_files_that_can_be_read():
    body = queries.draft(next(iter(queries.drafts())))

    draft = drafts.begun(edition_id=None, body=body)

    assert draft.based_on is None
    assert queries.body_of(draft) == body


def test_a_draft_needs_a_title_an_edition_and_readable_files():
    with pytest.raises(Refused) as refused:
        drafts.begun(title=" ")
    assert refused.value.code == "draft.untitled"
    with pytest.raises(Missing):
        drafts.begun(edition_id=0)
    with pytest.raises(Unreadable):
        drafts.begun(edition_id=None, body={"edition.toml": {}})
    assert not models.Draft.objects.exists()


def test_a_change_is_kept_with_what_was_and_what_is():
    draft = drafts.begun()
    before = drafting.value_at(queries.body_of(draft), TEXT)

    change = drafts.change(draft, TEXT, "新的文字。")

    assert drafting.value_at(queries.body_of(draft), TEXT) == "新的文字。"
    assert (change.revision, change.by, change.before, change.after) == (
        1,
        AUTHOR,
        before,
        "新的文字。",
    )
    (entry,) = entries("draft.changed")
    assert (entry.facts["file"], entry.facts["place"]) == ("clauses/13.toml", "clause[4].text")
    assert entry.facts["digest"] == reading.edition(queries.body_of(draft)).digest
    draft.refresh_from_db()
    assert draft.revision == 1


def test_two_authors_work_on_different_places_at_once():
    draft = drafts.begun()

    drafts.change(draft, TEXT, "甲写的。")
    drafts.append_row(draft, actor=COLLEAGUE)

    assert queries.authors_of(draft) == {AUTHOR, COLLEAGUE}
    assert [change.revision for change in queries.changes_of(draft)] == [2, 1]


def test_the_second_author_of_the_same_place_is_told_and_nothing_is_lost():
    draft = drafts.begun()
    seen = drafting.seal(drafting.value_at(queries.body_of(draft), TEXT))
    drafts.change(draft, TEXT, "甲写的。")

    with pytest.raises(Refused) as refused:
        drafts.change(draft, TEXT, "乙写的。", seen=seen, actor=COLLEAGUE)

    assert refused.value.code == "draft.changed_meanwhile"
    assert (refused.value.facts["by"], refused.value.facts["since"]) == (AUTHOR, AT)
    assert drafting.value_at(queries.body_of(draft), TEXT) == "甲写的。"
    assert len(entries("draft.changed")) == 1


def test_a_removed_row_does_not_let_a_neighbor_be_changed_in_its_place():
    draft = drafts.begun()
    rows = drafting.value_at(queries.body_of(draft), ROWS)
    seen = drafting.seal(rows[1])
    drafts.change(draft, ROWS.below(0), None)

    with pytest.raises(Refused) as refused:
        drafts.change(draft, ROWS.below(1), {**rows[1], "within": "1h"}, seen=seen)

    assert refused.value.code == "draft.changed_meanwhile"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (TEXT, ""),
        (ROWS.below(0, "within"), "soon"),
        (Place("tables/pauses.toml"), None),
        (ROWS.below(0, "when"), {"moon": "full"}),
    ],
)
def test_a_change_after_which_nobody_could_read_the_draft_is_refused(place, value):
    draft = drafts.begun()
    body = queries.body_of(draft)

    with pytest.raises(Unreadable):
        drafts.change(draft, place, value)

    assert queries.body_of(draft) == body
    assert not models.DraftChange.objects.exists()
    assert not entries("draft.changed")


def test_saving_what_is_there_already_is_no_change():
    draft = drafts.begun()
    text = drafting.value_at(queries.body_of(draft), TEXT)

    with pytest.raises(Refused) as refused:
        drafts.change(draft, TEXT, text)

    assert refused.value.code == "draft.unchanged"


def test_the_law_is_not_ours_to_change():
    with pytest.raises(Refused) as refused:
        drafts.change(drafts.begun(), Place("law/cn-law/edition.toml", ("title",)), "别的法律")

    assert refused.value.code == "draft.law_is_not_ours"


def test_files_replace_a_draft_with_one_change_for_each_that_differs():
    draft = drafts.begun()
    body = queries.body_of(draft)
    body = drafting.replaced(body, TEXT, "文件里写的。")
    body = drafting.replaced(body, ROWS.below(0, "within"), "3h")

    operations.load(draft_id=draft.pk, body=body, seen_revision=0, actor=COLLEAGUE, at=AT)

    assert queries.body_of(draft) == body
    assert {change.file for change in queries.changes_of(draft)} == {"clauses/13.toml", HANDLING}
    (entry,) = entries("draft.loaded")
    assert entry.facts["files"] == ["clauses/13.toml", HANDLING]


def test_files_do_not_replace_what_was_written_meanwhile():
    draft = drafts.begun()
    body = drafting.replaced(queries.body_of(draft), TEXT, "文件里写的。")
    drafts.append_row(draft, actor=COLLEAGUE)

    with pytest.raises(Refused) as refused:
        operations.load(draft_id=draft.pk, body=body, seen_revision=0, actor=AUTHOR, at=AT)

    assert refused.value.code == "draft.changed_meanwhile"
    assert drafting.value_at(queries.body_of(draft), ROWS)[-1] == STRICTER


def test_files_of_another_standard_and_the_same_files_are_refused():
    draft = drafts.begun()
    body = queries.body_of(draft)
    for given, code in (
        (body, "draft.unchanged"),
        (
            drafting.replaced(body, Place("edition.toml", ("code",)), "cn-other"),
            "draft.another_standard",
        ),
    ):
        with pytest.raises(Refused) as refused:
            operations.load(draft_id=draft.pk, body=given, seen_revision=0, actor=AUTHOR, at=AT)
        assert refused.value.code == code


def test_a_discarded_draft_says_why_and_stays_as_it_is():
    draft = drafts.begun()
    with pytest.raises(Refused) as refused:
        operations.discard(draft_id=draft.pk, because=" ", actor=AUTHOR, at=AT)
    assert refused.value.code == "draft.reason_missing"

    operations.discard(draft_id=draft.pk, because="并入另一稿", actor=AUTHOR, at=AT)

    assert entries("draft.discarded")[0].facts == {"because": "并入另一稿"}
    with pytest.raises(Refused) as refused:
        drafts.append_row(draft)
    assert refused.value.code == "draft.cannot_change"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standard_draftchange SET by = 'staff:99'",
        "DELETE FROM standard_draftchange",
        "DELETE FROM standard_drafttext",
    ],
)
def test_the_database_keeps_the_history_of_a_draft(statement):
    drafts.append_row(drafts.begun())

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_unknown_draft_is_missing():
    with pytest.raises(Missing) as missing:
        queries.draft_by_id(0)
    assert missing.value.code == "draft.unknown"
    with pytest.raises(Missing):
        operations.discard(draft_id=0, because="x", actor=AUTHOR, at=AT)

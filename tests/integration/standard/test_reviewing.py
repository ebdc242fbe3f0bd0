"""A second person reads, comments and approves; who wrote a word does not approve it."""

import pytest
from django.db import DatabaseError, connection, transaction
from tests.factories import drafts
from tests.factories.drafts import AT, AUTHOR, COLLEAGUE, ROWS, SECOND, TEXT

from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused
from changtong.standard import queries
from changtong.standard.domain.rehearsing import Coverage
from changtong.standard.operations import drafting, reviewing
from changtong.standard.operations.publishing import Unsound


pytestmark = pytest.mark.django_db


def code_of(call, **given):
    with pytest.raises(Refused) as refused:
        call(**{"actor": SECOND, "at": AT, **given})
    return refused.value.code


def test_what_differs_from_nothing_is_not_sent_to_review():
    draft = drafts.begun()

    assert code_of(reviewing.send, draft_id=draft.pk, actor=AUTHOR) == "draft.empty"


def test_a_draft_under_review_stands_still():
    draft = drafts.in_review()

    assert draft.sent_by == AUTHOR
    with pytest.raises(Refused) as refused:
        drafts.change(draft, TEXT, "改一改")
    assert refused.value.code == "draft.cannot_change"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE standard_drafttext SET body = '{}'")


def test_a_reviewer_comments_on_a_clause_and_the_comment_is_resolved_once():
    draft = drafts.in_review()

    comment = reviewing.comment(
        draft_id=draft.pk, clause="13.4", text="农村呢?", actor=SECOND, at=AT
    )
    reviewing.resolve(comment_id=comment.pk, actor=AUTHOR, at=AT)

    (found,) = queries.comments_on(draft)
    assert (found.clause, found.text, found.resolved_by) == ("13.4", "农村呢?", AUTHOR)
    assert code_of(reviewing.resolve, comment_id=comment.pk) == "comment.resolved_already"
    assert Entry.objects.filter(tag="draft.commented").get().facts["clause"] == "13.4"
    assert Entry.objects.filter(tag="draft.comment_resolved").count() == 1


def test_a_comment_needs_words_and_a_clause_that_exists():
    draft = drafts.in_review()

    given = {"draft_id": draft.pk, "clause": "13.4", "text": " "}
    assert code_of(reviewing.comment, **given) == "comment.empty"
    with pytest.raises(Missing):
        reviewing.comment(draft_id=draft.pk, clause="99.9", text="?", actor=SECOND, at=AT)
    with pytest.raises(Missing):
        reviewing.resolve(comment_id=0, actor=SECOND, at=AT)


def test_a_second_person_approves_the_words_as_they_are():
    draft = drafts.approved()

    assert (draft.state, draft.approved_by) == ("approved", SECOND)
    entry = Entry.objects.get(tag="draft.approved")
    assert (entry.actor, entry.facts["digest"]) == (SECOND, draft.approved_digest)


@pytest.mark.parametrize("author", [AUTHOR, COLLEAGUE])
def test_neither_the_author_nor_anybody_who_changed_a_word_approves(author):
    draft = drafts.begun()
    drafts.append_row(draft, actor=COLLEAGUE)
    reviewing.send(draft_id=draft.pk, actor=AUTHOR, at=AT)

    assert code_of(reviewing.approve, draft_id=draft.pk, actor=author) == "draft.own"
    statement = (
        "UPDATE standard_draft SET state = 'approved', approved_at = now(),"
        f" approved_digest = 'x', approved_by = '{author}'"
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    draft.refresh_from_db()
    assert (draft.state, draft.approved_by) == ("in_review", "")


def test_what_was_not_rehearsed_is_not_approved():
    draft = drafts.in_review()

    with pytest.raises(Refused) as refused:
        reviewing.approve(draft_id=draft.pk, actor=SECOND, at=AT)

    assert (refused.value.code, refused.value.clause) == ("draft.not_rehearsed", "26.5")
    statement = (
        "UPDATE standard_draft SET state = 'approved', approved_at = now(),"
        f" approved_digest = 'x', approved_by = '{SECOND}'"
    )
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    draft.refresh_from_db()
    assert draft.state == "in_review"


def test_words_that_were_changed_after_the_rehearsal_need_another():
    draft = drafts.approved()
    reviewing.send_back(draft_id=draft.pk, because="再改一处", actor=SECOND, at=AT)
    drafts.change(draft, TEXT, "改好了。")
    reviewing.send(draft_id=draft.pk, actor=AUTHOR, at=AT)

    assert code_of(reviewing.approve, draft_id=draft.pk) == "draft.not_rehearsed"
    drafts.rehearsed(draft)
    draft = reviewing.approve(draft_id=draft.pk, actor=SECOND, at=AT)

    entry = Entry.objects.filter(tag="draft.approved").latest("id")
    assert entry.facts["rehearsal"] == "rehearsal:1"
    assert entry.facts["digest"] == draft.approved_digest == draft.rehearsed_digest


ENOUGH = {"days": 90, "cases": 100}


@pytest.mark.parametrize(
    ("code", "covered"),
    [
        ("draft.rehearsed_too_little", {**ENOUGH, "days": 89}),
        ("draft.rehearsed_too_little", {**ENOUGH, "cases": 99}),
        ("draft.rehearsed_in_part", {"days": 365, "cases": 5_000, "region": "/41/"}),
        (None, ENOUGH),
        # A desk that began yesterday has no more to run over.
        (None, {"days": 1, "cases": 3, "is_everything": True}),
    ],
)
def test_a_rehearsal_counts_that_covers_what_the_edition_in_force_asks(code, covered):
    draft = drafts.in_review()
    drafts.rehearsed(draft, coverage=Coverage(**covered))

    if code is None:
        assert reviewing.approve(draft_id=draft.pk, actor=SECOND, at=AT).state == "approved"
        return
    with pytest.raises(Refused) as refused:
        reviewing.approve(draft_id=draft.pk, actor=SECOND, at=AT)
    assert (refused.value.code, refused.value.clause) == (code, "26.5")
    told = {"days": covered["days"], "cases": covered["cases"]}
    assert (
        refused.value.facts.items() >= {"days_at_least": 90, "cases_at_least": 100, **told}.items()
    )
    draft.refresh_from_db()
    assert draft.state == "in_review"


def test_a_rehearsal_that_counts_is_not_lost_to_a_smaller_one_of_the_same_words():
    draft = drafts.in_review()
    drafts.rehearsed(draft, coverage=Coverage(**ENOUGH))

    draft = drafts.rehearsed(draft, coverage=Coverage(days=1, cases=1), rehearsal="rehearsal:2")

    assert (draft.rehearsed_in, draft.coverage) == ("rehearsal:1", Coverage(**ENOUGH))
    assert Entry.objects.filter(tag="draft.rehearsed").count() == 1


def test_an_open_comment_stands_in_the_way_of_approval():
    draft = drafts.in_review()
    reviewing.comment(draft_id=draft.pk, clause="", text="整体再看看", actor=SECOND, at=AT)

    assert code_of(reviewing.approve, draft_id=draft.pk) == "draft.comments_open"


def test_a_draft_with_mistakes_is_not_approved():
    draft = drafts.begun()
    drafts.change(draft, ROWS.below(0, "clause"), "99.9")
    reviewing.send(draft_id=draft.pk, actor=AUTHOR, at=AT)

    with pytest.raises(Unsound) as refused:
        reviewing.approve(draft_id=draft.pk, actor=SECOND, at=AT)

    assert "clause.unknown" in {problem.code for problem in refused.value.problems}
    draft.refresh_from_db()
    assert draft.state == "in_review"


def test_only_what_is_under_review_is_approved():
    assert code_of(reviewing.approve, draft_id=drafts.begun().pk) == "draft.cannot_move"


def test_sending_back_ends_the_approval_and_lets_authors_write_again():
    draft = drafts.approved()
    given = {"draft_id": draft.pk, "because": ""}
    assert code_of(reviewing.send_back, **given) == "draft.reason_missing"

    draft = reviewing.send_back(draft_id=draft.pk, because="再改一处", actor=SECOND, at=AT)

    assert (draft.state, draft.approved_by, draft.approved_digest) == ("drafting", "", "")
    drafts.change(draft, TEXT, "改好了。")


def test_nobody_comments_on_a_draft_that_was_given_up():
    draft = drafts.begun()
    drafting.discard(draft_id=draft.pk, because="不做了", actor=AUTHOR, at=AT)

    given = {"draft_id": draft.pk, "clause": "", "text": "?"}
    assert code_of(reviewing.comment, **given) == "draft.settled"

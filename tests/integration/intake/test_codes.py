from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories.intake import AT, PHONE, Town

from changtong.intake import operations, queries
from changtong.intake.models import OneTimeCode
from changtong.intake.queries import assurances
from changtong.journal.models import Entry
from changtong.kernel.errors import Missing, Refused


pytestmark = pytest.mark.usefixtures("town")

MINUTE = timedelta(minutes=1)


def requested(at=AT) -> str:
    row = operations.request_code(phone=PHONE, at=at)
    return queries.one_time_code(row.pk).code


def refusal(code: str, at=AT) -> Refused:
    with pytest.raises(Refused) as refused:
        operations.redeem_code(phone=PHONE, code=code, at=at)
    return refused.value


def another(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_code_that_was_sent_proves_the_number_once() -> None:
    row = operations.request_code(phone="138 0000 1111", at=AT)
    sent = queries.one_time_code(row.pk)

    assert (sent.phone, sent.valid_until) == (PHONE, AT + 5 * MINUTE)
    assert len(sent.code) == 6
    assert operations.redeem_code(phone=PHONE, code=f" {sent.code} ", at=AT + MINUTE) == PHONE
    assert refusal(sent.code, AT + MINUTE).code == "code.expired"


def test_neither_code_nor_number_is_in_the_journal_before_it_is_proved() -> None:
    code = requested()

    (entry,) = Entry.objects.filter(tag="code.requested")
    written = entry.line().canonical().decode()
    assert PHONE not in written
    assert code not in written.replace(str(entry.pk), "")
    assert code not in str(OneTimeCode.objects.values().get())


def test_a_wrong_code_is_counted_and_five_are_too_many() -> None:
    code = requested()

    refusals = [refusal(another(code)) for _ in range(5)]

    assert [one.facts.get("left") for one in refusals] == [4, 3, 2, 1, None]
    assert refusals[-1].code == "code.too_many"
    assert refusal(code).code == "code.too_many"


def test_a_code_expires() -> None:
    code = requested()

    assert refusal(code, AT + 5 * MINUTE).code == "code.expired"


def test_only_the_latest_code_counts() -> None:
    first = requested()
    second = requested(AT + MINUTE)

    if first != second:
        assert refusal(first, AT + MINUTE).code == "code.wrong"
    assert operations.redeem_code(phone=PHONE, code=second, at=AT + MINUTE) == PHONE


def test_another_code_is_sent_only_after_a_while() -> None:
    requested()

    with pytest.raises(Refused) as refused:
        operations.request_code(phone=PHONE, at=AT + MINUTE - timedelta(seconds=1))

    assert (refused.value.code, refused.value.clause) == ("code.too_soon", "3.4")
    assert refused.value.facts["seconds"] == 1
    assert OneTimeCode.objects.count() == 1


@pytest.mark.parametrize("phone", ["037188886666", "12", ""])
def test_a_number_that_receives_no_messages_gets_no_code(phone: str) -> None:
    with pytest.raises(Refused, match=r"code\.not_mobile"):
        operations.request_code(phone=phone, at=AT)


def test_without_a_request_every_code_is_expired() -> None:
    assert refusal("000000").code == "code.expired"


def test_old_requests_are_forgotten(town: Town) -> None:
    row = operations.request_code(phone=PHONE, at=AT)

    assert operations.forget_codes(at=AT + timedelta(hours=24)) == 0
    assert operations.forget_codes(at=AT + timedelta(hours=25)) == 1
    with pytest.raises(Missing, match=r"code\.unknown"):
        queries.one_time_code(row.pk)


def test_what_was_sent_for_the_desk_is_for_whoever_asked_for_it_only() -> None:
    row = operations.request_code(phone=PHONE, at=AT, asked_by="staff:1")
    code = queries.one_time_code(row.pk).code

    assert refusal(code).code == "code.expired"
    with pytest.raises(Refused, match=r"code\.expired"):
        operations.redeem(phone=PHONE, code=code, at=AT, asked_by="staff:2")
    assert assurances.is_awaited(PHONE, asked_by="staff:1", at=AT)
    assert operations.redeem(phone=PHONE, code=code, at=AT, asked_by="staff:1") == row
    assert not assurances.is_awaited(PHONE, asked_by="staff:1", at=AT)

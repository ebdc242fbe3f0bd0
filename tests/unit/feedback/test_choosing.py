from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.feedback.domain import choosing
from changtong.feedback.domain.choosing import Channel, Contact, Way


NEWS = sorted(choosing.TEXTING)
text = st.text(max_size=40)


@pytest.mark.parametrize("tag", NEWS)
def test_the_portal_always_shows_it(tag):
    assert choosing.ways(tag=tag, contact=Contact()) == (Way(Channel.PORTAL),)


@pytest.mark.parametrize("tag", NEWS)
def test_whoever_has_only_a_mobile_number_gets_everything_as_text(tag):
    ways = choosing.ways(tag=tag, contact=Contact(phone="13800001111"))
    assert Way(Channel.SMS, "13800001111") in ways


def test_a_text_does_not_repeat_a_mail_that_can_wait():
    contact = Contact(email="wang@example.cn", phone="13800001111")
    closed = {way.channel for way in choosing.ways(tag="ticket.closed", contact=contact)}
    resolved = {way.channel for way in choosing.ways(tag="ticket.resolved", contact=contact)}
    assert closed == {Channel.PORTAL, Channel.EMAIL}
    assert resolved == {Channel.PORTAL, Channel.EMAIL, Channel.SMS}


@given(st.sampled_from(NEWS), text, text)
def test_no_way_leads_to_an_address_that_could_become_something_else(tag, email, phone):
    for way in choosing.ways(tag=tag, contact=Contact(email=email, phone=phone)):
        assert not set(way.address) & set('\r\n\t ,;<>"')
        assert (way.address == "") is (way.channel is Channel.PORTAL)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wang",
        "a@b@c.cn",
        "a@example.cn\nBcc: all@example.cn",
        "a@example.cn, b@example.cn",
        "Wang <a@example.cn>",
        "a @example.cn",
        "a@example..cn",
        "a@example.cn\r",
    ],
)
def test_what_is_no_address_gets_no_mail(address):
    assert not choosing.is_email(address)


@pytest.mark.parametrize(
    "address", ["wang@example.cn", "w.f+gz@mail.example.com", "王@example.cn"]
)
def test_addresses(address):
    assert choosing.is_email(address)


@pytest.mark.parametrize("number", ["037112345678", "10010", "", "1380000111", "+8613800001111"])
def test_text_messages_go_to_mobile_numbers_only(number):
    assert not choosing.is_mobile(number)


def test_what_another_message_says_is_not_told_again():
    assert not choosing.is_news(tag="ticket.accepted", told_with_another=True)
    assert choosing.is_news(tag="ticket.accepted", told_with_another=False)
    assert not choosing.is_news(tag="visit.planned", told_with_another=True)
    assert choosing.is_news(tag="ticket.opened", told_with_another=True)
    assert not choosing.is_news(tag="ticket.logged", told_with_another=False)

from __future__ import annotations

from datetime import timedelta
from unittest import mock

import pytest
from django.core import signing

from changtong.infra import links
from changtong.kernel.errors import Refused


NUMBER = "GD20261124-000042"
DAY = timedelta(days=1)


def test_a_token_leads_back_to_its_number():
    assert links.number_from(links.tracking_token(NUMBER), valid_for=DAY) == NUMBER


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "Ikd\n:1:2", "王芳"])
def test_a_token_of_somebody_elses_making_is_refused(token):
    with pytest.raises(Refused, match=r"link\.invalid"):
        links.number_from(token, valid_for=DAY)


def test_every_changed_letter_is_noticed():
    token = links.tracking_token(NUMBER)
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(Refused, match=r"link\.(invalid|expired)"):
            links.number_from(changed, valid_for=DAY)


def test_a_token_for_something_else_is_refused():
    with pytest.raises(Refused, match=r"link\.invalid"):
        links.number_from(signing.dumps(NUMBER, salt="another"), valid_for=DAY)
    with pytest.raises(Refused, match=r"link\.invalid"):
        links.number_from(signing.dumps([NUMBER], salt=links.SALT), valid_for=DAY)


def test_a_token_ends():
    with mock.patch("time.time", return_value=0):
        token = links.tracking_token(NUMBER)
    with pytest.raises(Refused, match=r"link\.expired"):
        links.number_from(token, valid_for=DAY)

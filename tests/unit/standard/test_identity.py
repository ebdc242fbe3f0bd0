"""For what identity must be checked, and what is wrong with a table of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from changtong.standard.domain import identity
from changtong.standard.domain.identity import IdentityRule, Required
from changtong.standard.domain.rules import Choice


DOCUMENT = Choice("document", "证件", "Document", "4.1")
OWNER = Required("request.change.owner", ("document",), "4.1")
RULE = IdentityRule(
    channels=("phone",), methods=(DOCUMENT,), required=(OWNER,), consents=(), clause="4.1"
)
KNOWN = {"categories": {OWNER.category}, "channels": {"phone"}, "clauses": {"4.1"}}


def test_it_is_required_for_a_category_and_all_below_it_only():
    wanted = RULE.required_for

    assert wanted(channel="phone", category="request.change.owner") == OWNER
    assert wanted(channel="phone", category="request.change.owner.company") == OWNER
    assert wanted(channel="phone", category="request.change.ownership") is None
    assert wanted(channel="web", category="request.change.owner") is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channels": ("pigeon",)}, "reference.unknown"),
        ({"required": (replace(OWNER, category="none"),)}, "reference.unknown"),
        ({"required": (replace(OWNER, methods=("face",)),)}, "reference.unknown"),
        ({"methods": (DOCUMENT, DOCUMENT)}, "code.repeated"),
        ({"consents": (replace(DOCUMENT, clause="99"),)}, "clause.unknown"),
    ],
)
def test_a_wrong_table_is_found(change, code):
    assert not list(identity.problems(RULE, **KNOWN))

    assert [one.code for one in identity.problems(replace(RULE, **change), **KNOWN)] == [code]

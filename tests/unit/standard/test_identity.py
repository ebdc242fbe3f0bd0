"""For what identity must be checked, and what is wrong with a table of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from changtong.standard.domain import identity
from changtong.standard.domain.identity import Consent, IdentityRule, Method, Required


DOCUMENT = Method("document", "证件", "Document", "4.1")
RECORDING = Consent("recording", "录音", "Recording", "99")
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
        ({"consents": (RECORDING,)}, "clause.unknown"),
    ],
)
def test_a_wrong_table_is_found(change, code):
    assert not list(identity.problems(RULE, **KNOWN))

    assert [one.code for one in identity.problems(replace(RULE, **change), **KNOWN)] == [code]


def test_other_words_are_another_consent_and_without_words_its_name_was_read():
    read = replace(RECORDING, wording="通话会被录音。", wording_en="Calls are recorded.")

    digests = {RECORDING.digest, read.digest, replace(read, wording="通话录音。").digest}

    assert len(digests) == 3
    assert replace(read, clause="4.1").digest == read.digest

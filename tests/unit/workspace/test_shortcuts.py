from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.kernel.errors import Refused
from changtong.workspace.domain import shortcuts


def test_the_registry_itself_has_no_conflict():
    assert shortcuts.remapped(shortcuts.DEFAULTS) == {}


def test_only_what_differs_is_kept():
    assert shortcuts.remapped({"case.note": "b", "case.explain": "e"}) == {"case.note": "b"}


def test_the_same_key_for_two_actions_of_one_screen_is_refused():
    with pytest.raises(Refused) as refused:
        shortcuts.remapped({"case.note": "e"})
    assert refused.value.code == "shortcut.taken"
    assert {refused.value.facts["shortcut"], refused.value.facts["other"]} == {
        "case.note",
        "case.explain",
    }


def test_a_key_that_another_shortcut_begins_with_is_refused():
    with pytest.raises(Refused) as refused:
        shortcuts.remapped({"case.note": "g"})
    assert refused.value.code == "shortcut.taken"


def test_actions_of_screens_that_never_meet_may_share_a_key():
    assert shortcuts.remapped({"queue.open": "e"}) == {"queue.open": "e"}


def test_an_empty_text_switches_a_shortcut_off():
    kept = shortcuts.remapped({"case.explain": "", "case.note": "e"})
    assert kept == {"case.explain": "", "case.note": "e"}


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("mod+w", "shortcut.reserved"),
        ("Ctrl+T", "shortcut.reserved"),
        ("escape", "shortcut.not_keys"),
        ("a b c", "shortcut.not_keys"),
        ("mod+", "shortcut.not_keys"),
    ],
)
def test_what_cannot_be_pressed_is_refused(keys, code):
    with pytest.raises(Refused) as refused:
        shortcuts.remapped({"case.note": keys})
    assert refused.value.code == code


def test_an_unknown_action_is_refused():
    with pytest.raises(Refused) as refused:
        shortcuts.remapped({"case.fly": "z"})
    assert refused.value.code == "shortcut.unknown"


KEYS = st.sampled_from(["e", "n", "g", "g t", "x", "?", "mod+k", "alt+n", "", "+"])


@given(st.dictionaries(st.sampled_from(sorted(shortcuts.DEFAULTS)), KEYS, max_size=6))
def test_what_is_accepted_never_means_two_things(wanted):
    try:
        kept = shortcuts.remapped(wanted)
    except Refused:
        return
    found = shortcuts.in_force(kept)
    for code, keys in found.items():
        for other, more in found.items():
            if code != other and code.split(".")[0] == other.split(".")[0] and keys:
                assert keys != more
                assert not more.startswith(f"{keys} ")

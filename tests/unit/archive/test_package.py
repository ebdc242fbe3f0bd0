from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changtong.archive.domain import package


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0", exclude_categories=["Cs", "Cc"]),
    min_size=1,
    max_size=20,
)
files = st.dictionaries(names, st.binary(max_size=300), max_size=5)


def packed(contents: dict[str, bytes]) -> bytes:
    members = [package.text_member(name, content) for name, content in contents.items()]
    return b"".join(package.packed(members))


def opened(content: bytes) -> dict[str, bytes]:
    return {name: b"".join(chunks) for name, chunks in package.opened(io.BytesIO(content))}


@given(files)
def test_what_was_packed_can_be_opened(contents) -> None:
    assert opened(packed(contents)) == contents


@given(files)
def test_every_program_for_zip_files_can_open_it(contents) -> None:
    with zipfile.ZipFile(io.BytesIO(packed(contents))) as zipped:
        assert zipped.testzip() is None
        assert {name: zipped.read(name) for name in zipped.namelist()} == contents


@given(files, st.data())
def test_any_changed_byte_shows(contents, data) -> None:
    whole = bytearray(packed(contents))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= data.draw(st.integers(1, 255))

    with pytest.raises(package.Malformed):
        opened(bytes(whole))


@given(files, st.binary(min_size=1, max_size=9))
def test_nothing_may_follow(contents, more) -> None:
    with pytest.raises(package.Malformed):
        opened(packed(contents) + more)


def test_two_files_cannot_have_one_name() -> None:
    twice = [package.text_member("a", b"1"), package.text_member("a", b"2")]

    with pytest.raises(ValueError, match="name of its own"):
        list(package.packed(twice))


def test_a_manifest_knows_when_it_was_changed() -> None:
    said = package.manifest({"number": "GD1"}, [package.text_member("a", b"1")])

    assert said["digest"] == package.digest(said)
    assert package.digest({**said, "number": "GD2"}) != said["digest"]

"""A rule names a region by its code or its path; what lies around it follows."""

import pytest

from changtong.standard.domain import places


@pytest.mark.parametrize(
    ("region", "codes"),
    [
        ("41", ("41",)),
        ("4101", ("41", "4101")),
        ("410105", ("41", "4101", "410105")),
        ("410105003", ("41", "4101", "410105", "410105003")),
        ("/41/4101/", ("41", "4101")),
        ("41/4101", ("41", "4101")),
        # Not administrative: nothing is known about what lies around it.
        ("north", ("north",)),
        ("411", ("411",)),
        ("/north/n7/", ("north", "n7")),
    ],
)
def test_the_codes_of_a_place_lead_down_to_it(region, codes):
    assert places.codes(region) == codes
    assert places.code(region) == codes[-1]
    assert places.path(region) == f"/{'/'.join(codes)}/"


@pytest.mark.parametrize(
    ("regions", "depth"),
    [
        ({"41"}, 1),
        ({"4101"}, 2),
        ({"/41/4101/"}, 2),
        ({"41", "410105"}, 3),
        ({"4103"}, 0),
        # A code is a whole step of the path, never a part of one.
        ({"410"}, 0),
    ],
)
def test_a_place_lies_in_all_around_it(regions, depth):
    assert places.depth("/41/4101/410105/", frozenset(regions)) == depth


@pytest.mark.parametrize("region", ["", "/", "41//4101", "41/41", "河 南", "41/41 01"])
def test_what_is_no_code_and_no_path_cannot_be_read(region):
    assert not places.is_readable(region)

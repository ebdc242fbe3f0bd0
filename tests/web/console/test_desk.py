"""A person's own desk: settings, keys, the palette."""

from __future__ import annotations

import json
import re
import uuid
from html import unescape

import pytest

from changtong.workspace.operations import settings


def post(client, path, **fields):
    return client.post(path, {"operation_key": str(uuid.uuid4()), **fields})


CHOSEN = {
    "language": "zh-hans",
    "theme": "dark",
    "density": "compact",
    "type_size": "large",
    "start_page": "console:customers",
    "after_closing": "next",
}


def test_what_somebody_chooses_holds_in_every_browser(world):
    answer = post(world.as_("agent"), "/console/settings/", **CHOSEN)

    assert answer.status_code == 303
    page = world.as_("agent").get("/console/tickets/").content.decode()
    assert 'data-theme="changtong-dark"' in page
    assert 'data-density="compact"' in page
    assert 'data-type="large"' in page


def test_the_day_begins_where_somebody_wants(world):
    post(world.as_("agent"), "/console/settings/", **CHOSEN)

    assert world.as_("agent").get("/console/start").url == "/console/customers/"
    assert world.as_("supervisor").get("/console/start").url == "/console/"


def test_nobody_can_begin_where_they_may_not_go(world):
    answer = post(
        world.as_("technician"), "/console/settings/", **CHOSEN | {"start_page": "console:staff"}
    )

    assert answer.status_code == 422


def test_a_chosen_language_is_spoken_at_another_computer(world):
    settings.choose(staff_id=world.staff["agent"].pk, language="en")
    client = world.as_("agent")

    asked = client.get("/console/tickets/")
    page = client.get(asked.url).content.decode()

    assert asked.status_code == 302
    assert '<html lang="en"' in page


def test_keys_can_be_chosen_and_are_carried_by_every_page(world):
    answer = post(world.as_("agent"), "/console/settings/keys", **{"case.note": "b"})

    assert answer.status_code == 303
    page = world.as_("agent").get("/console/tickets/").content.decode()
    carried = json.loads(unescape(re.search(r'data-keys="([^"]*)"', page).group(1)))
    assert carried["keys"]["case.note"] == "b"
    assert carried["goes"]["go.queue"] == "/console/tickets/"
    assert "go.dispatch" not in carried["goes"]


def test_keys_in_each_others_way_are_refused_and_named(world):
    answer = post(world.as_("agent"), "/console/settings/keys", **{"case.note": "e"})

    assert answer.status_code == 409
    assert "写内部备注" in answer.content.decode()
    assert "时限怎样算出" in answer.content.decode()


def test_the_theme_is_kept_from_the_bar(world):
    answer = post(world.as_("agent"), "/console/settings/appearance", theme="dark")

    assert answer.status_code == 204
    page = world.as_("agent").get("/console/tickets/").content.decode()
    assert 'data-theme="changtong-dark"' in page


def test_the_language_switch_leads_back_to_this_site_only(world):
    client = world.as_("agent")

    kept = post(client, "/console/settings/appearance", language="en", next="/console/work/")
    strange = post(client, "/console/settings/appearance", language="en", next="//evil.example/")

    assert (kept.url, strange.url) == ("/console/work/", "/console/")


@pytest.mark.parametrize(
    ("role", "there", "not_there"),
    [
        ("agent", "登记工单", "人员"),
        ("technician", "我的派工", "登记工单"),
        ("administrator", "人员", "工单档案"),
    ],
)
def test_the_palette_offers_what_a_role_may_open(world, role, there, not_there):
    page = world.as_(role).get("/console/palette").content.decode()

    labels = re.findall(r'truncate">([^<]+)<', page)
    assert there in labels
    assert not_there not in labels


def test_the_palette_knows_a_screen_by_chinese_initials_and_english(world):
    page = world.as_("agent").get("/console/palette").content.decode()

    words = next(one for one in re.findall(r'data-words="([^"]*)"', page) if "个人设置" in one)
    assert "grsz" in words
    assert "settings" in words


def test_suggestions_find_a_case_by_phone_and_by_number(world):
    ticket = world.ticket()
    client = world.as_("agent")

    by_phone = client.get("/console/search/suggestions", {"q": ticket.contact_phone})
    by_number = client.get("/console/search/suggestions", {"q": ticket.number})

    assert ticket.number in by_phone.content.decode()
    assert ticket.number in by_number.content.decode()


def test_suggestions_show_nobody_what_they_may_not_see(world):
    ticket = world.ticket()

    answer = world.as_("administrator").get("/console/search/suggestions", {"q": ticket.number})

    assert ticket.number not in answer.content.decode()


def test_the_help_shows_the_keys_that_this_person_presses(world):
    settings.remap(staff_id=world.staff["agent"].pk, keys={"case.note": "b"})

    page = world.as_("agent").get("/console/shortcuts").content.decode()

    assert re.search(r"写内部备注</dt><dd><kbd[^>]*>B</kbd>", page)
    assert "去调度" not in page

"""What customers may read of what we know."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.factories import articles, people

from changtong.parties.domain.roles import Role


pytestmark = pytest.mark.django_db


def test_customers_find_and_read_the_public_part_only() -> None:
    author = people.staff("author", Role.AGENT)
    public = articles.published(author, body="按紧**尾纤**")
    internal = articles.published(author, title="分光器判断", public=False)
    drafted = articles.drafted(author, title="还没有写完")
    client = Client()

    listed = client.get("/portal/help/").content.decode()

    assert "光猫红灯" in listed
    assert "分光器判断" not in listed
    assert "还没有写完" not in listed
    assert "光猫红灯" in client.get("/portal/help/?q=尾纤").content.decode()
    assert "没有找到" in client.get("/portal/help/?q=电视").content.decode()
    assert (
        "<strong>尾纤</strong>" in client.get(f"/portal/help/{public.article_id}").content.decode()
    )
    assert client.get(f"/portal/help/{internal.article_id}").status_code == 404
    assert client.get(f"/portal/help/{drafted.article_id}").status_code == 404

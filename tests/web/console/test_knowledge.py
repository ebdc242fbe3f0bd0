"""Knowledge on screens: who writes, who reads, and what is offered with a case."""

from __future__ import annotations

from tests.factories import articles
from tests.web.console.conftest import BUDGETS, PHONE, posted

from changtong.knowledge.models import Article, Version
from changtong.search import operations
from changtong.search.queries import sources
from changtong.search.queries.sources import ARTICLE
from changtong.web.ui.prose import prose


NEW = {"title": "光猫红灯", "body": "## 做法\n\n检查**尾纤**", "review_on": "2030-05-01"}


def test_an_agent_writes_and_a_leader_publishes(world):
    answer = posted(
        world.as_("agent"), "/console/knowledge/new", **NEW, categories="fault.broadband.no_link"
    )
    made = Article.objects.get()
    posted(world.as_("leader"), f"/console/knowledge/{made.pk}/publication")

    assert answer.status_code == 303
    page = world.as_("dispatcher").get(f"/console/knowledge/{made.pk}").content.decode()
    assert "<h2>做法</h2>" in page
    assert "<strong>尾纤</strong>" in page
    assert "光猫红灯" in world.as_("dispatcher").get("/console/knowledge/?q=尾纤").content.decode()
    assert (
        "光猫红灯"
        not in world.as_("dispatcher").get("/console/knowledge/?q=电视").content.decode()
    )


def test_what_customers_read_is_not_published_by_its_author(world):
    posted(world.as_("leader"), "/console/knowledge/new", **NEW, public="on")
    made = Article.objects.get()

    answer = posted(world.as_("leader"), f"/console/knowledge/{made.pk}/publication")

    assert answer.status_code == 422
    assert "另一个人审阅" in answer.content.decode()
    assert Version.objects.get().state == "draft"


def test_what_is_wrong_stands_in_the_form_and_nothing_is_lost(world):
    answer = posted(world.as_("agent"), "/console/knowledge/new", **{**NEW, "title": ""})

    assert answer.status_code == 422
    assert "检查**尾纤**" in answer.content.decode()
    assert not Article.objects.exists()


def test_a_case_is_offered_what_is_about_it_and_counts_what_solved_it(world):
    ticket = world.ticket()
    made = articles.published(world.staff["agent"])
    articles.published(world.staff["agent"], categories=(), title="别的事")
    path = f"/console/tickets/{ticket.number}/knowledge"

    offered = world.as_("agent").get(path).content.decode()
    said = posted(world.as_("agent"), f"{path}/{made.article_id}/solution").content.decode()
    again = posted(world.as_("agent"), f"{path}/{made.article_id}/solution").content.decode()

    assert "光猫红灯" in offered
    assert "别的事" not in offered
    assert "已用它解决" in said
    assert "已经记过" in again
    assert Article.objects.get(pk=made.article_id).solved_count == 1


def test_a_case_is_also_offered_what_its_title_finds(world, django_assert_max_num_queries):
    ticket = world.ticket(title="光猫红灯")
    elsewhere = {"categories": (), "body": "看尾纤"}
    articles.published(world.staff["agent"], **elsewhere, title="光猫红灯怎么办")
    articles.published(world.staff["agent"], title="本类的光猫红灯")
    articles.published(world.staff["agent"], **elsewhere, title="遥控器没反应")
    operations.index(kind=ARTICLE, keys=sources.of_kind(ARTICLE).keys(after=0, at_most=500))
    client, path = world.as_("agent"), f"/console/tickets/{ticket.number}/knowledge"
    client.get(path)

    with django_assert_max_num_queries(BUDGETS["console/case/knowledge"]):
        page = client.get(path)

    titles = [one.title for one, _text in page.context["offered"]]
    assert titles == ["本类的光猫红灯", "光猫红灯怎么办"]


def test_an_article_begun_from_a_case_has_nobody_s_number_in_it(world):
    ticket = world.resolved(description=f"客户 {PHONE} 说光猫红灯")

    page = world.as_("agent").get(f"/console/knowledge/new?ticket={ticket.number}")

    body = page.context["form"].initial["body"]
    assert PHONE not in body
    assert "说光猫红灯" in body
    assert "已更换尾纤" in body


def test_knowledge_can_do_nothing_but_be_read():
    hostile = '<script>x</script> [a](javascript:x) ![p](https://x/y.png) <b onclick="x">b</b>'

    shown = prose(hostile)

    assert "<script" not in shown
    assert "href" not in shown
    assert "<img" not in shown
    assert "<b " not in shown


def test_lists_and_articles_stay_within_their_queries(world, django_assert_max_num_queries):
    for one in range(3):
        articles.published(world.staff["agent"], title=f"第{one}篇")
    made = Article.objects.order_by("pk")[0]
    client = world.as_("agent")
    for path, name in (
        ("/console/knowledge/", "console/knowledge"),
        (f"/console/knowledge/{made.pk}", "console/knowledge/article"),
    ):
        client.get(path)
        with django_assert_max_num_queries(BUDGETS[name]):
            client.get(path)

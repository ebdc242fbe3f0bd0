"""Cases, messages, customers and lines are found by their words, and by nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.factories import articles, people
from tests.factories import intake as worlds

from changtong.feedback.models import Evaluation
from changtong.intake import operations as intake
from changtong.knowledge import operations as writing
from changtong.parties import queries as parties
from changtong.parties.domain.roles import Role
from changtong.search import operations
from changtong.search.domain.document import Written
from changtong.search.domain.narrowing import Filters
from changtong.search.models import Document, Rebuilding
from changtong.search.queries import searching, sources
from changtong.tickets import queries as tickets
from changtong.tickets.domain.report import Report
from changtong.tickets.operations import opening, working


pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def ticket(town, title, description="", *, phone="13912345678", name="李建国", at=AT, **more):
    return opening.open_ticket(
        report=Report(
            kind=more.pop("kind", "fault"),
            channel="phone",
            title=title,
            description=description,
            contact_name=name,
            contact_phone=phone,
            family=more.pop("family", "broadband"),
            **more,
        ),
        region=town.region,
        actor="system:test",
        at=at,
    )


@pytest.fixture
def town():
    return worlds.build_town()


def indexed():
    for kind in sources.LEADING:
        keys = sources.of_kind(kind).keys(after=0, at_most=500)
        operations.index(kind=kind, keys=keys)


def everybody():
    return sources.EVERYTHING


def numbers(text, *, viewer=None, kind="ticket", **more):
    found = searching.search(viewer or everybody(), text, at=AT, **more)
    return [hit.number for hit in found.group(kind).hits]


@pytest.mark.parametrize(
    "asked",
    [
        "光猫",
        "猫",
        "光",
        "ONU 红灯",
        "ｏｎｕ",
        "光貓紅燈",
        "红灯光猫",
        "宽带断线",
        "modem亮红灯",
        "寬頻斷網",
    ],
)
def test_a_case_is_found_however_its_words_are_written(town, asked):
    one = ticket(town, "宽带断网，光猫红灯亮", "重启设备没有用。")
    ticket(town, "账单有误", "多收了二十元。", kind="complaint")
    indexed()
    assert numbers(asked)[0] == one.number


@pytest.mark.parametrize(
    "asked",
    ["13912345678", "139 1234 5678", "5678", "李建国13912345678", "１３９１２３４５６７８"],
)
def test_a_case_is_found_by_a_telephone_number_or_its_end(town, asked):
    one = ticket(town, "宽带断网")
    ticket(town, "宽带断网", phone="13700002222", name="赵敏")
    indexed()
    assert numbers(asked) == [one.number]


@pytest.mark.parametrize("asked", ["lijianguo", "ljg", "LJG", "li jianguo", "李建国", "李建國"])
def test_a_case_is_found_by_a_name_and_its_pinyin(town, asked):
    one = ticket(town, "宽带断网")
    ticket(town, "宽带断网", phone="13700002222", name="赵敏")
    indexed()
    assert numbers(asked)[0] == one.number


def test_a_number_glued_to_words_is_found(town):
    one = ticket(town, "装机", "客户账号KD88012345无法认证，请核对13800138000预留。")
    indexed()
    for asked in ("KD88012345", "88012345", "2345", "13800138000认证", "账号88012345"):
        assert numbers(asked) == [one.number]


def test_the_exact_number_of_a_case_comes_first(town):
    first = ticket(town, "宽带断网")
    ticket(town, f"催办{first.number}", f"又催办{first.number}{first.number}")
    indexed()
    assert numbers(first.number)[0] == first.number
    assert numbers(f"工单{first.number}怎么样了")[0] == first.number


def test_a_title_comes_before_a_text_and_all_words_before_some(town):
    text = ticket(town, "电视黑屏", "后来宽带也断网。")
    title = ticket(town, "宽带断网")
    some = ticket(town, "宽带提速")
    indexed()
    assert numbers("宽带断网")[:2] == [title.number, text.number]
    assert some.number in numbers("宽带断网")


def test_what_was_done_and_said_is_found(town):
    one = ticket(town, "宽带断网")
    working.log(
        number=one.number,
        type_="note",
        text="分光器端口故障，已更换尾纤。",
        actor="system:test",
        at=AT,
    )
    working.log(
        number=one.number,
        type_="message",
        text="我明天下午才在家",
        public=True,
        actor="phone:13912345678",
        at=AT,
    )
    indexed()
    assert numbers("尾纤") == [one.number]
    assert numbers("明天下午在家", kind="message") == [one.number]
    assert numbers("尾纤", kind="message") == []


def test_what_was_written_with_a_rating_is_found(town):
    one = ticket(town, "宽带断网")
    Evaluation.objects.create(
        ticket=one,
        asked_at=AT,
        remind_at=AT,
        over_at=AT,
        silent_consent_at=AT,
        clause="11.1",
        score=5,
        comment="师傅很耐心",
        answered_at=AT,
        by="customer",
        actor="phone:13912345678",
    )
    indexed()
    assert numbers("师傅耐心") == [one.number]


def test_what_was_answered_at_registration_is_found_by_whoever_may_see_the_case(town):
    given = worlds.report(
        category="fault.broadband.no_link",
        channel="phone",
        answers={"lights": "off", "since": "昨晚九点"},
    )
    received = intake.receive(report=given, actor="system:test", at=AT, line_number="KD0001")
    indexed()
    found = [received.ticket.number]
    people.district("420106", "武昌区")
    stranger = people.viewer(people.staff("stranger", Role.AGENT, region="420106"))

    assert numbers("一个灯都不亮") == found
    assert numbers("昨晚九点") == found
    assert numbers("一个灯都不亮", viewer=stranger) == []


def test_customers_and_lines_are_found(town):
    indexed()
    assert numbers("王芳", kind="customer") == ["C0001"]
    assert numbers("wf", kind="customer") == ["C0001"]
    assert numbers("1111", kind="customer") == ["C0001"]
    assert numbers("花园路", kind="line") == ["KD0001"]
    assert numbers("kd0001", kind="line") == ["KD0001"]


def test_nothing_is_found_for_nothing(town):
    indexed()
    for asked in (
        "",
        "  ",
        "，。",
        "'",
        "\\",
        "') | ('",
        "!!&&|",
        "<->",
        "\0",
        "@r41",
        "%zhang",
        "~139",
    ):
        found = searching.search(everybody(), asked, at=AT)
        assert all(group.count <= 1 for group in found.groups)


# -----------------------------------------------------------------------------------------
# Whose
# -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*Role])
@pytest.mark.parametrize("place", ["410105", "41", "420106"])
def test_a_search_shows_exactly_what_the_queue_shows(town, role, place):
    people.district()
    people.district("420106", "武昌区")
    person = people.staff(f"{role}-{place}", role, region=place)
    team = people.team("T1", person, region=place)
    other = people.staff("other", Role.AGENT, region=place)
    mine, teams, others, _free = (ticket(town, f"宽带断网{one}") for one in range(4))
    give(mine, assignee=person.pk)
    give(teams, team=team.pk)
    give(others, assignee=other.pk)
    indexed()
    viewer = people.viewer(person)
    seen = {one.number for one in tickets.visible_to(viewer)}
    assert set(numbers("宽带断网", viewer=viewer)) == seen
    assert searching.search(viewer, "宽带断网", at=AT).group("ticket").count == len(seen)
    assert {
        hit.number for hit in searching.suggest(viewer, "断网", 8, at=AT) if hit.kind == "ticket"
    } == seen


def give(one, **fields):
    names = {"assignee": "assignee_id", "team": "team_id"}
    rows = tickets.visible_to(everybody()).filter(pk=one.pk)
    rows.update(**{names[name]: value for name, value in fields.items()})


def test_whoever_is_complained_of_does_not_find_the_complaint(town):
    people.district()
    person = people.staff("agent", Role.AGENT, region="410105")
    one = ticket(town, "服务态度差")
    indexed()
    viewer = people.viewer(person)
    assert numbers("态度", viewer=viewer) == [one.number]
    tickets.visible_to(everybody()).filter(pk=one.pk).update(complained_of_id=person.pk)
    assert numbers("态度", viewer=viewer) == []
    assert searching.search(viewer, "态度", at=AT).nothing


def test_what_was_given_away_is_gone_before_the_index_knows(town):
    people.district()
    person = people.staff("tech", Role.TECHNICIAN, region="410105")
    one = ticket(town, "宽带断网")
    give(one, assignee=person.pk)
    indexed()
    viewer = people.viewer(person)
    assert numbers("断网", viewer=viewer) == [one.number]
    other = people.staff("tech2", Role.TECHNICIAN, region="410105")
    give(one, assignee=other.pk)
    assert numbers("断网", viewer=viewer) == []


def test_who_may_not_see_numbers_does_not_find_by_them(town):
    people.district()
    archivist = people.viewer(people.staff("keeper", Role.ARCHIVIST, region="410105"))
    one = ticket(town, "宽带断网")
    indexed()
    assert numbers("13912345678") == [one.number]
    assert numbers("13912345678", viewer=archivist) == []
    assert numbers("5678", viewer=archivist) == []
    assert numbers("断网", viewer=archivist) == [one.number]
    assert searching.search(archivist, "王芳", at=AT).group("customer").count == 0


# -----------------------------------------------------------------------------------------
# Narrowed, ordered, paged, kept
# -----------------------------------------------------------------------------------------


def test_a_search_is_narrowed(town):
    fault = ticket(town, "宽带断网")
    complaint = ticket(town, "宽带断网没人管", kind="complaint")
    old = ticket(town, "宽带断网", at=AT - timedelta(days=400))
    indexed()
    assert set(numbers("断网", filters=Filters(kind="complaint"))) == {complaint.number}
    assert set(numbers("断网", filters=Filters(since=AT - timedelta(days=30)))) == {
        fault.number,
        complaint.number,
    }
    assert numbers("断网", filters=Filters(until=AT - timedelta(days=30))) == [old.number]
    assert numbers("断网", filters=Filters(state="closed")) == []
    assert set(numbers("断网", filters=Filters(state=fault.state))) >= {fault.number}
    assert numbers("断网", filters=Filters(region_path="/42/")) == []
    assert len(numbers("断网", filters=Filters(region_path=town.region.path))) == 3
    assert numbers("断网", filters=Filters(final=True)) == []


@pytest.mark.parametrize("order", [searching.BEST, searching.NEWEST])
def test_pages_hold_each_hit_once(town, order):
    made = [
        ticket(town, f"宽带断网{one}", at=AT - timedelta(days=9 * one)).number for one in range(23)
    ]
    indexed()
    found, cursor = [], ""
    for _ in range(6):
        page = searching.search(
            everybody(), "断网", at=AT, kinds=("ticket",), size=5, order=order, cursor=cursor
        ).group("ticket")
        found += [hit.number for hit in page.hits]
        cursor = page.next
        if not cursor:
            break
    assert sorted(found) == sorted(made)
    if order == searching.NEWEST:
        assert found == made


def test_a_second_time_nothing_is_written(town):
    ticket(town, "宽带断网")
    indexed()
    before = list(Document.objects.order_by("pk").values_list("pk", "words"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(xmin::text::bigint) FROM search_document")
        first = cursor.fetchone()
    indexed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(xmin::text::bigint) FROM search_document")
        assert cursor.fetchone() == first
    assert list(Document.objects.order_by("pk").values_list("pk", "words")) == before


def test_a_correction_takes_the_old_words_out(town):
    one = ticket(town, "宽带断网", phone=worlds.PHONE, name="王芳")
    tickets.visible_to(everybody()).filter(pk=one.pk).update(customer_id=town.customer.pk)
    indexed()
    assert numbers("王芳") == [one.number]
    customers = parties.customers_visible_to(everybody()).filter(pk=town.customer.pk)
    customers.update(name="张三丰", phone="13300009999")
    tickets.visible_to(everybody()).filter(pk=one.pk).update(
        contact_name="张三丰", contact_phone=""
    )
    operations.index_customer(customer_id=town.customer.pk)
    for kind in ("customer", "ticket", "line"):
        assert numbers("王芳", kind=kind) == []
        assert numbers(worlds.PHONE, kind=kind) == []
    assert numbers("zsf") == [one.number]


def test_rebuilding_makes_the_same_and_removes_what_is_gone(town):
    ticket(town, "宽带断网")
    indexed()
    before = set(Document.objects.values_list("kind", "number", "words"))
    Document.objects.filter(kind="customer").update(title="旧", words="")
    Document.objects.create(kind="ticket", source_id=1, number="GD0", title="无", at=AT, words="")
    operations.begin_rebuilding(at=AT, afresh=True)
    for kind in sources.LEADING:
        keys = sources.of_kind(kind).keys(after=0, at_most=500)
        if keys:
            operations.rebuild(kind=kind, after=0, keys=keys)
            operations.note_rebuilt(kind=kind, to=keys[-1])
    operations.end_rebuilding()
    assert set(Document.objects.values_list("kind", "number", "words")) == before


def test_what_was_there_before_is_caught_up_with_turn_by_turn(town):
    made = ticket(town, "宽带断网")
    Rebuilding.objects.all().delete()
    operations.begin_rebuilding(at=AT, afresh=True)

    operations.catch_up(until=lambda: True)
    assert not Document.objects.exists()
    operations.catch_up(until=lambda: False)

    assert numbers("断网") == [made.number]
    assert not Rebuilding.objects.exists()


def test_a_plan_reads_only_the_index(town):
    rows = [
        Written(kind="ticket", source_id=-one, number=f"X{one}", title=f"宽带断网第{one}号", at=AT)
        for one in range(1, 6_001)
    ]
    operations.write(rows)
    operations.write(
        [Written(kind="ticket", source_id=-7_000, number="Y", title="老鼠咬断光纤", at=AT)]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE search_document")
        cursor.execute(
            "EXPLAIN SELECT id FROM search_document"
            " WHERE kind = 'ticket' AND words @@ %s::tsquery"
            " ORDER BY at DESC, id DESC LIMIT 1001",
            ["'老鼠'"],
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "document_words_ticket" in plan
    assert "Seq Scan" not in plan


def test_articles_are_found_while_they_are_read(town):
    people.district()
    author = people.staff("author", Role.AGENT, region="410105")
    technician = people.viewer(people.staff("tech", Role.TECHNICIAN, region="410105"))
    made = articles.published(author, public=False, title="光猫亮红灯怎么查")
    operations.index_article(article_id=made.article_id)

    seen = numbers("ONU 紅燈", viewer=people.viewer(author), kind="article")
    assert seen == [str(made.article_id)]
    may = technician.may("knowledge.view")
    assert bool(numbers("光猫红灯", viewer=technician, kind="article")) == may

    writing.retire(article_id=made.article_id, reason="过时", actor=author.actor, at=AT)
    assert numbers("光猫红灯", viewer=people.viewer(author), kind="article") == []
    operations.index_article(article_id=made.article_id)
    assert not Document.objects.filter(kind="article").exists()


def test_indexes_that_were_dropped_for_a_filling_are_made_again(town):
    asked = "SELECT indexdef FROM pg_indexes WHERE indexname LIKE 'document_words%' ORDER BY 1"
    with connection.cursor() as cursor:
        cursor.execute(asked)
        before = cursor.fetchall()
        operations.drop_indexes()
        cursor.execute(asked)
        assert cursor.fetchall() == []
        operations.restore_indexes()
        operations.restore_indexes()
        cursor.execute(asked)
        assert cursor.fetchall() == before
    assert len(before) == 5

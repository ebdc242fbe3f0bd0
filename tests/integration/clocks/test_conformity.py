"""How the limits of each clause were kept in a period, counted from their clocks."""

from datetime import timedelta

from tests.factories.clocks import START, SUBJECT, target

from changtong.clocks import operations, queries
from changtong.clocks.queries import Conformity


HOUR = timedelta(hours=1)


def start(subject, edition_id):
    operations.start_all(
        subject=subject,
        targets=[target("acceptance", "1h", clause="4.2")],
        edition_id=edition_id,
        at=START,
    )


def test_a_kept_limit_counts_when_it_stopped_and_a_broken_one_when_it_broke(edition_id):
    for number, took in enumerate((HOUR / 2, HOUR, 3 * HOUR)):
        start(f"{SUBJECT}{number}", edition_id)
        operations.stop(subject=f"{SUBJECT}{number}", at=START + took, actor="system:test")

    def found(since, until):
        return queries.conformity(edition_id=edition_id, since=START + since, until=START + until)

    assert found(0 * HOUR, 4 * HOUR) == {"4.2": Conformity(met=2, late=1)}
    assert found(HOUR, 4 * HOUR) == {"4.2": Conformity(met=1, late=1)}
    assert found(2 * HOUR, 4 * HOUR) == {}


def test_a_limit_that_still_runs_counts_once_it_is_broken(edition_id):
    start(SUBJECT, edition_id)
    operations.declare_breaches(at=START + 2 * HOUR)

    whole = queries.conformity(edition_id=edition_id, since=START, until=START + 9 * HOUR)

    assert whole["4.2"].share == 0.0

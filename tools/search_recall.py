"""
Measure search by hand-made queries: is what was meant found, and is it among the first three?

The first set is our own; the others are read from where they lie, since they may not be copied
here (SEARCH_TEXTS, by default ../shared/data), and are skipped loudly if they are not there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


ROOT = Path(__file__).resolve().parents[1]
HERE = ROOT / "tools/recall"
RECALL_GOAL, FIRST_GOAL = 0.98, 0.9
LOOKED_AT, FIRST = 50, 3


@dataclass(frozen=True)
class Text:
    """One text that can be found."""

    id: str
    title: str
    text: str = ""
    name: str = ""
    private: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of one query: what was meant, and where it stood."""

    asked: str
    meant: frozenset[str]
    places: tuple[int, ...]

    @property
    def recall(self) -> float:
        return sum(1 <= place <= LOOKED_AT for place in self.places) / len(self.meant)

    @property
    def first(self) -> bool:
        return any(1 <= place <= FIRST for place in self.places)


def own() -> list[Text]:
    """Return our own cases."""
    return [
        Text(id_, title, f"{text}\n{account}", name, (phone,))
        for id_, title, text, name, phone, account in _lines(HERE / "own.tsv", 6)
    ]


def telecom(folder: Path) -> list[Text]:
    """Return the sentences of the fault reports of radio networks."""
    with (folder / "zh-telecom-fault/labelled_12000.csv").open(encoding="utf-8-sig") as file:
        return [
            Text(row["id"], row["content"][:200], row["content"][200:])
            for row in csv.DictReader(file)
        ]


def ict(folder: Path) -> list[Text]:
    """Return the fault tickets of an information system."""
    with (folder / "zh-ict-fault/train.csv").open(encoding="utf-8-sig") as file:
        return [
            Text(f"t{row['']}", row["问题现象"][:120], "\n".join(list(row.values())[1:]))
            for row in csv.DictReader(file)
        ]


def sets(folder: Path) -> Iterator[tuple[str, list[Text], Path]]:
    """Yield the sets that are here: name, texts, queries."""
    yield "own", own(), HERE / "own_queries.tsv"
    for name, read in (("telecom", telecom), ("ict", ict)):
        try:
            texts = read(folder)
        except FileNotFoundError as error:
            print(
                f"SKIPPED {name}: {error.filename} is not there; set SEARCH_TEXTS", file=sys.stderr
            )
        else:
            yield name, texts, HERE / f"{name}_queries.tsv"


def _lines(path: Path, fields: int) -> Iterator[list[str]]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [*line.split("\t"), *[""] * fields][:fields]


def filled(texts: list[Text]) -> Any:
    """Write the texts as the only documents, and return the source that shows them."""
    from django.db import connection

    from changtong.infra.clock import now
    from changtong.search import operations
    from changtong.search.domain.document import Written
    from changtong.search.models import Document
    from changtong.search.queries import sources

    Document.objects.all().delete()
    at = now()
    rows = [
        Written(
            kind="text",
            source_id=place,
            number=one.id,
            title=one.title,
            text=one.text,
            names=one.name,
            private=one.private,
            at=at,
        )
        for place, one in enumerate(texts, start=1)
    ]
    with connection.cursor() as cursor:
        for start in range(0, len(rows), 1_000):
            operations.write(rows[start : start + 1_000])
        # Whoever may see a text is decided by its key here.
        cursor.execute("UPDATE search_document SET id = -source_id")
        cursor.execute("UPDATE search_document SET id = source_id")
        cursor.execute("ANALYZE search_document")
    return sources.Source(
        "text",
        lambda _viewer: Document.objects.filter(kind="text"),
        lambda _row: None,
        lambda rows: rows,
        lambda _viewer: "",
    )


def measured(name: str, texts: list[Text], queries: Path) -> tuple[list[Outcome], list[float]]:
    """Ask every query; return the outcomes and how long each took in seconds of processor."""
    from changtong.infra.clock import now
    from changtong.search.queries import searching, sources

    sources.BY_KIND["text"] = filled(texts)
    alike: dict[str, set[str]] = {}
    by_id = {one.id: one for one in texts}
    for one in texts:
        alike.setdefault(f"{one.title}\n{one.text}", set()).add(one.id)
    outcomes, took = [], []
    try:
        for ids, asked in _lines(queries, 2):
            begun = time.perf_counter()
            found = searching.search(
                sources.EVERYTHING, asked, at=now(), kinds=("text",), size=LOOKED_AT
            ).group("text")
            took.append(time.perf_counter() - begun)
            meant = frozenset(ids.split(","))
            numbers = [hit.number for hit in found.hits]
            places = []
            for id_ in meant:
                same = alike[f"{by_id[id_].title}\n{by_id[id_].text}"]
                places.append(min((numbers.index(n) + 1 for n in same if n in numbers), default=0))
            outcomes.append(Outcome(asked, meant, tuple(places)))
    finally:
        del sources.BY_KIND["text"]
    return outcomes, took


def summary(outcomes: list[Outcome], took: list[float]) -> dict[str, Any]:
    """Return the figures of a set."""
    ordered = sorted(took)
    return {
        "queries": len(outcomes),
        "recall": round(sum(one.recall for one in outcomes) / len(outcomes), 4),
        "first_three": round(sum(one.first for one in outcomes) / len(outcomes), 4),
        "median_ms": round(ordered[len(ordered) // 2] * 1e3, 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1e3, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--missed", action="store_true", help="name the queries that missed")
    arguments = parser.parse_args()
    home = Path(os.environ.get("CHANGTONG_HOME", ROOT / "var"))
    folder = Path(os.environ.get("SEARCH_TEXTS", ROOT.parent / "shared/data"))
    report: dict[str, Any] = {
        "goals": {"recall": RECALL_GOAL, "first_three": FIRST_GOAL},
        "sets": {},
    }
    every: list[Outcome] = []
    took: list[float] = []
    with database():
        for name, texts, queries in sets(folder):
            outcomes, times = measured(name, texts, queries)
            report["sets"][name] = {"texts": len(texts), **summary(outcomes, times)}
            every += outcomes
            took += times
            for one in outcomes if arguments.missed else ():
                if one.recall < 1 or not one.first:
                    print(f"{name}\t{one.asked}\t{','.join(sorted(one.meant))}\t{one.places}")
    report["all"] = summary(every, took)
    path = home / "bench/search.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    show(report)
    reached = report["all"]["recall"] >= RECALL_GOAL and report["all"]["first_three"] >= FIRST_GOAL
    raise SystemExit(0 if reached else 1)


def show(report: dict[str, Any]) -> None:
    print(f"{'':10}{'texts':>8}{'queries':>9}{'recall':>9}{'first 3':>9}{'median':>9}{'p95':>9}")
    for name, one in {**report["sets"], "all": report["all"]}.items():
        print(
            f"{name:10}{one.get('texts', ''):>8}{one['queries']:>9}{one['recall']:>9.3f}"
            f"{one['first_three']:>9.3f}{one['median_ms']:>7.0f}ms{one['p95_ms']:>7.0f}ms"
        )
    print("goals:    recall >= 0.98 (found in the first 50), first 3 >= 0.90")


def database() -> Any:
    """Return a database of our own, which is thrown away."""
    from contextlib import contextmanager

    @contextmanager
    def running() -> Iterator[None]:
        from changtong.infra import embedded

        with tempfile.TemporaryDirectory(prefix="changtong-recall-") as folder:
            server = embedded.Server(Path(folder), durable=False)
            server.start()
            os.environ |= {
                "DATABASE_URL": server.url,
                "SECRET_KEY": "only-for-measuring",
                "CHANGTONG_HOME": folder,
                "CHANGTONG_DEMO": "0",
                "DJANGO_SETTINGS_MODULE": "changtong.project.settings",
            }
            try:
                import django
                from django.core.management import call_command

                django.setup()
                call_command("migrate", verbosity=0)
                yield
            finally:
                server.stop()

    return running()


if __name__ == "__main__":
    main()

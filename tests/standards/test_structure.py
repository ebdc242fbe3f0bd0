"""The shipped standard covers both source documents, and each clause says what proves it."""

from collections import Counter
from pathlib import Path

import pytest
from tests.factories import standard as shipped

from changtong.standard.domain import reading, words


# How many sections each chapter of the guide (G) and of the standard (S) has.
GUIDE = (5, 5, 5, 5, 5, 5, 5, 5)
STANDARD = (4, 4, 4, 4, 4, 4, 4, 2)

SECTIONS = {
    f"{document}{chapter}.{section}"
    for document, chapters in (("G", GUIDE), ("S", STANDARD))
    for chapter, count in enumerate(chapters, 1)
    for section in range(1, count + 1)
}
PACKS = sorted(path.parent for path in Path(shipped.STANDARDS).glob("cn-law*/*/edition.toml"))


def test_every_section_of_both_documents_has_a_chapter():
    areas = Counter(area for chapter in shipped.edition().chapters for area in chapter.areas)

    assert set(areas) == SECTIONS


def test_every_clause_says_who_owns_it_when_it_is_reviewed_and_what_proves_it():
    for clause in shipped.edition().clauses.values():
        assert clause.owner, clause.number
        assert clause.evidence, clause.number
        assert clause.families, clause.number
        assert clause.kinds, clause.number
        assert clause.review_on > shipped.edition().effective_from, clause.number


def test_a_clause_that_nothing_enforces_says_so():
    for clause in shipped.edition().clauses.values():
        assert clause.enforced == bool(clause.rules), clause.number


def test_every_limit_of_law_reads_in_its_article_and_its_figure_alike():
    edition = shipped.edition()
    for limit in edition.limits:
        for target in (row.then for row in limit.rows):
            if target.basis == "legal":
                figure = edition.figure(target.figure)
                assert target.within == figure.within
                assert figure.confidence in words.ENABLED_CONFIDENCES
                assert edition.clause(target.clause).enforced


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.parent.name)
def test_every_figure_of_a_pack_says_where_it_was_read_by_whom_and_how_sure_we_are(path):
    pack = reading.pack(
        shipped.law.complete(
            shipped.read(path), lambda name: shipped.read(shipped.STANDARDS / name)
        )
    )
    for figure in pack.figures.values():
        source = pack.sources[figure.source]
        assert source.version, figure.code
        assert source.read_in, figure.code
        assert figure.owner, figure.code
        assert figure.reviewed_on, figure.code
        assert figure.compare in words.COMPARISONS, figure.code
        assert bool(figure.value) != bool(figure.wording), figure.code
        if figure.status == "enabled":
            assert figure.confidence in ("V1", "V2"), figure.code


def test_every_term_of_the_glossary_is_used():
    edition = shipped.edition()
    used = {term for clause in edition.clauses.values() for term in clause.terms}

    assert used == {term.code for term in edition.terms}

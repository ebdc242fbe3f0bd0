"""Whoever writes the standard in the console is told each mistake in a sentence."""

from changtong.cli import standard as cli
from changtong.standard.domain.parsing import Problem
from changtong.web.console.standard import wording


def test_every_mistake_that_the_terminal_words_the_console_words_too():
    assert set(wording.PROBLEMS) == set(cli.SENTENCES)


def test_both_name_the_same_facts():
    class Named(dict):
        def __missing__(self, name):
            self[name] = name
            return name

    for code, sentence in cli.SENTENCES.items():
        terminal, console = Named(), Named()
        sentence.format_map(terminal)
        str(wording.PROBLEMS[code]) % console
        # The console may say less, but never ask for what a mistake does not carry.
        assert set(console) <= set(terminal) | {"statistic", "compare"}, code


def test_a_promise_looser_than_the_law_names_both_clauses_and_the_day_that_shows_it():
    facts = {
        "promise": "6wd",
        "promise_clause": "12.3",
        "law": "5wd",
        "law_clause": "P41.38",
        "case": {"region": "/41/"},
        "started": "2026-02-13 00:00",
        "promise_ends": "2026-03-01 00:00",
        "law_ends": "2026-02-28 00:00",
    }
    words = wording.problem_words(Problem("limit.looser_than_law", "a.toml", "", facts))

    for said in ("12.3", "6 个工作日", "P41.38", "5 个工作日", "2026-02-13 00:00"):
        assert said in words

"""What the code must not contain, because one forgotten place would be enough."""

from __future__ import annotations

import re
from pathlib import Path

import pytest


SOURCE = Path(__file__).resolve().parents[2] / "src/changtong"
TEMPLATES = [path for path in SOURCE.rglob("*.html") if "dist" not in path.parts]
MODULES = list(SOURCE.rglob("*.py"))
PAPERS = list(SOURCE.rglob("*.typ"))

# The stand-in for a gateway of text messages, which is there in demonstration mode only.
ALLOWED = {"portal/demo.py": "a request without its token"}

IN_TEMPLATES = {
    "a script in the page": r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/)",
    "a handler in the page": r"\son[a-z]+\s*=\s*[\"']",
    "an address that runs": r"javascript:",
    "words that are not escaped": r"\|\s*safe\b|autoescape\s+off",
    "a page of another site": r"(?:src|href|action)=[\"']https?://",
}
IN_MODULES = {
    "words that are not escaped": r"\bmark_safe\(",
    "code from data": r"(?<![\w.])(?:eval|exec)\(",
    "objects from data": r"\bpickle\b|\byaml\.(?:load|unsafe_load)\(|\bmarshal\b",
    "a shell": r"shell=True|os\.system\(",
    "no check of certificates": r"verify=False|CERT_NONE|_create_unverified",
    "a request without its token": r"@csrf_exempt",
}


@pytest.mark.parametrize("what", IN_TEMPLATES)
def test_no_template_contains(what: str) -> None:
    assert TEMPLATES
    found = [path.name for path in TEMPLATES if re.search(IN_TEMPLATES[what], path.read_text())]

    assert not found


@pytest.mark.parametrize("what", IN_MODULES)
def test_no_module_contains(what: str) -> None:
    assert MODULES
    found = [path for path in MODULES if re.search(IN_MODULES[what], path.read_text())]
    allowed = [SOURCE / "web" / name for name, why in ALLOWED.items() if why == what]

    assert set(found) == set(allowed)


# Whoever asks elsewhere, or writes for a spreadsheet, has to be looked at: they are these.
FEW = {
    # Both ask addresses of the operator's settings only, and never follow to another.
    r"\burllib\.request\b|\bhttp\.client\b|\brequests\.(?:get|post)\b|\bhttpx\b|ClientSession": {
        "cli/run.py",
        "feedback/adapters/sms.py",
    },
    # Numbers of tickets, clauses and times; no words of anybody's that a cell could run.
    r"\bcsv\.(?:Dict)?[wW]riter\b|\bopenpyxl\b|\bxlsxwriter\b": {"cli/rehearsing.py"},
    # Messages of feedback and the handbook, from templates of ours; never from a column.
    r"\bEngine\(|\bfrom_string\(|\bjinja2\b": {"feedback/adapters/letters.py"},
    # Sets the words of an edition, which are data to it.
    r"\btypst\.|\bweasyprint\b|\breportlab\b|\bxhtml2pdf\b|\bpdfkit\b|\bpypandoc\b|wkhtmltopdf"
    r"|\bplaywright\b|--print-to-pdf": {"handbook/adapters/paper.py"},
}


@pytest.mark.parametrize("what", FEW)
def test_only_these_modules(what: str) -> None:
    found = {path for path in MODULES if re.search(what, path.read_text())}

    assert {path.relative_to(SOURCE).as_posix() for path in found} == FEW[what]


def test_no_paper_runs_words_or_reads_what_is_not_its_own() -> None:
    reaching = r"\b(?:eval|read|plugin|image|csv|yaml|toml|xml|cbor|bibliography)\(|\b(?:import|include)\b"

    assert PAPERS
    assert [path.name for path in PAPERS if re.search(reaching, path.read_text())] == []

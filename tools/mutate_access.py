"""
Take each check of access away, one at a time, and see that the authorization matrix notices.

    python tools/mutate_access.py [--only REGEX] [--sample N] [--tests K]

Works on a copy. Prints which mutants survive; exits with 1 if one does. Takes about a minute each.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path("src/changtong")
MATRIX = "tests/architecture/test_authorization.py"
COPIED = ("src", "tests", "standards", "pyproject.toml", "tools")

# (file, check, what is left of it)
CHECKS = (
    ("web/ui/access.py", "if permission and not viewer.may(permission):", "if False:"),
    ("web/ui/access.py", "if viewer.staff_id is None:", "if False:"),
    ("web/ui/access.py", "if not portal_viewer(request).phone:", "if False:"),
    ("parties/queries.py", '.filter(pk=Slot("pk"), is_active=True)', '.filter(pk=Slot("pk"))'),
    (
        "web/api/auth.py",
        "if viewer is not None and self.permission and not viewer.may(self.permission):",
        "if False:",
    ),
    ("parties/queries.py", ".filter(staff__is_active=True)", ""),
    ("parties/queries.py", "PERMISSIONS[role] & frozenset(token.scopes)", "PERMISSIONS[role]"),
    (
        "parties/queries.py",
        "Customer.objects.filter(region__path__startswith=viewer.region_path)",
        "Customer.objects.all()",
    ),
    (
        "parties/queries.py",
        "Line.objects.filter(region__path__startswith=viewer.region_path)",
        "Line.objects.all()",
    ),
    (
        "parties/queries.py",
        "Line.objects.filter(Q(customer__phone=viewer.phone) | Q(number=viewer.phone))",
        "Line.objects.all()",
    ),
    (
        "tickets/queries/__init__.py",
        "tickets = tickets.exclude(complained_of_id=viewer.staff_id)",
        "pass",
    ),
    (
        "tickets/queries/__init__.py",
        "return tickets.filter(contact_phone=viewer.phone) if viewer.phone else tickets.none()",
        "return tickets",
    ),
    (
        "tickets/queries/__init__.py",
        "return tickets.filter(region_path__startswith=viewer.region_path)",
        "return tickets",
    ),
    (
        "tickets/queries/__init__.py",
        "| Q(team=None, region_path__startswith=viewer.region_path)",
        "| Q()",
    ),
    (
        "tickets/queries/__init__.py",
        "Q(assignee_id=viewer.staff_id) | Q(assignee=None, team_id__in=viewer.team_ids)",
        "Q()",
    ),
    ("web/console/appointments.py", "if order.technician_id != viewer.staff_id:", "if False:"),
    (
        "web/console/journal.py",
        "return rows.filter(subject=subject) if visible",
        "return rows if True",
    ),
    (
        "web/api/v1/journal.py",
        "return rows.filter(subject=subject) if seen",
        "return rows if True",
    ),
    (
        "web/api/v1/dispatch.py",
        "seen = parties.staff_visible_to(viewer)",
        "seen = type(parties.staff(viewer.staff_id or 0)).objects.all()",
    ),
    (
        "web/api/v1/dispatch.py",
        "parties.teams_visible_to(viewer).filter(code=given.team_code)",
        "parties.teams().filter(code=given.team_code)",
    ),
    (
        "web/api/v1/feedback.py",
        "if not queries.follow_ups(viewer).filter(pk=follow_up_id).exists():",
        "if False:",
    ),
    (
        "web/api/v1/course.py",
        "ticket.attachments.filter(sha256=sha256)",
        "type(ticket.attachments.first() or ticket).objects.filter(sha256=sha256)",
    ),
    (
        "web/api/v1/course.py",
        "clocks.of(ticket.number).filter(pk=clock_id)",
        "type(clocks.of(ticket.number)[0]).objects.filter(pk=clock_id)",
    ),
    (
        "web/api/v1/customers.py",
        "parties.customers_visible_to(viewer_of(request)).select_related",
        "parties.customer_by_phone.__globals__['Customer'].objects.select_related",
    ),
    (
        "web/api/v1/customers.py",
        "rows = parties.lines_visible_to(viewer_of(request))",
        "rows = parties.line_by_number.__globals__['Line'].objects.all()",
    ),
    ("web/api/v1/tickets.py", "        viewer=viewer_of(request),\n", ""),
    (
        "web/console/dispatch.py",
        'parties.require_in_sight(viewer, staff_id=given["staff"], team_id=given["team"])',
        "pass",
    ),
    (
        "web/console/feedback.py",
        "if not queries.follow_ups(viewer).filter(pk=pk).exists():",
        "if False:",
    ),
    (
        "feedback/queries.py",
        "FollowUp.objects.filter(handled_at=None, ticket__in=tickets.visible_to(viewer))",
        "FollowUp.objects.filter(handled_at=None)",
    ),
    (
        "web/console/tickets/actions.py",
        "ticket.attachments.filter(pk=pk)",
        "type(ticket.attachments.first() or ticket).objects.filter(pk=pk)",
    ),
)
# Everything that looks a ticket up for somebody, in the faces.
LOOKED_UP = re.compile(r"\b(queries|tickets)\.by_number\((?:[^()]|\([^()]*\))*?, number\)")


@dataclass(frozen=True)
class Mutant:
    path: Path
    text: str
    name: str


def main() -> int:
    """Run the matrix against each mutant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--tests", default="", help="run only these, as pytest -k; faster")
    wanted = parser.parse_args()
    mutants = [one for one in every_mutant() if re.search(wanted.only, one.name)]
    if wanted.sample:
        mutants = random.Random(0).sample(mutants, min(wanted.sample, len(mutants)))
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, copy / name)
        for count, mutant in enumerate(mutants, 1):
            begun = time.monotonic()
            killed = _is_killed(copy, mutant, wanted.tests)
            if not killed:
                survivors.append(mutant.name)
            word = "killed" if killed else "SURVIVED"
            seconds = time.monotonic() - begun
            print(f"{count}/{len(mutants)} {word} {seconds:3.0f} s  {mutant.name}", flush=True)
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} killed")
    return 1 if survivors else 0


def every_mutant() -> Iterator[Mutant]:
    """
    Yield the source with one check less, again and again.

    :raises LookupError: if a check is no longer where this list has it
    """
    for name, check, left in CHECKS:
        path = ROOT / SOURCE / name
        text = path.read_text("utf-8")
        if check not in text:
            raise LookupError(f"{name} has no {check!r}")
        yield Mutant(path, text.replace(check, left), f"{name}: {check.strip()}")
    for path in sorted((ROOT / SOURCE / "web").rglob("*.py")):
        text = path.read_text("utf-8")
        for number, found in enumerate(LOOKED_UP.finditer(text), 1):
            unguarded = f"{found[1]}.locked(number)"
            if path.match("*/archive.py") and found[1] == "queries":
                unguarded = "queries.record_of(number)"
            changed = text[: found.start()] + unguarded + text[found.end() :]
            line = text[: found.start()].count("\n") + 1
            short = path.relative_to(ROOT / SOURCE)
            yield Mutant(path, changed, f"{short}:{line} look-up {number}")


def _is_killed(copy: Path, mutant: Mutant, tests: str) -> bool:
    target = copy / mutant.path.relative_to(ROOT)
    original = target.read_text("utf-8")
    target.write_text(mutant.text, "utf-8")
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    try:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                MATRIX,
                "-k",
                tests,
            ],
            cwd=copy,
            env={**keep, "PYTHONPATH": f"{copy}/src:{copy}"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        target.write_text(original, "utf-8")
    if done.returncode not in {0, 1} or " error" in done.stdout.splitlines()[-1]:
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return done.returncode == 1


if __name__ == "__main__":
    sys.exit(main())

"""What every screen of a draft needs: the draft, its words, and where its author may go."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from changtong.clocks.domain import timer
from changtong.infra.clock import now
from changtong.standard import queries
from changtong.standard.domain import checking, comparing, drafting, law, reading
from changtong.standard.domain.parsing import Unreadable
from changtong.standard.operations import drafting as operations
from changtong.web.console import wording as words_of_console
from changtong.web.console.frame import show
from changtong.web.console.standard import wording
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence


if TYPE_CHECKING:
    from django import forms

    from changtong.kernel.errors import Refused
    from changtong.standard.domain.comparing import Comparison
    from changtong.standard.domain.drafting import Place
    from changtong.standard.domain.edition import Edition
    from changtong.standard.domain.parsing import Body, Problem
    from changtong.standard.models import Draft


CONFLICT = 409


@dataclass(frozen=True)
class Desk:
    """A draft with its words, those it began from, and what a screen asks of them."""

    request: HttpRequest
    draft: Draft
    body: Body

    @cached_property
    def edition(self) -> Edition:
        """Return what the draft says."""
        return reading.edition(self.body)

    @cached_property
    def base(self) -> Body | None:
        """Return the words that the draft began from."""
        return queries.body(self.draft.based_on_id) if self.draft.based_on_id else None

    @cached_property
    def comparison(self) -> Comparison | None:
        """Return what the draft says differently."""
        return comparing.compare(self.base, self.body) if self.base else None

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Return what stands in the way of approval."""
        return checking.problems(self.body, timer.due_at)

    @property
    def is_editable(self) -> bool:
        """Say whether the person who looks may change the draft now."""
        return self.draft.state == drafting.State.DRAFTING and staff_viewer(self.request).may(
            "standard.draft"
        )

    @property
    def files(self) -> list[str]:
        """Return the files that are the author's own."""
        return sorted(law.own(self.body))

    def url(self, route: str, *args: object) -> str:
        """Return the address of a screen of this draft."""
        return reverse(f"console:standard_draft{route}", args=[self.draft.pk, *args])

    def show(
        self, template: str, context: dict[str, Any], *, part: str = "content", status: int = 200
    ) -> HttpResponse:
        """Render a screen of this draft in its frame."""
        framed = {
            "desk": self,
            "draft": self.draft,
            "edition": self.edition,
            "tabs": self._tabs(),
            **context,
        }
        return show(self.request, f"standard/{template}", framed, part=part, status=status)

    def _tabs(self) -> list[dict[str, Any]]:
        pending = queries.comments_on(self.draft).filter(resolved_at__isnull=True).count()
        words = (
            ("", _("概况"), None),
            ("_clauses", _("条款"), None),
            ("_limits", _("时限"), None),
            ("_tables", _("规则表"), None),
            ("_rehearsals", _("预演"), None),
            ("_review", _("评审"), pending or None),
        )
        path = self.request.path
        urls = [(self.url(route), label, count) for route, label, count in words]
        current = max((url for url, _l, _c in urls if path.startswith(url)), key=len, default="")
        return [
            {"url": url, "label": label, "count": count, "active": url == current}
            for url, label, count in urls
        ]


def desk_of(request: HttpRequest, pk: int) -> Desk:
    """
    Return a draft as its readers and authors see it.

    :raises Missing: ``draft.unknown``
    """
    draft = queries.draft_by_id(pk)
    return Desk(request, draft, queries.body_of(draft))


def save(desk: Desk, place: Place, value: Any, seen: str) -> None:
    """Change one place of the draft as the person who asks."""
    operations.change(
        draft_id=desk.draft.pk,
        place=place,
        seen=seen,
        value=value,
        actor=staff_viewer(desk.request).actor,
        at=now(),
    )


def told(
    form: forms.Form, refused: Refused, fields: Callable[[str], str | None] | None = None
) -> None:
    """
    Put a refusal into the form that caused it, beside the field where that is known.

    :param fields: the field of the form for the key of a problem
    """
    if not isinstance(refused, Unreadable):
        form.add_error(None, sentence(named(refused)))
        return
    for problem in refused.problems:
        name = fields(problem.key) if fields else None
        words = wording.problem_words(problem)
        if name in form.fields:
            form.add_error(name, words)
        else:
            place = f"{wording.file_words(problem.file)} {problem.key}".strip()
            form.add_error(None, f"{place}{_('：')}{words}")


def named(refused: Refused) -> Refused:
    """Return a refusal that names people instead of their accounts."""
    if "by" in refused.facts:
        by = str(refused.facts["by"])
        refused.facts["by"] = people([by])[by]
    return refused


def people(actors: Iterable[str]) -> dict[str, str]:
    """Return the name of everybody who did something, in one query."""
    every = set(actors)
    names = words_of_console.names_in(every)
    return {actor: words_of_console.actor(actor, names) for actor in every}

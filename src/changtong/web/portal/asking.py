"""What the standard asks customers about what they report, by the kind of matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from changtong.infra.clock import now
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard
from changtong.tickets.domain.lifecycle import Kind
from changtong.web.ui.access import customer_only
from changtong.web.ui.messages import sentence
from changtong.web.ui.questions import Question, Questions, questions


class Box(forms.CharField):
    """A box for an answer; that it is missing says the standard, which names its clause."""

    def validate(self, value: str) -> None:
        pass


class Answers(forms.Form):
    """The public questions of the category that was tapped, or else of the kind."""

    def __init__(self, given: Mapping[str, str], *, kind: str, at: datetime, sent: bool) -> None:
        self.about = asked_about(kind, given, at=at)
        # What another form of the standard asked is carried over, but does not answer this one.
        super().__init__(given if sent and given.get("asked") == self.code else None)
        for one in self.about.fields if self.about else ():
            self.fields[one.key] = _box(one)

    @property
    def code(self) -> str:
        """Return which form of the standard this is, so that the page can say what it asked."""
        return self.about.form.code if self.about else ""

    @property
    def answers(self) -> dict[str, str]:
        """Return what was answered, nothing left out."""
        return self.about.answers if self.about else {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for one in self.about.fields if self.about else ():
            try:
                one.field.checked(one.given)
            except Refused as refused:
                self.add_error(one.key, sentence(refused))
        return cleaned


def asked_about(kind: str, given: Mapping[str, str], *, at: datetime) -> Questions | None:
    """Return what customers are asked about a matter, nothing if nobody asks them."""
    edition_id = standard.edition_in_force(at=at).pk
    edition = standard.read(edition_id)
    wanted = given.get("category") or ""
    known = {one.code for one in edition.leaves(kind=kind)}
    category = wanted if wanted in known else ""
    found = questions(edition, edition_id, kind=kind, category=category, given=given, public=True)
    return found if found and found.fields else None


def _box(one: Question) -> forms.Field:
    # What an answer must look like says the standard; the box only looks fitting.
    if one.is_chosen:
        widget: forms.Widget = forms.RadioSelect(choices=one.choices)
    else:
        widget = forms.TextInput(
            attrs={
                "inputmode": one.input_mode,
                "autocomplete": "off",
                "maxlength": one.at_most,
            }
        )
        widget.input_type = one.input_type
    return Box(label=one.words, required=one.field.required, initial=one.given, widget=widget)


@customer_only
def asked(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer with the questions about what was tapped, with what was answered already."""
    if kind not in set(Kind):
        raise Http404
    answers = Answers(request.GET, kind=kind, at=now(), sent=False)
    # Left alone while it is the same, since somebody may be writing there.
    if answers.code == request.GET.get("asked"):
        return HttpResponse(status=204)
    return render(request, "portal/reports/questions.html", {"answers": answers})

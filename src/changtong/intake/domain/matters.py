"""What kind of matter somebody writes about who was not asked."""

from __future__ import annotations

from changtong.standard.domain.edition import Edition
from changtong.tickets.domain import triage
from changtong.tickets.domain.lifecycle import Kind


def kind_of(edition: Edition, text: str) -> str:
    """Return the kind whose keywords say most in the text; an enquiry if none says anything."""
    best, most = Kind.ENQUIRY, 0
    for kind in (Kind.FAULT, Kind.COMPLAINT, Kind.SERVICE_REQUEST):
        proposal = triage.propose(edition=edition, kind=kind, text=text)
        said = sum(len(reason) for reason in proposal.reasons) if proposal else 0
        if said > most:
            best, most = kind, said
    return best.value

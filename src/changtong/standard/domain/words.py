"""The closed vocabularies that an edition of the standard is written in."""

from typing import Final


KINDS: Final = ("service_request", "fault", "complaint", "enquiry")
FAMILIES: Final = ("fixed", "mobile", "broadband", "private_line", "cloud", "value_added")
REGION_TYPES: Final = ("urban", "rural")
TIERS: Final = ("standard", "silver", "gold", "platinum")
IMPACTS: Final = ("single", "group", "area", "network")
URGENCIES: Final = ("low", "normal", "high", "critical")
PRIORITIES: Final = ("P1", "P2", "P3", "P4")
MODES: Final = ("desk", "remote", "field")
METRICS: Final = (
    "acceptance",
    "first_response",
    "assignment",
    "arrival",
    "restoration",
    "permanent_repair",
    "progress",
    "resolution",
    "answer",
    "evaluation",
    "callback",
    "closing",
)
BASES: Final = ("legal", "promise")
CHANNELS: Final = ("phone", "web", "app", "counter", "email", "sms", "api", "import")

# How far a figure's source was verified; only the first two may be enabled.
CONFIDENCES: Final = ("V1", "V2", "V3", "R")
ENABLED_CONFIDENCES: Final = ("V1", "V2")
FIGURE_STATES: Final = ("enabled", "draft", "retired")
# How a measured value is held against a figure; the law tells 超过 from 以上 (民法典 §1259).
COMPARISONS: Final = ("<", "<=", ">", ">=")
# What is measured: each case, their mean, a share of them, or something that is no case at all.
STATISTICS: Final = ("each", "mean", "share", "threshold", "rate", "retention", "frequency")
IN_FORCE: Final = ("verified", "unverified")

# Moments in the life of a case at which a clock may start or stop; each is a journal tag.
MOMENTS: Final = (
    "ticket.opened",
    "ticket.accepted",
    "ticket.responded",
    "ticket.assigned",
    "work_order.assigned",
    "visit.arrived",
    "progress.told",
    "ticket.resolved",
    "repair.provisional",
    "ticket.answered",
    "evaluation.requested",
    "evaluation.given",
    "ticket.closed",
    "callback.made",
    "repair.completed",
)
# Those that may come after a case was closed: closing does not stop what waits for them.
AFTER_CLOSING: Final = ("callback.made", "repair.completed")

# What may select a row of a decision table, and the values each attribute can take; those of
# `category` are listed by the edition itself, those of `region` by the catalog.
ATTRIBUTES: Final = {
    "kind": KINDS,
    "priority": PRIORITIES,
    "region_type": REGION_TYPES,
    "family": FAMILIES,
    "tier": TIERS,
    "impact": IMPACTS,
    "urgency": URGENCIES,
    "mode": MODES,
    "metric": METRICS,
    "basis": BASES,
}

# What a case tells each table about itself; a row that names anything else is never chosen.
PRIORITY_ATTRIBUTES: Final = ("impact", "urgency", "tier", "region", "region_type")
LIMIT_ATTRIBUTES: Final = ("priority", "region", "region_type", "family", "tier", "category")
LADDER_ATTRIBUTES: Final = ("metric", "basis", "kind", *LIMIT_ATTRIBUTES)
VISIT_ATTRIBUTES: Final = LIMIT_ATTRIBUTES

# Who is told of a limit that runs out, from the person who holds the case upwards.
LEVELS: Final = ("holder", "leader", "duty", "province")
# By what a notice goes out beside the inbox, which always has it.
OUTSIDE: Final = ("email", "sms")

# What a remedy is a share of, and what it is counted by.
REMEDY_BASES: Final = ("monthly_rent", "fee")
REMEDY_COUNTS: Final = ("case", "fault_day", "delay_day")

# Conditions of closing that code knows how to check (`tickets/domain/closing.py`).
CLOSING_CONDITIONS: Final = (
    "resolution_recorded",
    "cause_coded",
    "fix_coded",
    "retest_passed",
    "applicant_told",
    "applicant_confirmed_or_silent",
    "no_open_work_order",
    "no_hold",
    "evaluation_requested",
    "answer_delivered",
)

# Limits without which a kind of case may not be published.
REQUIRED_METRICS: Final = {
    "service_request": {"acceptance", "first_response", "assignment", "resolution", "closing"},
    "fault": {
        "acceptance",
        "first_response",
        "assignment",
        "arrival",
        "restoration",
        "closing",
    },
    "complaint": {"acceptance", "first_response", "assignment", "answer", "closing"},
    "enquiry": {"acceptance", "first_response", "resolution", "closing"},
}

# Rules that are code, not rows: a clause may name one of these as what enforces it.
RULES_IN_CODE: Final = {
    "ticket.lifecycle": "the states a case may move between",
    "ticket.number": "every case has one number for life",
    "ticket.merger": "two cases of one matter become one, and every promise of both is kept",
    "ticket.split": "another matter becomes a case of its own, timed from its message",
    "ticket.pinned_edition": "a case stays on the edition in force when it was opened",
    "classification.categories": "a case has a category of the list, which decides what it needs",
    "classification.reasons": "a proposed category is stored with reason and confidence",
    "feedback.progress": "the applicant is told at each step in plain words",
    "feedback.silent_consent": "silence past the limit is taken as consent",
    "feedback.follow_up": "a low score opens a follow-up by somebody else",
    "ticket.claim": "two people cannot hold the same case",
    "clock.calendars": "working time, holidays and make-up days are data",
    "clock.warns": "a clock warns at the shares its limit names",
    "clock.governs_earliest": "the earliest of all applicable deadlines governs",
    "clock.legal_never_pauses": "a pause stops promise clocks only",
    "clock.hours_and_days": "hours run from the moment, days from the next day",
    "clock.breach_dated": "a breach is dated when it became true",
    "booking.no_overlap": "a person, instrument or room cannot be booked twice at one time",
    "resource.booked_together": "people, instruments and rooms are booked in one step",
    "qualification.in_date": "an expired or missing qualification excludes a person",
    "assignment.reasons": "why this person and why not the others is stored",
    "journal.append_only": "what happened is recorded once and never changed",
    "journal.sealed": "the journal is sealed in a chain that anyone can verify",
    "archive.package": "a closed case becomes one sealed package",
    "archive.verify": "any changed byte of a package is found",
    "access.scope": "a person sees the cases of their regions and teams only",
    "attachment.sniffed": "the type of a file is read from its content",
    "portal.signed_link": "a tracking link is signed and expires",
    "edition.immutable": "a published edition is never edited, only replaced",
    "edition.checked": "an edition that fails its checks cannot be published",
    "edition.approval": "a draft is approved by somebody who wrote no word of it",
    "edition.rehearsal": "a draft is approved only after exactly its words ran over past cases",
    "edition.withdrawal": "an edition is withdrawn with a reason; open cases keep it",
    "edition.comparison": "two editions are compared clause by clause and limit by limit",
    "edition.migration": "open cases move to another edition with their effect shown first",
}

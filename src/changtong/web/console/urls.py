"""Addresses of the console: nouns, and actions as resources of what they act on."""

from __future__ import annotations

from django.urls import path

from changtong.web.console import (
    appointments,
    archive,
    customers,
    dashboard,
    dispatch,
    feedback,
    intake,
    journal,
    notices,
    staff,
    work,
)
from changtong.web.console.standard import urls as standard
from changtong.web.console.tickets import actions, case, fresh, limits, queue, remedies


app_name = "console"

TICKET = "tickets/<str:number>"

urlpatterns = [
    path("", dashboard.home, name="dashboard"),
    path("search", queue.search, name="search"),
    path("tickets/", queue.queue, name="tickets"),
    path("tickets/new", intake.desk, name="intake"),
    path("tickets/new/lines", intake.lines, name="intake_lines"),
    path("tickets/new/caller", intake.caller, name="intake_caller"),
    path("tickets/new/proposal", intake.proposal, name="intake_proposal"),
    path("tickets/rows", fresh.rows, name="ticket_rows"),
    path("tickets/changes", fresh.changes, name="ticket_changes"),
    path(TICKET, case.case, name="ticket"),
    path(f"{TICKET}/receipt", intake.receipt, name="receipt"),
    path(f"{TICKET}/dispatch", dispatch.of_ticket, name="ticket_dispatch"),
    path(f"{TICKET}/files", case.files, name="ticket_files"),
    path(f"{TICKET}/result", case.result, name="ticket_result"),
    path(f"{TICKET}/feedback", feedback.of_ticket, name="ticket_feedback"),
    path(f"{TICKET}/record", archive.of_ticket, name="ticket_record"),
    path(f"{TICKET}/clocks/<int:pk>", limits.clock, name="ticket_clock"),
    path(f"{TICKET}/limits", limits.limits, name="ticket_limits"),
    path(
        f"{TICKET}/remedies/<str:code>/acceptance", remedies.acceptance, name="remedy_acceptance"
    ),
    path(f"{TICKET}/remedies/<str:code>/refusal", remedies.refusal, name="remedy_refusal"),
    path(f"{TICKET}/acceptance", actions.acceptance, name="ticket_acceptance"),
    path(f"{TICKET}/rejection", actions.rejection, name="ticket_rejection"),
    path(f"{TICKET}/assignment", dispatch.assignment, name="ticket_assignment"),
    path(f"{TICKET}/claim", dispatch.claim, name="ticket_claim"),
    path(f"{TICKET}/reclassification", actions.reclassification, name="ticket_reclassification"),
    path(f"{TICKET}/cancellation", actions.cancellation, name="ticket_cancellation"),
    path(f"{TICKET}/handling", actions.handling, name="ticket_handling"),
    path(f"{TICKET}/pause", actions.pause, name="ticket_pause"),
    path(f"{TICKET}/resumption", actions.resumption, name="ticket_resumption"),
    path(f"{TICKET}/log", actions.log, name="ticket_log"),
    path(f"{TICKET}/attachments", actions.attachments, name="ticket_attachments"),
    path(f"{TICKET}/attachments/<int:pk>", actions.attachment, name="ticket_attachment"),
    path(f"{TICKET}/supplement", actions.supplement, name="ticket_supplement"),
    path(f"{TICKET}/supplement/answer", actions.answer, name="ticket_answer"),
    path(f"{TICKET}/resolution", actions.resolution, name="ticket_resolution"),
    path(f"{TICKET}/notice", actions.notice, name="ticket_notice"),
    path(f"{TICKET}/confirmation", actions.confirmation, name="ticket_confirmation"),
    path(f"{TICKET}/refusal", actions.refusal, name="ticket_refusal"),
    path(f"{TICKET}/closure", actions.closure, name="ticket_closure"),
    path(f"{TICKET}/evaluation", actions.evaluation, name="ticket_evaluation"),
    path(f"{TICKET}/appointment", appointments.appointment, name="ticket_appointment"),
    path("dispatch/", dispatch.page, name="dispatch"),
    path("dispatch/resources", dispatch.resources, name="dispatch_resources"),
    path(
        "dispatch/alarms/<str:number>/acknowledgement",
        dispatch.acknowledgement,
        name="dispatch_acknowledgement",
    ),
    path("work/", work.mine, name="work"),
    path("work/<str:number>/start", work.start, name="work_start"),
    path("work/<str:number>/arrival", work.arrival, name="work_arrival"),
    path(
        "work/<str:number>/appointment",
        appointments.own_appointment,
        name="work_appointment",
    ),
    path("work/<str:number>/cancellation", appointments.cancellation, name="work_cancellation"),
    path("customers/", customers.search, name="customers"),
    path("customers/<str:number>", customers.customer, name="customer"),
    *standard.urlpatterns,
    path("archive/", archive.records, name="archive"),
    path("archive/<str:number>", archive.record, name="record"),
    path("archive/<str:number>/package", archive.package, name="record_package"),
    path("archive/<str:number>/receipt", archive.receipt, name="record_receipt"),
    path("archive/<str:number>/verification", archive.verification, name="record_verification"),
    path("journal/", journal.entries, name="journal"),
    path("journal/verification", journal.verification, name="journal_verification"),
    path("feedback/", feedback.page, name="feedback"),
    path("feedback/follow-ups/<int:pk>", feedback.follow_up, name="follow_up"),
    path("notices/", notices.inbox, name="notices"),
    path("notices/bell", notices.bell, name="notices_bell"),
    path("notices/reading", notices.reading, name="notices_reading"),
    path("notices/<int:pk>/reading", notices.reading, name="notice_reading"),
    path("escalations/<int:pk>/answer", notices.answer, name="escalation_answer"),
    path("staff/", staff.people, name="staff"),
    path("staff/teams", staff.teams, name="staff_teams"),
    path("staff/tokens", staff.tokens, name="staff_tokens"),
]

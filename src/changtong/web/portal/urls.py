from django.conf import settings
from django.urls import path

from changtong.web.portal import (
    appointment,
    asking,
    checks,
    clauses,
    consents,
    demo,
    home,
    installed,
    knowledge,
    login,
    mine,
    reports,
    tickets,
    times,
    track,
)


urlpatterns = [
    path("", home.home, name="portal_home"),
    path("manifest.webmanifest", installed.manifest, name="portal_manifest"),
    path("sw.js", installed.service_worker, name="portal_worker"),
    path("portal/offline", installed.offline, name="portal_offline"),
    path("portal/login", login.login, name="portal_login"),
    path("portal/login/code", login.code, name="portal_code"),
    path("portal/logout", login.logout, name="portal_logout"),
    path("portal/check", checks.checks, name="portal_checks"),
    path("portal/check/<slug:code>", checks.check, name="portal_check"),
    path("portal/check/<slug:code>/solution", checks.solution, name="portal_check_solution"),
    path("portal/mine", mine.mine, name="portal_mine"),
    path("portal/mine/contact", mine.contact, name="portal_contact"),
    path("portal/mine/type", mine.type_size, name="portal_type"),
    path("portal/mine/correction", mine.correction, name="portal_correction"),
    path("portal/mine/erasure", mine.erasure, name="portal_erasure"),
    path("portal/mine/consents/withdrawal", consents.withdrawal, name="portal_consent_withdrawal"),
    path("portal/mine/export", mine.export, name="portal_export"),
    path("portal/mine/data.zip", mine.package, name="portal_package"),
    path("portal/report/<str:kind>", reports.report, name="portal_report"),
    path("portal/report/<str:kind>/questions", asking.asked, name="portal_questions"),
    path("portal/report/<str:kind>/suggestions", reports.suggestions, name="portal_suggestions"),
    path("portal/report/<str:kind>/times", times.times, name="portal_times"),
    path("portal/tickets/", tickets.tickets, name="portal_tickets"),
    path("portal/tickets/<str:number>", tickets.ticket, name="portal_ticket"),
    path("portal/tickets/<str:number>/confirmation", tickets.confirmation),
    path("portal/tickets/<str:number>/refusal", tickets.refusal),
    path("portal/tickets/<str:number>/evaluation", tickets.evaluation),
    path("portal/tickets/<str:number>/supplement", tickets.supplement),
    path("portal/tickets/<str:number>/messages", tickets.messages),
    path("portal/tickets/<str:number>/attachments", tickets.attachments),
    path("portal/tickets/<str:number>/attachments/<str:sha256>", tickets.attachment),
    path("portal/tickets/<str:number>/cancellation", tickets.cancellation),
    path(
        "portal/tickets/<str:number>/appointment",
        appointment.appointment,
        name="portal_appointment",
    ),
    path("portal/help/", knowledge.articles, name="portal_help"),
    path("portal/help/<int:pk>", knowledge.article, name="portal_article"),
    path("portal/clauses/<str:number>", clauses.clause, name="portal_clause"),
    path("t/<str:token>", track.track, name="portal_track"),
]

if settings.DEMO:
    urlpatterns += [
        path("demo/outbox", demo.outbox, name="demo_outbox"),
        path("demo/sms", demo.sms, name="demo_sms"),
    ]

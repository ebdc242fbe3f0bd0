"""Addresses of the standard: editions to read, and drafts with what is done to them."""

from __future__ import annotations

from django.urls import path

from changtong.web.console.standard import (
    clauses,
    converting,
    drafting,
    handbook,
    limits,
    reading,
    rehearsing,
    reviewing,
    tables,
)


EDITION = "standard/editions/<int:pk>"
DRAFT = "standard/drafts/<int:pk>"

urlpatterns = [
    path("standard/", reading.edition, name="standard"),
    path("standard/categories", reading.categories, name="standard_categories"),
    path("standard/clauses/<str:number>", reading.clause, name="standard_clause"),
    path("standard/comparison", reading.comparison, name="standard_comparison"),
    path("standard/editions", reading.editions, name="standard_editions"),
    path(f"{EDITION}/files", reading.files, name="standard_files"),
    path(f"{EDITION}/handbook", handbook.handbook, name="standard_handbook"),
    path(f"{EDITION}/conversions", converting.index, name="standard_conversions"),
    path(
        f"{EDITION}/conversions/<int:conversion>",
        converting.conversion,
        name="standard_conversion",
    ),
    path(
        f"{EDITION}/conversions/<int:conversion>/confirmation",
        converting.confirmation,
        name="standard_conversion_confirmation",
    ),
    path(f"{EDITION}/withdrawal", reviewing.withdrawal, name="standard_withdrawal"),
    path("standard/drafts/new", drafting.begin, name="standard_begin"),
    path(DRAFT, drafting.draft, name="standard_draft"),
    path(f"{DRAFT}/handbook", handbook.draft_handbook, name="standard_draft_handbook"),
    path(f"{DRAFT}/files", drafting.package, name="standard_draft_files"),
    path(f"{DRAFT}/loading", drafting.loading, name="standard_draft_loading"),
    path(f"{DRAFT}/discarding", drafting.discarding, name="standard_draft_discarding"),
    path(f"{DRAFT}/clauses", clauses.clauses, name="standard_draft_clauses"),
    path(f"{DRAFT}/clauses/new", clauses.new_clause, name="standard_draft_new_clause"),
    path(f"{DRAFT}/clauses/<str:number>", clauses.clause, name="standard_draft_clause"),
    path(f"{DRAFT}/clauses/<str:number>/words", clauses.words, name="standard_draft_words"),
    path(f"{DRAFT}/clauses/<str:number>/removal", clauses.removal, name="standard_draft_removal"),
    path(f"{DRAFT}/limits", limits.limits, name="standard_draft_limits"),
    path(f"{DRAFT}/limits/trial", limits.trial, name="standard_draft_trial"),
    path(f"{DRAFT}/limits/row", limits.row, name="standard_draft_row"),
    path(f"{DRAFT}/limits/row/values", limits.row_values, name="standard_draft_row_values"),
    path(f"{DRAFT}/limits/row/removal", limits.row_removal, name="standard_draft_row_removal"),
    path(f"{DRAFT}/tables", tables.tables, name="standard_draft_tables"),
    path(f"{DRAFT}/tables/new", tables.new_file, name="standard_draft_new_file"),
    path(f"{DRAFT}/tables/entries", tables.entries, name="standard_draft_entries"),
    path(f"{DRAFT}/tables/entry", tables.entry, name="standard_draft_entry"),
    path(f"{DRAFT}/tables/entry/values", tables.entry_values, name="standard_draft_entry_values"),
    path(
        f"{DRAFT}/tables/entry/removal", tables.entry_removal, name="standard_draft_entry_removal"
    ),
    path(f"{DRAFT}/tables/text", tables.text, name="standard_draft_text"),
    path(f"{DRAFT}/tables/text/words", tables.text_words, name="standard_draft_text_words"),
    path(f"{DRAFT}/rehearsals", rehearsing.index, name="standard_draft_rehearsals"),
    path(
        f"{DRAFT}/rehearsals/<int:rehearsal>",
        rehearsing.rehearsal,
        name="standard_draft_rehearsal",
    ),
    path(
        f"{DRAFT}/rehearsals/<int:rehearsal>/findings/<int:finding>",
        rehearsing.finding,
        name="standard_draft_rehearsal_finding",
    ),
    path(f"{DRAFT}/review", reviewing.review, name="standard_draft_review"),
    path(f"{DRAFT}/sending", reviewing.sending, name="standard_draft_sending"),
    path(f"{DRAFT}/returning", reviewing.returning, name="standard_draft_returning"),
    path(f"{DRAFT}/comments", reviewing.comments, name="standard_draft_comments"),
    path(
        f"{DRAFT}/comments/<int:comment>/resolution",
        reviewing.resolution,
        name="standard_draft_resolution",
    ),
    path(f"{DRAFT}/approval", reviewing.approval, name="standard_draft_approval"),
    path(f"{DRAFT}/review/publication", reviewing.publication, name="standard_draft_publication"),
]

"""Rows of a service desk's log, in the columns of the public one, with made-up values."""

from __future__ import annotations

from changtong.intake.domain.incidents import COLUMNS


ROW = {
    "number": "INC1",
    "incident_state": "New",
    "made_sla": "true",
    "caller_id": "Caller 1",
    "opened_at": "1/3/2016 08:00",
    "sys_updated_at": "1/3/2016 08:05",
    "contact_type": "Phone",
    "location": "Location 7",
    "category": "Category 5",
    "subcategory": "Subcategory 6",
    "u_symptom": "?",
    "impact": "2 - Medium",
    "urgency": "2 - Medium",
    "priority": "3 - Moderate",
    "assignment_group": "Group 1",
    "assigned_to": "?",
    "closed_code": "code 6",
}
HEADER = ",".join(COLUMNS)


def row(state: str, at: str, **changed: str) -> str:
    """Return a line: the incident in this state since this time."""
    values = ROW | {"incident_state": state, "sys_updated_at": at} | changed
    return ",".join(values[column] for column in COLUMNS)


def log(*rows: str) -> list[str]:
    return [HEADER, *rows]

from __future__ import annotations

from ninja import Field, Schema

from changtong.web.api.v1.schemas.shared import example


CUSTOMER = {
    "number": "C-000123",
    "name": "王芳",
    "kind": "person",
    "tier": "gold",
    "phone": "13900000009",
    "email": "",
    "region": "410105",
}
LINE = {
    "number": "0371000010",
    "family": "broadband",
    "service": "bb-500",
    "address": "金水区文化路 8 号",
    "region": "410105",
    "state": "active",
    "customer": "C-000123",
    "customer_name": "王芳",
    "tier": "gold",
}
REGION = {"code": "410105", "name": "金水区", "parent": "4101", "type": "urban"}


class CustomerBody(Schema):
    model_config = example(CUSTOMER)

    number: str
    name: str
    kind: str
    tier: str
    phone: str
    email: str
    region: str


class LineBody(Schema):
    """A service at a place; `customer` is the customer's number."""

    model_config = example(LINE)

    number: str
    family: str
    service: str
    address: str
    region: str
    state: str
    customer: str
    customer_name: str
    tier: str


class RegionBody(Schema):
    model_config = example(REGION)

    code: str
    name: str
    parent: str | None
    type: str = Field(description="urban or rural; limits may differ.")


class RegionPage(Schema):
    model_config = example({"items": [REGION], "next": None})

    items: list[RegionBody]
    next: str | None

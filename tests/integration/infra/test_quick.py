"""A row made quickly is the row that the model itself would have made."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db.models import Model

from changtong.catalog.models import Region
from changtong.infra import quick
from changtong.parties.models import Customer
from changtong.tickets.models import Ticket


OWN = [one for one in apps.get_models() if one.__module__.startswith("changtong.")]


def held(row: Model) -> dict[str, object]:
    return {
        # What the database adds is an expression, of which each row has its own.
        name: type(value) if hasattr(value, "resolve_expression") else value
        for name, value in row.__dict__.items()
        if name != "_state"
    }


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_a_new_row_holds_what_calling_the_model_gives(model: type[Model]) -> None:
    made = quick.new(model)

    assert held(made) == held(model())
    assert made._state.adding
    assert made._state.db is None


def test_lists_are_not_shared_between_rows() -> None:
    quick.new(Ticket).decisions.append({"about": "priority"})

    assert quick.new(Ticket).decisions == []


def test_a_row_may_be_given_whole_or_by_its_key() -> None:
    region = Region(pk=7, code="41")

    customer = quick.new(Customer, region=region, name="王芳")
    assert (customer.region_id, customer.region is region, customer.name) == (7, True, "王芳")
    assert quick.new(Customer, region_id=7).region_id == 7


def test_a_field_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="Customer has no field nmae"):
        quick.new(Customer, nmae="王芳")


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_a_row_that_was_read_is_as_the_model_reads_it(model: type[Model]) -> None:
    names = [field.attname for field in model._meta.concrete_fields]
    values = list(range(len(names)))

    made, expected = quick.read(model, names, values), model.from_db("default", names, values)

    assert type(made) is model
    assert held(made) == held(expected)
    assert (made._state.adding, made._state.db) == (False, "default")


def test_what_was_not_read_is_deferred() -> None:
    customer = quick.read(Customer, ["id", "name"], [3, "王芳"])

    assert customer.name == "王芳"
    assert "phone" in customer.get_deferred_fields()

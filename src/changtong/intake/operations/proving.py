"""Let a caller prove at the desk that they hold the number on file."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from changtong.intake.operations import redeem, request_code
from changtong.intake.queries import assurances
from changtong.kernel.errors import Refused
from changtong.standard import queries as standard


if TYPE_CHECKING:
    from changtong.intake.models import OneTimeCode
    from changtong.parties.models import Customer, Line


def send(*, line: Line | None, customer: Customer | None, actor: str, at: datetime) -> OneTimeCode:
    """
    Let a code be sent to the number on file, to be read out to whoever asks for it.

    :raises Refused: ``identity.no_code``, ``identity.no_number_on_file``, ``code.too_soon``
    """
    rule = standard.read(standard.edition_in_force(at=at).pk).identity
    if rule is None or rule.code is None:
        raise Refused("identity.no_code")
    number = assurances.number_on_file(line, customer)
    if not number:
        raise Refused("identity.no_number_on_file", clause=rule.code.clause)
    return request_code(phone=number, at=at, asked_by=actor)


def prove(
    *, line: Line | None, customer: Customer | None, code: str, actor: str, at: datetime
) -> OneTimeCode:
    """
    Return the request whose code was read out; it counts as proof for one case of that number.

    :raises Refused: ``identity.no_number_on_file``, ``code.wrong`` with the attempts `left`,
        ``code.expired``, ``code.too_many``
    """
    number = assurances.number_on_file(line, customer)
    if not number:
        raise Refused("identity.no_number_on_file")
    return redeem(phone=number, code=code, at=at, asked_by=actor)

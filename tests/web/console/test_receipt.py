"""What the applicant takes home from the counter."""

from __future__ import annotations

import segno

from changtong.feedback import queries as feedback


def test_the_receipt_carries_the_tracking_link_as_a_code_that_can_be_read(world):
    ticket = world.ticket()

    page = world.as_("agent").get(f"/console/tickets/{ticket.number}/receipt")

    code = page.context["code"]
    drawn = {tuple(map(int, one.split("h")[0].split())) for one in code["path"].split("M")[1:]}
    wanted = segno.make_qr(feedback.tracking_link(ticket.number), error="m")
    rows = list(wanted.matrix_iter(border=4))
    # Time stands in the signature, so what is compared is the size and the three corners.
    assert code["size"] == len(rows)
    assert {(4, 4), (len(rows) - 5, 4), (4, len(rows) - 5)} <= drawn
    assert (3, 4) not in drawn
    assert "§" in page.content.decode()

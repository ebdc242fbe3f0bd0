"""A message on its way to somebody, and how often that is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


# Properties of the transport, not of any clause: about a day of trying, most of it early.
ATTEMPTS_AT_MOST = 12
# Staff are told by another way when one does not work, so nobody waits a day for it.
ATTEMPTS_FOR_STAFF = 3
WAIT_FIRST = timedelta(minutes=1)
WAIT_AT_MOST = timedelta(hours=4)
# A sender that has not reported after this long is dead: ten times the longest time-out.
LEASE = timedelta(seconds=100)
# A worker whose clock is a little behind the web server's does not wait for the sweep.
CLOCK_SKEW = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Message:
    """
    What is handed to a carrier.

    :param key: the same for every attempt, so that the receiving side can recognize a repetition
    :param ticket: the number of the case that the receiver may answer about; empty for staff
    """

    key: str
    address: str
    subject: str
    body: str
    language: str
    ticket: str = ""


class Undelivered(Exception):  # noqa: N818 - the message's fate, in the words of mail servers
    """
    Tell that a carrier did not take the message.

    :param final: trying again is useless
    """

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Carrier(Protocol):
    """Something that takes messages to their addresses."""

    def deliver(self, message: Message) -> None:
        """
        Hand the message over.

        :raises Undelivered: if it was not taken
        """


def try_again_at(
    *, attempts: int, at: datetime, at_most: int = ATTEMPTS_AT_MOST
) -> datetime | None:
    """Return when to try again after so many failures; None when it has been enough."""
    if attempts >= at_most:
        return None
    wait: timedelta = WAIT_FIRST * 2 ** (attempts - 1)
    return at + min(wait, WAIT_AT_MOST)

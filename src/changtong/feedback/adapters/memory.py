"""A carrier for tests that behaves as the real ones do, failures included."""

from __future__ import annotations

from changtong.feedback.domain.delivery import Message, Undelivered


class Memory:
    """
    Keep what was delivered; a message that comes again replaces itself, as at a receiver.

    :param failures: how many attempts fail before the first succeeds
    """

    def __init__(self, *, failures: int = 0, final: bool = False) -> None:
        self.delivered: dict[str, Message] = {}
        self.attempts: list[Message] = []
        self._failures = failures
        self._final = final

    def deliver(self, message: Message) -> None:
        """
        Keep the message.

        :raises Undelivered: as often as it was told to fail
        """
        self.attempts.append(message)
        if len(self.attempts) <= self._failures:
            raise Undelivered("told to fail", final=self._final)
        self.delivered[message.key] = message

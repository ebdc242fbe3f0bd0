from __future__ import annotations

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection whose health is checked at every request without a round trip."""

    def is_usable(self) -> bool:
        """
        Say whether the server is still there.

        When it goes, even by a crash, its system closes the connection, and that can be read
        from the socket. Only if there is something to read is the server asked.
        """
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN)
        return not socket.poll(0) or super().is_usable()

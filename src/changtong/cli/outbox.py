"""A real SMTP server for demonstrations: it accepts everything and delivers it to files."""

from __future__ import annotations

import asyncio
import itertools
import logging
import signal
from datetime import UTC
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from changtong.infra import clock


class Keeper:
    """Write each received message into its own .eml file."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._directory.mkdir(parents=True, exist_ok=True)
        self._count = itertools.count(1)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        moment = clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        name = f"{moment}-{next(self._count):04d}.eml"
        draft = self._directory / f".{name}"
        draft.write_bytes(envelope.original_content or b"")
        draft.rename(self._directory / name)
        return "250 Kept"


async def keep_mail(*, port: int, directory: Path) -> None:
    """Receive mail on the port until SIGTERM."""
    # It would tell every line of every conversation.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop, stopping, keeper = asyncio.get_running_loop(), asyncio.Event(), Keeper(directory)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = await loop.create_server(
        lambda: SMTP(keeper, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port
    )
    async with server:
        await stopping.wait()

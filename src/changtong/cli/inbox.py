"""``changtong inbox``: take messages from a mail server, one or as they come."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

import typer
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connections
from rich.console import Console
from rich.markup import escape

from changtong.infra.clock import now
from changtong.intake import queries
from changtong.intake.operations import mailing
from changtong.kernel.errors import Refused


app = typer.Typer(no_args_is_help=True)
out = Console()
log = logging.getLogger(__name__)

# Nobody can be answered there: what says so is itself an answer.
NULL_SENDERS = (None, "", "<>")


@app.command()
def receive() -> None:
    """Take one message from standard input; a failure asks the mail server for another try."""
    raw = sys.stdin.buffer.read(settings.MAIL_AT_MOST_BYTES + 1)
    try:
        mail = mailing.receive(raw=raw, at=now())
    except Refused as refused:
        typer.echo(str(refused), err=True)
        raise typer.Exit(os.EX_DATAERR) from refused
    except (DatabaseError, InterfaceError, OSError) as error:
        # The mail server keeps the message and comes again.
        typer.echo(f"{type(error).__name__}: {error}", err=True)
        raise typer.Exit(os.EX_TEMPFAIL) from error
    typer.echo(f"{mail.outcome} {mail.ticket.number if mail.ticket else mail.reason}")


@app.command()
def listen(
    port: int = typer.Option(2424, help="Where the mail server delivers to, by LMTP"),
    host: str = typer.Option("127.0.0.1", help="Only an address that strangers cannot reach"),
) -> None:
    """Take messages by LMTP until SIGTERM."""
    asyncio.run(_listen(host=host, port=port))


@app.command(name="set-aside")
def set_aside(at_most: int = typer.Option(50, min=1, help="How many of the last")) -> None:
    """Show the messages that led to nothing, and why; the whole of each lies in the storage."""
    for mail in queries.mails_set_aside()[:at_most]:
        when = f"{mail.received_at.astimezone():%Y-%m-%d %H:%M}"
        words = f"{when} {mail.reason} {mail.sender} {mail.subject} {mail.sha256}"
        out.print(escape(words), highlight=False)


class Postbox:
    """Answer the mail server only when a message is kept, so that none is lost between us."""

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: LMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.original_content or b""
        # The address that it was delivered to may be in no header.
        to = "".join(f"Delivered-To: {one}\r\n" for one in envelope.rcpt_tos if _is_plain(one))
        null = b"Return-Path: <>\r\n" if envelope.mail_from in NULL_SENDERS else b""
        return await asyncio.to_thread(_taken, to.encode() + null + raw)


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable()


def _taken(raw: bytes) -> str:
    try:
        mail = mailing.receive(raw=raw, at=now())
    except Refused as refused:
        return f"552 {refused.code}"
    except Exception:
        # Whatever went wrong with one message, the mail server keeps it and others go on.
        log.exception("a message could not be taken")
        return "451 Try again later"
    finally:
        # The thread may never run again, and its connection would stay.
        connections.close_all()
    return f"250 {mail.outcome}"


async def _listen(*, host: str, port: int) -> None:
    # It would tell every line of every conversation.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    server = await loop.create_server(postbox, host, port)
    out.print(f"LMTP {host}:{port}", highlight=False)
    async with server:
        await stopping.wait()


def postbox() -> LMTP:
    """Return the protocol of one connection."""
    return LMTP(Postbox(), data_size_limit=settings.MAIL_AT_MOST_BYTES, enable_SMTPUTF8=True)

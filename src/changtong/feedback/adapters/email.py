"""Mail through a real SMTP server."""

from __future__ import annotations

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from changtong.feedback.domain.choosing import is_email
from changtong.feedback.domain.delivery import Message, Undelivered
from changtong.feedback.domain.wording import one_line
from changtong.intake.domain import replies


# A server that says 5xx to the message itself will say so again.
PERMANENT = range(500, 600)


class Mail:
    """Send each message over a connection of its own."""

    def deliver(self, message: Message) -> None:
        """
        Hand the message to the SMTP server.

        :raises Undelivered: if the server cannot be reached or does not take it
        """
        if not is_email(message.address):
            raise Undelivered("not an e-mail address", final=True)
        mail = EmailMessage(
            subject=one_line(message.subject),
            body=message.body,
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.address],
            headers={
                "Message-ID": message_id(message.key),
                "Content-Language": one_line(message.language),
                "Auto-Submitted": "auto-generated",
                **_answering(message),
            },
            # Not Django's configured backend: a test run replaces that, and this is the test's
            # subject; the host, port and secrets are the configured ones all the same.
            connection=EmailBackend(fail_silently=False),
        )
        try:
            taken = mail.send()
        except BadHeaderError as error:
            raise Undelivered(f"header: {error}", final=True) from error
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise Undelivered(f"{code} {_text(reason)}", final=code in PERMANENT) from error
        except smtplib.SMTPResponseException as error:
            # Wrong credentials are ours to mend, so they are worth another attempt.
            final = error.smtp_code in PERMANENT and not isinstance(
                error, smtplib.SMTPAuthenticationError
            )
            answer = f"{error.smtp_code} {_text(error.smtp_error)}"
            raise Undelivered(answer, final=final) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Undelivered(f"{type(error).__name__}: {error}") from error
        if not taken:
            raise Undelivered("nobody to send to", final=True)


def message_id(key: str) -> str:
    """Return the Message-ID that every attempt of the same message carries."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"<{key.replace(':', '.')}@{host}>"


def _answering(message: Message) -> dict[str, str]:
    """Return what keeps the messages of a case together, and where an answer to it goes."""
    if not message.ticket:
        return {}
    headers = {"References": message_id(f"case:{message.ticket}")}
    if settings.MAIL_REPLY_ADDRESS:
        headers["Reply-To"] = replies.address_for(
            number=message.ticket,
            recipient=message.address,
            reply_to=settings.MAIL_REPLY_ADDRESS,
            key=settings.SECRET_KEY,
        )
    return headers


def _text(reason: bytes | str) -> str:
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason

"""The SMTP server of demonstration mode."""

from __future__ import annotations

import email
import email.policy
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    environment = {**os.environ, "CHANGTONG_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "changtong.cli", "mail", f"--port={free}"]
    with subprocess.Popen(command, env=environment) as server:
        yield free
        server.terminate()
        assert server.wait(timeout=10) == 0


def test_a_sent_message_becomes_a_file(port: int, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "service@changtong.example", "zhang@example.com"
    message["Subject"] = "您的工单已受理"
    message.set_content("宽带故障将在 24 小时内修复。")

    with _connected(port) as client:
        client.send_message(message)

    (file,) = (tmp_path / "outbox" / "mail").glob("*.eml")
    kept = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert kept["Subject"] == "您的工单已受理"
    assert kept.get_content().strip() == "宽带故障将在 24 小时内修复。"


def _connected(port: int) -> smtplib.SMTP:
    for _ in range(100):
        try:
            return smtplib.SMTP("127.0.0.1", port, timeout=10)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the SMTP server did not answer within 10 s")

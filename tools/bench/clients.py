"""Clients that cost little: one thread, plain sockets, answers read only as far as needed."""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


FAILED_FROM = 400


@dataclass(slots=True)
class Outcome:
    """What so many clients got in so many seconds."""

    seconds: float
    statuses: Counter[int] = field(default_factory=Counter)
    latencies_ms: list[float] = field(default_factory=list)
    last_failure: bytes = b""

    def rate(self, status: int) -> float:
        return self.statuses[status] / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def request(
    method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Return a request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.sent_at = 0.0

    def send(self, message: bytes) -> None:
        self.buffer = b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(message)

    def received(self) -> int | None:
        """Read what is there; return the status once the answer is complete."""
        part = self.socket.recv(1 << 20)
        if not part:
            raise ConnectionError("the server closed a connection")
        self.buffer += part
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return None
        lower = head.lower()
        position = lower.find(b"content-length:")
        if position >= 0:
            length = int(lower[position + 15 :].split(b"\r\n", 1)[0])
            if len(rest) < length:
                return None
        elif b"transfer-encoding: chunked" in lower and not rest.endswith(b"0\r\n\r\n"):
            return None
        return int(head[9:12])


def closed_loop(
    make: Callable[[], bytes], *, port: int, clients: int, seconds: float, at_most: int = 0
) -> Outcome:
    """Let each client send its next request as soon as it has its answer."""
    selector = selectors.DefaultSelector()
    everyone = [_Client(port) for _ in range(clients)]
    outcome = Outcome(seconds)
    began = time.perf_counter()
    for client in everyone:
        selector.register(client.socket, selectors.EVENT_READ, client)
        client.send(make())
    waiting, sent = clients, clients
    while waiting:
        for key, _ in selector.select(timeout=30):
            client = key.data
            status = client.received()
            if status is None:
                continue
            now = time.perf_counter()
            outcome.statuses[status] += 1
            outcome.latencies_ms.append((now - client.sent_at) * 1000)
            if status >= FAILED_FROM:
                outcome.last_failure = client.buffer
            over = now - began >= seconds or (at_most and sent >= at_most)
            if over:
                waiting -= 1
                selector.unregister(client.socket)
                client.socket.close()
            else:
                sent += 1
                client.send(make())
    outcome.seconds = time.perf_counter() - began
    return outcome

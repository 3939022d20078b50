# SPDX-License-Identifier: Apache-2.0
"""An SMTP server that keeps what it is sent."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
import time
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from .processes import free_port


@dataclass(frozen=True)
class Mail:
    """One accepted message, as its SMTP envelope and its parsed content."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    received_at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)

    def part(self, kind: str) -> str:
        """The text of the part `plain` or `html`; empty when there is none."""
        found = self.message.get_body(preferencelist=(kind,))
        return found.get_content() if found else ""


class MailSink:
    """Listens on 127.0.0.1 between `start` and `stop`, which may alternate; the mails stay. `reject` answers every DATA with that
    reply, such as "451 try later", while it is set; a mail to an address in `stall` never gets its answer, any other after `delay`
    seconds. `options` go to aiosmtpd: TLS contexts, an authenticator."""

    host = "127.0.0.1"

    def __init__(self, **options) -> None:
        self.port = free_port()
        self.options = options
        self.reject: str | None = None
        self.stall: set[str] = set()
        self.delay = 0.0
        self._mails: list[Mail] = []
        self._lock = threading.Lock()
        self._controller: Controller | None = None

    @property
    def mails(self) -> list[Mail]:
        with self._lock:
            return list(self._mails)

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if address in mail.recipients]

    def start(self) -> None:
        if self._controller is None:
            self._controller = Controller(self, hostname=self.host, port=self.port, **self.options)
            self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, _server, _session, envelope) -> str:
        if self.stall.intersection(envelope.rcpt_tos):
            await asyncio.Future()  # ends when the client hangs up
        if self.reject:
            return self.reject
        await asyncio.sleep(self.delay)
        with self._lock:
            self._mails.append(Mail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.original_content))
        return "250 OK"

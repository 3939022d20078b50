# SPDX-License-Identifier: Apache-2.0
"""The mails that a mailpit took, read through its HTTP API."""

from __future__ import annotations

import threading

import httpx

from .mail_sink import Mail

PAGE = 100


class Mailpit:
    """`mails` is what arrived, oldest first, as MailSink has it; a mail is fetched once."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._known: dict[str, Mail] = {}
        self._lock = threading.Lock()

    @property
    def mails(self) -> list[Mail]:
        with self._lock:
            for summary in reversed(self._unknown()):
                self._known[summary["ID"]] = self._fetch(summary)
            return list(self._known.values())

    def close(self) -> None:
        self._client.close()

    def _unknown(self) -> list[dict]:
        """Those not fetched yet, newest first, as the API lists them."""
        found: list[dict] = []
        while True:
            page = self._get("/api/v1/messages", start=len(found), limit=PAGE).json()["messages"]
            fresh = [summary for summary in page if summary["ID"] not in self._known]
            found += fresh
            if len(fresh) < PAGE:
                return found

    def _fetch(self, summary: dict) -> Mail:
        raw = self._get(f"/api/v1/message/{summary['ID']}/raw").content
        return Mail(summary["From"]["Address"], tuple(to["Address"] for to in summary["To"]), raw)

    def _get(self, path: str, **query: int) -> httpx.Response:
        return self._client.get(path, params=query).raise_for_status()

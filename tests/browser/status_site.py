# SPDX-License-Identifier: Apache-2.0
"""The status page as its server hands it out, with answers of a test's own in place of the job's."""

from __future__ import annotations

import json
import re
import time
from email.utils import formatdate
from urllib.parse import urlsplit

from harness.packages import REPOSITORY
from harness.status_page import FOLDER

URL = "http://localhost/status"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = re.search(r'Content-Security-Policy "([^"]+)"', (FOLDER / "nginx.conf").read_text())[1]


class StatusSite:
    """`answer`: status.json's text, or None where there is none; `requests` counts how often it was asked for."""

    def __init__(self, context) -> None:
        self.answer: str | None = None
        self.date: float | None = None
        self.hangs = False
        self.requests = 0
        context.route("**/*", self._file)
        context.route("**/status/status.json", self._status)

    def say(self, document: dict) -> None:
        self.answer = json.dumps(document)

    def _file(self, route) -> None:
        path = urlsplit(route.request.url).path
        name = "status.html" if path == "/status" else path.removeprefix("/status/assets/")
        for folder in (FOLDER / "page", REPOSITORY / "platform" / "page_frame" / "files"):
            if (folder / name).is_file():
                headers = {"Content-Security-Policy": POLICY, "Content-Type": f"{TYPES[(folder / name).suffix]}; charset=utf-8"}
                route.fulfill(status=200, headers=headers, body=(folder / name).read_text())
                return
        route.fulfill(status=404, body="")

    def _status(self, route) -> None:
        self.requests += 1
        if self.hangs:
            return
        headers = {"Content-Type": "application/json", "Date": formatdate(self.date or time.time(), usegmt=True)}
        route.fulfill(status=200 if self.answer else 404, headers=headers, body=self.answer or "")

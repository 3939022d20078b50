# SPDX-License-Identifier: Apache-2.0
"""The statements of the services as PostgreSQL was sent them, out of its log: what a test prepares is what runs."""

from __future__ import annotations

import re

SETTINGS = {"log_statement": "all"}  # of the server
EXECUTED = re.compile(r"LOG:  execute (?:<unnamed>|s\d+): (.+)$", re.MULTILINE)


class Recorded:
    def __init__(self, server) -> None:
        self.texts = sorted(set(EXECUTED.findall(server.log.read_text(errors="replace"))))

    def one(self, *parts: str) -> str:
        """The statement that has all these parts; fails when none has, or several."""
        found = [text for text in self.texts if all(part in text for part in parts)]
        assert len(found) == 1, f"{len(found)} statements have {parts}: {found}"
        return found[0]

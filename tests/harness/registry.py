# SPDX-License-Identifier: Apache-2.0
"""A registry of images on 127.0.0.1, kept in memory (crane registry serve)."""

from __future__ import annotations

import shutil
import subprocess

from .processes import Session
from .server import Server, base_environment


class Registry(Server):
    name = "registry"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.address = f"{self.host}:{self.port}"

    def spawn(self) -> subprocess.Popen:
        command = [shutil.which("crane"), "registry", "serve", "--address", self.address]
        return self.session.spawn(command, log=self.log, env=base_environment(self.directory))

    def answers(self) -> bool:
        return b" 200 " in self.exchange(b"GET /v2/ HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n\r\n")

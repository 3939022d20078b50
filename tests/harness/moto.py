# SPDX-License-Identifier: Apache-2.0
"""moto: AWS's API in memory."""

from __future__ import annotations

import subprocess
import sys

from .processes import Session
from .server import Server, base_environment


class Moto(Server):
    name = "moto"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.url = f"http://{self.host}:{self.port}"

    def spawn(self) -> subprocess.Popen:
        # AWS's own policies are there only when asked for.
        env = base_environment(self.directory) | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        command = [sys.executable, "-m", "moto.server", "-H", self.host, "-p", str(self.port)]
        return self.session.spawn(command, log=self.log, env=env)

    def answers(self) -> bool:
        return b" 200 " in self.exchange(b"GET /moto-api/ HTTP/1.1\r\nHost: moto\r\nConnection: close\r\n\r\n", seconds=5)

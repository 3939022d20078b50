# SPDX-License-Identifier: Apache-2.0
"""MinIO: an S3 server that writes conditionally, as the lock of Terraform's state wants it."""

from __future__ import annotations

import base64
import secrets
import shutil
import subprocess

from .processes import Session
from .server import Server, base_environment


class Minio(Server):
    name = "minio"
    user = "micro-sayur"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.url = f"http://{self.host}:{self.port}"

    def spawn(self) -> subprocess.Popen:
        env = base_environment(self.directory) | {
            "MINIO_ROOT_USER": self.user,
            "MINIO_ROOT_PASSWORD": self.password,
            "MINIO_BROWSER": "off",
            # What is stored is encrypted when the client asks for it.
            "MINIO_KMS_SECRET_KEY": f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        }
        command = [shutil.which("minio"), "server", "--address", f"{self.host}:{self.port}", str(self.directory / "data")]
        return self.session.spawn(command, log=self.log, env=env)

    def answers(self) -> bool:
        return b" 200 " in self.exchange(b"GET /minio/health/ready HTTP/1.1\r\nHost: minio\r\nConnection: close\r\n\r\n")

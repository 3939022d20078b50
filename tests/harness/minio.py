# SPDX-License-Identifier: Apache-2.0
"""MinIO: an S3 server that writes conditionally, as the lock of Terraform's state wants it."""

from __future__ import annotations

import base64
import secrets
import shutil
import ssl
import subprocess
import urllib.request

from .certificates import Certificates
from .processes import Session
from .server import Server, base_environment


class Minio(Server):
    name = "minio"
    user = "micro-sayur"

    def __init__(self, session: Session, certificates: Certificates | None = None) -> None:
        """With certificates it speaks TLS alone."""
        super().__init__(session)
        self.certificates = certificates
        self.url = f"{'https' if certificates else 'http'}://{'localhost' if certificates else self.host}:{self.port}"

    def spawn(self) -> subprocess.Popen:
        env = base_environment(self.directory) | {
            "MINIO_ROOT_USER": self.user,
            "MINIO_ROOT_PASSWORD": self.password,
            "MINIO_BROWSER": "off",
            # What is stored is encrypted when the client asks for it.
            "MINIO_KMS_SECRET_KEY": f"test:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        }
        command = [shutil.which("minio"), "server", "--address", f"{self.host}:{self.port}"]
        if self.certificates:
            folder = self.directory / "certificates"
            folder.mkdir(exist_ok=True)
            shutil.copy(self.certificates.certificate, folder / "public.crt")
            shutil.copy(self.certificates.key, folder / "private.key")
            command += ["--certs-dir", str(folder)]
        command.append(str(self.directory / "data"))
        return self.session.spawn(command, log=self.log, env=env)

    def answers(self) -> bool:
        trusted = ssl.create_default_context(cafile=self.certificates.authority) if self.certificates else None
        try:
            with urllib.request.urlopen(f"{self.url}/minio/health/ready", timeout=2, context=trusted) as answer:
                return answer.status == 200
        except OSError:
            return False

# SPDX-License-Identifier: Apache-2.0
"""A certificate authority for one session, and a server certificate for localhost and 127.0.0.1."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    authority: Path
    certificate: Path
    key: Path


def make_certificates(directory: Path) -> Certificates:
    """Makes them in `directory`, once."""
    directory.mkdir(mode=0o755, exist_ok=True)
    authority, authority_key = directory / "ca.pem", directory / "ca.key"
    made = Certificates(authority, directory / "server.pem", directory / "server.key")
    if not authority.exists():
        fresh = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "7"]
        usage = ["-addext", "keyUsage=critical,keyCertSign"]
        _run(*fresh, *usage, "-subj", "/CN=test authority", "-keyout", str(authority_key), "-out", str(authority))
        signed = ["-CA", str(authority), "-CAkey", str(authority_key), "-addext", "basicConstraints=critical,CA:FALSE"]
        names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        _run(*fresh, *signed, *names, "-subj", "/CN=localhost", "-keyout", str(made.key), "-out", str(made.certificate))
    return made


def _run(*command: str) -> None:
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{run.stderr.strip()}")

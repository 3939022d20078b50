# SPDX-License-Identifier: Apache-2.0
"""PgBouncer in front of a PostgreSQL of these tests, in transaction mode."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .packages import REPOSITORY, find_program, library_path
from .postgres import UNPRIVILEGED, Postgres, own
from .processes import Session
from .server import Server, base_environment

COMMON = REPOSITORY / "deployments" / "data" / "pgbouncer" / "pgbouncer.ini"
SCHEMAS = REPOSITORY / "deployments" / "compose" / "postgres-schemas.sql"
POOL_SIZE = 8
NEWER = os.environ.get("TEST_PGBOUNCER")  # a program of 1.21 or later, in place of Debian's: it knows prepared statements
ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")


def role_settings(role: str, database: str, schema: str = "user_service") -> list[str]:
    """The statements that give a role of a test what the deployments give the role of the schema."""
    prefix = f"ALTER ROLE {schema} IN DATABASE micro_sayur "
    lines = [line for line in SCHEMAS.read_text().splitlines() if line.startswith(prefix)]
    return [f"ALTER ROLE {role} IN DATABASE {database} {line.removeprefix(prefix).rstrip(';')}" for line in lines]


class PgBouncer(Server):
    """Whoever may log in to the server may do so here, with the same password. `settings` overrides lines of pgbouncer.ini."""

    name = "pgbouncer"

    def __init__(self, session: Session, server: Postgres, pool_size: int = POOL_SIZE, settings: dict[str, object] | None = None) -> None:
        super().__init__(session)
        self.server = server
        self.program = Path(NEWER) if NEWER else find_program("/usr/sbin/pgbouncer", "usr/sbin/pgbouncer")
        self.configuration = self.directory / "pgbouncer.ini"
        own(self.directory)
        key = self._write("server.key", self.session.certificates.key.read_text())
        users = self._write("users.txt", f'"{server.user}" "{server.password}"\n')
        own_settings = {
            "listen_addr": self.host,
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "scram-sha-256",
            "auth_file": users,
            "auth_user": server.user,
            "default_pool_size": pool_size,
            "client_tls_sslmode": "allow",
            "client_tls_key_file": key,
            "client_tls_cert_file": self.session.certificates.certificate,
            "server_tls_sslmode": "verify-full",
            "server_tls_ca_file": self.session.certificates.authority,
            "max_client_conn": 1000,
            **({"max_prepared_statements": 200} if NEWER else {}),
        }
        lines = "".join(f"{name} = {value}\n" for name, value in {**own_settings, **(settings or {})}.items())
        databases = f"[databases]\n* = host={server.host} port={server.port}\n"
        self._write("pgbouncer.ini", f"{COMMON.read_text()}{lines}{databases}")

    kind = "transaction_prepared" if NEWER else "transaction"  # as DB_POOLER calls it

    def environment(self) -> dict[str, str]:
        return {"TEST_POSTGRES_POOLER": self.kind, "TEST_POSTGRES_POOLER_PORT": str(self.port)}

    def spawn(self) -> subprocess.Popen:
        # It refuses to run as root, and drops that itself once it has read what only root can.
        drop = ["-u", UNPRIVILEGED] if os.geteuid() == 0 else []
        env = base_environment(self.directory) | library_path(self.program)
        return self.session.spawn([str(self.program), *drop, str(self.configuration)], log=self.log, env=env)

    def answers(self) -> bool:
        return self.exchange(ASKS_FOR_TLS) in (b"S", b"N")

    def _write(self, name: str, text: str) -> str:
        file = self.directory / name
        file.touch(mode=0o600)
        file.write_text(text)
        own(file)
        return str(file)

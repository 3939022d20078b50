# SPDX-License-Identifier: Apache-2.0
"""Both services, whose database is behind a PgBouncer. They log in as the roles that the deployments make."""

from __future__ import annotations

import os
import subprocess

from .packages import REPOSITORY
from .server import Server, ServerError
from .server_users import SERVICES
from .servers import make_all, start_all
from .stack import DistributedStack

DATABASE = "micro_sayur"
OWNER = "micro_sayur_owner"
PASSWORDS = ("database_owner", "exporter_database", *(f"{service}_database" for service in SERVICES))


class PooledStack(DistributedStack):
    def _make_servers(self) -> dict[str, Server]:
        made = make_all(self.session, ["postgres", "pgbouncer", "redis", "rabbitmq"])
        made["postgres"].database = DATABASE
        start_all({"postgres": made["postgres"]})
        self._make_roles(made["postgres"])
        return made

    def _make_roles(self, database: Server) -> None:
        self.secrets = self.session.directory / "database-passwords"
        self.secrets.mkdir()
        for name in PASSWORDS:
            (self.secrets / f"{name}_password").write_text(f"{name} of this run")
        login = {"PGHOST": database.host, "PGPORT": str(database.port), "PGUSER": database.user, "PGPASSWORD": database.password}
        path = f"{database.programs}:{os.environ['PATH']}"
        command = [REPOSITORY / "tools/aws/database_roles.sh", self.secrets]
        env = login | {"PATH": path, "PGDATABASE": DATABASE} | database._libraries
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServerError(f"{command[0]}: {done.stdout}{done.stderr}")

    def _login(self, user: str) -> dict[str, str]:
        return super()._login(user) | {"DB_USER": user, "DB_PASSWORD_FILE": str(self.secrets / f"{user}_database_password")}

    def _server_environment(self) -> dict[str, str]:
        pooler = self.servers["pgbouncer"]
        return super()._server_environment() | {"DB_PORT": str(pooler.port), "DB_POOLER": pooler.kind}

    def _migration_environment(self) -> dict[str, str]:
        direct = {"DB_PORT": str(self.servers["postgres"].port), "DB_POOLER": "none"}
        return direct | {"DB_USER": OWNER, "DB_PASSWORD_FILE": str(self.secrets / "database_owner_password")}

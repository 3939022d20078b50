# SPDX-License-Identifier: Apache-2.0
"""The services with the rights in PostgreSQL that the deployments give them, and no others."""

from __future__ import annotations

import secrets

from .packages import REPOSITORY
from .stack import DistributedStack

DATABASE = "micro_sayur"
OWNER = "micro_sayur_owner"
ROLES = (OWNER, "user_service", "notification_service", "exporter")


class OwnedStack(DistributedStack):
    """One role owns the tables and migrates; the services read and write rows."""

    def prepare_database(self) -> None:
        """Called once: roles and schemas are there, and no table."""

    def run_sql(self, statement: str, role: str = OWNER) -> str:
        return self.servers["postgres"].run_sql(f"set role {role}; {statement}", DATABASE)

    def _server_environment(self) -> dict[str, str]:
        self.passwords = {role: secrets.token_hex(16) for role in ROLES}
        postgres = self.servers["postgres"]
        for role, password in self.passwords.items():
            postgres.run_sql(f"create role {role} login password '{password}'")
        postgres.create_database(DATABASE)
        postgres.run_sql((REPOSITORY / "deployments/compose/postgres-schemas.sql").read_text(), DATABASE)
        self.prepare_database()
        return super()._server_environment() | {"DB_NAME": DATABASE}

    def _login(self, user: str) -> dict[str, str]:
        return super()._login(user) | self._role(user)

    def _migration_environment(self) -> dict[str, str]:
        return self._role(OWNER)

    def _role(self, name: str) -> dict[str, str]:
        return {"DB_USER": name, "DB_PASSWORD_FILE": self.secret_file(f"{name}-postgres-password", self.passwords[name])}

# SPDX-License-Identifier: Apache-2.0
"""Migrations of a version to come: the files of today's services, and further ones, in a folder that apply_migrations reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from harness.packages import REPOSITORY
from harness.service import Service
from harness.stack import DistributedStack


class NextVersion:
    """Of one service of a stack; `add` numbers the files."""

    def __init__(self, stack: DistributedStack, name: str, folder: Path) -> None:
        self.service = stack.services[name]
        self.name, self.schema = name, name.replace("-", "_")
        self.folder = folder / name
        shutil.copytree(REPOSITORY / "services" / name / "migrations" / "postgres", self.folder)
        # Its job has two connections, and ports are for what serves.
        env = self.service.env | {"DB_POOL_SIZE": "2"}
        self.runner = Service(stack.session, stack.binaries / "tests" / "apply_migrations", env, self.service.ports)

    @property
    def newest(self) -> int:
        return max(int(file.name[:3]) for file in self.folder.glob("*.sql"))

    def add(self, name: str, text: str) -> Path:
        file = self.folder / f"{self.newest + 1:03}_{name}.sql"
        file.write_text(f"-- SPDX-License-Identifier: Apache-2.0\n{text}\n")
        return file

    def migrate(self) -> str:
        """Returns what it logged."""
        return self.runner.run(*self.arguments)

    def fail_to_migrate(self) -> str:
        """Returns what it said when it failed."""
        done = self.runner.try_run(*self.arguments)
        assert done.returncode == 1, f"code {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def spawn(self) -> subprocess.Popen:
        """In the background; `log_text` is what it logs."""
        env = self.runner.env | {"PATH": "/usr/bin:/bin"}
        return self.runner.session.spawn([str(self.runner.program), *self.arguments], log=self.runner.log, env=env)

    def log_text(self) -> str:
        return self.runner.log_text()

    @property
    def arguments(self) -> list[str]:
        return [self.name, self.schema, str(self.folder)]

    def applied(self, postgres) -> int:
        return int(postgres.run_sql(f"select max(version) from {self.schema}.schema_migrations"))


def said(output: str) -> list[str]:
    """The warnings of a migration, in order."""
    return re.findall(r'"error.message":"((?:[^"\\]|\\.)*)"', output)

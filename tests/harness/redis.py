# SPDX-License-Identifier: Apache-2.0
"""Redis 7."""

from __future__ import annotations

import subprocess

from .packages import find_program, library_path
from .processes import Session, free_port
from .server import Server, ServerError, base_environment
from .server_users import fill_in, service_passwords


class Redis(Server):
    """Nothing survives its end: Redis is never the record of anything."""

    name = "redis"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.program = find_program("/usr/bin/redis-server", "usr/bin/redis-server")
        self.configuration = self.directory / "redis.conf"
        self.tls_port = free_port()
        self.service_passwords = service_passwords(self.name)
        certificates = session.certificates
        users = self.directory / "users.acl"
        users.write_text(fill_in("redis-users.acl", {"redis_password": self.password, **self.service_passwords}))
        self.configuration.write_text(
            f"tls-port {self.tls_port}\ntls-auth-clients no\ntls-ca-cert-file {certificates.authority}\n"
            f"tls-cert-file {certificates.certificate}\ntls-key-file {certificates.key}\n"
            f"bind {self.host}\nport {self.port}\naclfile {users}\nsave ''\nappendonly no\ndir {self.directory}\n"
        )

    def environment(self) -> dict[str, str]:
        return {
            "TEST_REDIS_HOST": self.host,
            "TEST_REDIS_PORT": str(self.port),
            "TEST_REDIS_PASSWORD": self.password,
            "TEST_REDIS_TLS_PORT": str(self.tls_port),
            "TEST_CA_FILE": str(self.session.certificates.authority),
        }

    def spawn(self) -> subprocess.Popen:
        env = base_environment(self.directory) | library_path(self.program)
        return self.session.spawn([str(self.program), str(self.configuration)], log=self.log, env=env)

    def answers(self) -> bool:
        return self.exchange(f"AUTH {self.password}\r\n".encode()).startswith(b"+OK")

    def command(self, line: str) -> None:
        """Any command; raises what Redis refuses."""
        answer = self.exchange(f"AUTH {self.password}\r\n{line}\r\n".encode())
        if b"-" in answer:
            raise ServerError(f"{line}: {answer.decode()}")

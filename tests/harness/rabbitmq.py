# SPDX-License-Identifier: Apache-2.0
"""RabbitMQ 3. The Erlang machine is started directly: Debian's start scripts hold absolute paths and need their own user."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from pathlib import Path

from .packages import find_program, library_path
from .processes import Session, free_port
from .server import Server, ServerError, base_environment
from .server_users import fill_in, service_passwords


class RabbitMQ(Server):
    """A node of its own with a port mapper of its own. Messages and definitions survive `kill`."""

    name = "rabbitmq"
    start_seconds = 120
    user = "test"
    vhost = "/"
    plugins = ""  # names with commas between

    def __init__(self, session: Session, settings: dict[str, str] | None = None) -> None:
        super().__init__(session)
        machine = find_program("/usr/lib/erlang/bin/erl_call", "usr/lib/erlang/bin/erl_call").parents[1]
        scripts = find_program("/usr/lib/rabbitmq/bin/rabbitmq-server", "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server")
        self.home = scripts.resolve().parents[1]
        self.machine = machine
        self.binaries = max(machine.glob("erts-*")) / "bin"
        self.tls_port, self.mapper_port, self.distribution_port = free_port(), free_port(), free_port()
        self.service_passwords = service_passwords(self.name)
        self.node = f"sayur-{os.getpid()}-{self.port}@localhost"
        self._write_configuration(settings or {})
        self._start_port_mapper()

    def environment(self) -> dict[str, str]:
        return {
            "TEST_RABBITMQ_HOST": self.host,
            "TEST_RABBITMQ_PORT": str(self.port),
            "TEST_RABBITMQ_USER": self.user,
            "TEST_RABBITMQ_PASSWORD": self.password,
            "TEST_RABBITMQ_VHOST": self.vhost,
            "TEST_RABBITMQ_TLS_PORT": str(self.tls_port),
            "TEST_CA_FILE": str(self.session.certificates.authority),
        }

    def spawn(self) -> subprocess.Popen:
        loopback = ["-kernel", "inet_dist_use_interface", "{127,0,0,1}"]
        distribution = ["inet_dist_listen_min", str(self.distribution_port), "inet_dist_listen_max", str(self.distribution_port)]
        boot = ["-noinput", "-s", "rabbit", "boot", "-boot", "start_sasl"]
        quiet = ["-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"]
        scheduler = ["+W", "w", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "+P", "1048576", "+t", "5000000"]
        memory = ["+MBas", "ageffcbf", "+MHas", "ageffcbf", "+MBlmbcs", "512", "+MHlmbcs", "512", "+MMmcs", "30"]
        machine = ["-pa", "", *boot, *scheduler, *memory, *quiet, *loopback, *distribution]
        machine += ["-kernel", "prevent_overlapping_partitions", "false"]
        return self.session.spawn([str(self.binaries / "erlexec"), *machine], log=self.log, env=self._env())

    def restart_with(self, settings: dict[str, str]) -> None:
        """Restarts with these lines beside the usual ones of rabbitmq.conf, in place of those of before."""
        self.stop()
        self._write_configuration(settings)
        self.start()

    def answers(self) -> bool:
        greeted = self.exchange(b"AMQP\x00\x00\x09\x01", seconds=5).startswith(b"\x01\x00\x00")
        return greeted and self._listens_for_tls()

    def _listens_for_tls(self) -> bool:
        """That listener opens after the plain one."""
        try:
            socket.create_connection((self.host, self.tls_port), timeout=1).close()
        except OSError:
            return False
        return True

    def _env(self) -> dict[str, str]:
        variables = {
            "ROOTDIR": str(self.machine),
            "BINDIR": str(self.binaries),
            "EMU": "beam",
            "PROGNAME": "erl",
            "ERL_LIBS": str(self.home / "plugins"),
            "ERL_EPMD_ADDRESS": self.host,
            "ERL_EPMD_PORT": str(self.mapper_port),
            "ERL_MAX_ETS_TABLES": "50000",
            "SYS_PREFIX": str(self.directory),
            "RABBITMQ_HOME": str(self.home),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "logs"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
        }
        return base_environment(self.directory) | library_path(self.binaries / "erlexec") | variables

    def _write_configuration(self, settings: dict[str, str]) -> None:
        (self.directory / "enabled_plugins").write_text(f"[{self.plugins}].\n")
        (self.directory / "definitions.json").write_text(json.dumps(self._definitions()))
        certificates = self.session.certificates
        lines = {
            "listeners.tcp.default": f"{self.host}:{self.port}",
            "listeners.ssl.default": f"{self.host}:{self.tls_port}",
            "ssl_options.cacertfile": str(certificates.authority),
            "ssl_options.certfile": str(certificates.certificate),
            "ssl_options.keyfile": str(certificates.key),
            "ssl_options.verify": "verify_none",
            "load_definitions": str(self.directory / "definitions.json"),
            "disk_free_limit.absolute": "50MB",
            "log.console.level": "warning",
            **settings,
        }
        (self.directory / "rabbitmq.conf").write_text("".join(f"{key} = {value}\n" for key, value in lines.items()))

    def _definitions(self) -> dict:
        """The users of the deployments, and one of the tests' own, who may do everything."""
        made = json.loads(fill_in("rabbitmq-definitions.json", {"rabbitmq_password": self.password, **self.service_passwords}))
        made["users"].append({"name": self.user, "password": self.password, "tags": "administrator"})
        made["permissions"].append({"user": self.user, "vhost": self.vhost, "configure": ".*", "write": ".*", "read": ".*"})
        return made

    def _start_port_mapper(self) -> None:
        mapper: Path = self.binaries / "epmd"
        command = [str(mapper), "-address", self.host, "-port", str(self.mapper_port)]
        process = self.session.spawn(command, log=self.directory / "epmd.log", env=self._env())
        while subprocess.run([*command, "-names"], env=self._env(), capture_output=True).returncode != 0:
            if process.poll() is not None:
                raise ServerError(f"epmd ended with code {process.returncode}")

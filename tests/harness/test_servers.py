# SPDX-License-Identifier: Apache-2.0
"""The harness keeps its promises: data survive a kill, and nothing survives the harness."""

import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from harness.postgres import Postgres
from harness.processes import Session, process_tree, start_time
from harness.rabbitmq import RabbitMQ
from harness.redis import Redis

SERVERS = Path(__file__).with_name("servers.py")


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def test_committed_rows_survive_a_kill():
    with Session() as session:
        server = Postgres(session, settings={"max_connections": "20"})
        server.start()
        server.run_sql("create table kept (id int); insert into kept values (7)")
        server.kill()
        assert not server.answers()
        server.start()
        assert server.run_sql("select id from kept") == "7"
        assert server.run_sql("show max_connections") == "20"


def test_a_paused_server_does_not_answer_until_it_is_resumed():
    with Session() as session:
        server = Redis(session)
        server.start()
        server.pause()
        assert not server.answers()
        server.resume()
        wait_until(server.answers)


@pytest.mark.parametrize("kind", [Postgres, Redis, RabbitMQ])
def test_a_server_stops_in_order_and_starts_again_on_the_same_port(kind):
    with Session() as session:
        server = kind(session)
        server.start()
        server.stop()
        assert not server.answers()
        server.start()
        assert server.answers()


@pytest.mark.parametrize(("kind", "port"), [(Redis, "tls_port"), (RabbitMQ, "tls_port")])
def test_a_server_speaks_tls_with_a_certificate_of_the_session(kind, port):
    with Session() as session:
        server = kind(session)
        server.start()
        context = ssl.create_default_context(cafile=session.certificates.authority)
        with (
            socket.create_connection((server.host, getattr(server, port)), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secured,
        ):
            assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_postgres_speaks_tls_with_a_certificate_of_the_session():
    with Session() as session:
        server = Postgres(session)
        server.start()
        where = f"host=localhost hostaddr=127.0.0.1 port={server.port} dbname=test user=test password={server.password}"
        with psycopg.connect(f"{where} sslmode=verify-full sslrootcert={session.certificates.authority}") as connection:
            assert connection.execute("select ssl from pg_stat_ssl where pid = pg_backend_pid()").fetchone() == (True,)


def test_nothing_survives_a_killed_harness(tmp_path):
    ready = tmp_path / "ready"
    command = [sys.executable, str(SERVERS), "run", "postgres", "redis", "rabbitmq", "--"]
    harness = subprocess.Popen([*command, "sh", "-c", f'echo "$TEST_SERVER_CONTROL" >{ready}; exec sleep 600'])
    wait_until(lambda: ready.exists() and ready.read_text(), 120)
    directory = Path(ready.read_text().split()[-1]).parent
    started = {pid: start_time(pid) for pid in process_tree(harness.pid) if pid != harness.pid}
    assert len(started) > 5
    harness.kill()
    harness.wait()
    wait_until(lambda: not directory.exists())
    wait_until(lambda: all(start_time(pid) != began for pid, began in started.items()))


def test_the_exit_code_is_that_of_the_command():
    assert subprocess.run([sys.executable, str(SERVERS), "run", "redis", "--", "sh", "-c", "exit 7"]).returncode == 7

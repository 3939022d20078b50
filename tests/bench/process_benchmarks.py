# SPDX-License-Identifier: Apache-2.0
"""P8 and P9: memory and start; and scrapes."""

from __future__ import annotations

import resource
import socket
import time

import httpx

from harness.crowd import Crowd
from harness.service import Service

from .measure import Row, cpu_seconds, progress, pss_mib, repeat
from .world import PASSWORD, World

CONNECTIONS = 512
SLOW_READERS = 200
SLOW_REQUESTS = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20
STARTS = 7
SCRAPES = 300


def services_of(world: World) -> list[tuple[str, Service, int]]:
    stack = world.stack
    return [("user-service", world.user, stack.user_port), ("notification-service", world.notification, stack.notification_port)]


def ask(connection: socket.socket) -> bool:
    connection.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return connection.recv(4096).startswith(b"HTTP/1.1 200")


def memory(world: World) -> list[Row]:
    progress("P8: memory")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    rows = []
    for name, service, port in services_of(world):
        service.stop()
        service.start()
        # All that runs in the background has run once when the checks are done.
        wait_for_checks(world, port)
        idle = pss_mib(service.process.pid)
        connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        assert all(ask(each) for each in connections)
        busy = pss_mib(service.process.pid)
        for each in connections:
            each.close()
        with Crowd(port) as readers:
            readers.ask(SLOW_REQUESTS, SLOW_READERS)
            world.api.user.get("/ready")
            unread = pss_mib(service.process.pid)
        rows.append(Row("P8", f"{name}: idle PSS", "MiB", idle, None, None, 12, at_most=True))
        rows.append(Row("P8", f"{name}: PSS with {CONNECTIONS} connections, each answered once", "MiB", busy, None, None, 40, at_most=True))
        rows.append(Row("P8", f"{name}: PSS with {SLOW_READERS} clients that do not read", "MiB", unread, None, None, 64, at_most=True))
    return rows


def wait_for_checks(world: World, port: int) -> None:
    client = world.api.user if port == world.stack.user_port else world.api.notification
    deadline = time.monotonic() + 15
    while client.get("/health").json()["status"] != "healthy":
        if time.monotonic() > deadline:
            raise RuntimeError(client.get("/health").text)
        time.sleep(0.1)


def is_ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            return ask(connection)
    except OSError:
        return False


def starts(world: World) -> list[Row]:
    progress("P9: start to ready")
    rows = []
    for name, service, port in services_of(world):

        def start(service=service, port=port) -> float:
            service.stop()
            began = time.perf_counter()
            service.start(wait=False)
            while not is_ready(port):
                if time.perf_counter() - began > 30:
                    raise RuntimeError(service.log_tail())
                time.sleep(0.0005)
            return 1000 * (time.perf_counter() - began)

        value, note = repeat(start, STARTS)
        rows.append(Row("P9", f"{name}: start to ready", "ms", value, None, None, 100, at_most=True, note=note))
    return rows


def scrapes(world: World) -> list[Row]:
    """Of services that have been used: every series is there."""
    progress("scrape")
    world.api.must_log_in(world.make_accounts(1)[0], PASSWORD)
    rows = []
    for name, service, port in services_of(world):
        url = f"http://127.0.0.1:{port}/metrics"

        def scrape(url: str = url, pid: int = service.process.pid) -> float:
            before = cpu_seconds(pid)
            with httpx.Client(trust_env=False, headers={"Accept": "application/openmetrics-text"}) as client:
                for _ in range(SCRAPES):
                    client.get(url).raise_for_status()
            return 1000 * (cpu_seconds(pid) - before) / SCRAPES

        value, note = repeat(scrape, 3)
        rows.append(Row("scrape", f"{name}: CPU time of a scrape", "ms", value, None, None, 5, at_most=True, note=note))
    return rows

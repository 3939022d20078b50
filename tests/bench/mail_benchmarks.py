# SPDX-License-Identifier: Apache-2.0
"""P6 and P7: from the event to the mail server."""

from __future__ import annotations

import json
import statistics
import time
import uuid
from pathlib import Path

from harness.broker import Bystander
from harness.client import Api
from harness.packages import REPOSITORY
from harness.processes import free_port

from .measure import Row, cpu_seconds, progress, repeat
from .world import World

EVENTS_PER_SECOND = 100
REQUESTS_OF_ONE_CLIENT = 90  # below its limit
MAILS = 3000


class FastSink:
    """smtp_sink in the place of the harness's sink, which is too slow to be measured with."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.port = free_port()
        self.log = world.directory / "smtp_sink.log"
        self.process = world.stack.session.spawn([str(world.programs / "smtp_sink"), str(self.port)], log=self.log, env={})
        self.kept = world.notification.env
        world.notification.stop()
        world.notification.env = self.kept | {"SMTP_PORT": str(self.port)}
        world.notification.start()

    def arrivals(self) -> dict[str, float]:
        """Recipient -> when its mail was taken, in seconds since 1970."""
        lines = (line.split() for line in Path(self.log).read_text().splitlines())
        return {words[1]: int(words[0]) / 1e6 for words in lines if len(words) == 2}

    def wait_for(self, count: int, seconds: float = 60) -> dict[str, float]:
        deadline = time.monotonic() + seconds
        while len(found := self.arrivals()) < count:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{len(found)} of {count} mails arrived within {seconds} s")
            time.sleep(0.02)
        return found

    def close(self) -> None:
        self.world.notification.stop()
        self.world.notification.env = self.kept
        self.process.terminate()
        self.process.wait()
        self.world.notification.start()


def commit_to_250(world: World) -> list[Row]:
    """Password resets at a steady pace: the event with the least work before it. PostgreSQL itself tells when each was committed."""
    progress("P6: from COMMIT to SMTP 250")
    world.postgres.run_sql("alter system set track_commit_timestamp = on")
    for service in (world.user, world.notification):
        service.stop()
    world.postgres.restart()
    for service in (world.user, world.notification):
        service.start()
    sink = FastSink(world)
    try:
        emails = world.make_accounts(EVENTS_PER_SECOND * 12)
        pace_requests(world, emails)
        arrived = sink.wait_for(len(emails))
        rows = world.sql(
            "select a.email || ' ' || extract(epoch from pg_xact_commit_timestamp(r.xmin)) from password_resets r"
            f" join accounts a on a.id = r.account_id where a.email like '{emails[0].split('.')[0]}.%'"
        )
    finally:
        sink.close()
    committed = {email: float(at) for email, at in (row.split() for row in rows.splitlines())}
    warm = set(emails[: 2 * EVENTS_PER_SECOND])
    took = sorted(1000 * (arrived[email] - at) for email, at in committed.items() if email not in warm)
    assert len(took) == len(emails) - len(warm)
    p50, p99 = statistics.median(took), took[int(0.99 * len(took))]
    note = f"{len(took)} events at {EVENTS_PER_SECOND}/s; slowest {took[-1]:.1f} ms"
    return [
        Row("P6", "COMMIT to SMTP 250 at 100 events/s, p50", "ms", p50, None, None, 5, at_most=True, note=note),
        Row("P6", "COMMIT to SMTP 250 at 100 events/s, p99", "ms", p99, None, None, 50, at_most=True),
    ]


def pace_requests(world: World, emails: list[str]) -> None:
    """Open loop: each request leaves at its time, whatever became of the one before. One client may not ask for so many."""
    clients = [Api(world.stack) for _ in range(len(emails) // REQUESTS_OF_ONE_CLIENT + 1)]
    start = time.monotonic()
    for number, email in enumerate(emails):
        time.sleep(max(0.0, start + number / EVENTS_PER_SECOND - time.monotonic()))
        assert clients[number % len(clients)].forgot_password(email).status_code == 202
    for client in clients:
        client.close()


def mails_per_cpu_second(world: World) -> Row:
    progress("P7: mails through the whole consumer")
    sink = FastSink(world)
    template = json.loads((REPOSITORY / "contracts" / "examples" / "user.email_verification_requested.json").read_text())
    total = 0

    def subject() -> float:
        nonlocal total
        bystander = Bystander(world.stack.servers["rabbitmq"], "nothing")
        before = cpu_seconds(world.notification.process.pid)
        for _ in range(MAILS):
            identity = str(uuid.uuid4())
            data = {**template["data"], "user_id": identity, "email": f"{identity}@example.com"}
            bystander.publish(template["type"], {**template, "id": str(uuid.uuid4()), "subject": identity, "data": data})
        total += MAILS
        sink.wait_for(total)
        # Not before: without confirms the broker may drop what it has not queued when the connection closes.
        bystander.close()
        return MAILS / (cpu_seconds(world.notification.process.pid) - before)

    try:
        value, note = repeat(subject, 5)
    finally:
        sink.close()
    return Row("P7", "mails per CPU-second of notification-service, through the whole consumer", "1/s", value, None, None, 2000, note=note)

# SPDX-License-Identifier: Apache-2.0
"""The drill: a database under load is lost with its disk, restored and held against what was acknowledged."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harness.client import Api, wait_until

from .events import Consequences, last_commit, reckon, survivors
from .ledger import Ledger, Reconciliation
from .place import Place
from .population import fill, filled_rows
from .timeline import Timeline
from .writers import Writers, wait_for

WRITING_SECONDS = 15.0
RECOVERY_SECONDS = 600.0
MAILING_SECONDS = 120.0
REPLAYED = timedelta(minutes=10)  # what RabbitMQ may have had is younger than that
HELD_EVENTS, HELD_SECONDS = 20, 6.0  # in RabbitMQ when it is lost, and older than what a restore loses
MEBIBYTE = 1 << 20
INDEXES = "select count(*) from pg_class where relkind = 'i'"


@dataclass
class Result:
    recovery_seconds: float
    lost_seconds: float
    reconciliation: Reconciliation
    unexpected: list[str]
    damage: list[str]  # rows that are not there though they were long in a backup, and what pg_amcheck says
    mailed: int  # by the copy, before it took the place of what was lost
    consequences: Consequences | None  # where RabbitMQ and Redis were lost as well


def run_drill(place: Place, users: int, wal_seconds: float = 3600.0, repository: int = 1, everything: bool = False) -> Result:
    """Restores to the latest moment. `wal_seconds` of writing, at the rate at which the drill writes, lie between the last backup and the
    loss. With `everything` RabbitMQ and Redis are lost as well, and start empty."""
    api = Api(place)
    account = api.new_account()
    step(f"{users} users by COPY")
    fill(place.database, users, place.database.run_sql("select password_hash from user_service.accounts where status = 'active' limit 1"))
    filled = filled_rows(place.database)
    ledger = Ledger()
    with Writers(place, ledger, account) as writers:
        step(f"a full backup of {_mebibytes(place, 'pg_database_size(current_database())'):.0f} MiB, while people write")
        place.begin_backups()
        write_for(place, ledger, WRITING_SECONDS, wal_seconds)
        if everything:
            place.hold_events(HELD_EVENTS, HELD_SECONDS)
        killed_at = time.monotonic()
        timeline = Timeline()
        began_at = datetime.now(UTC) - REPLAYED
        place.lose_database()
        timeline.mark("the database is lost with its disk, and what watches it")
        if everything:
            place.lose_broker_and_cache()
            timeline.mark("RabbitMQ and Redis are lost, and start empty")
        stopping = place.stop_services()
        place.restore_database(repository)
        timeline.mark(f"the files are restored from repository {repository}")
        stopping.join()
        place.database.start()
        place.database.wait_promoted()
        timeline.mark("the WAL is replayed")
        reconciliation = ledger.reconcile(place.database, killed_at)
        restored_to, surviving = last_commit(place.database), survivors(place.database)
        print(f"             {place.after_restore()}", flush=True)
        timeline.mark("nothing is valid that should not be")
        mails = place.mails_sent()
        began = time.monotonic()
        place.start_services()
        ready = time.monotonic()
        first = wait_for(ledger, began, ("login", "registration"), RECOVERY_SECONDS)
        place.go_on()
        steps = [(ready, "the services are ready"), *((at, f"the first {kind}") for kind, at in first.items())]
        for at, what in sorted(steps):  # the first request may be answered before both services are ready
            timeline.mark(what, at)
        recovered = max(first.values()) - timeline.began
    damage = [] if (found := filled_rows(place.database)) == filled else [f"of the rows {filled} there are {found}"]
    damage += place.database.amcheck()
    step(f"rows of the {users} users: {found}; pg_amcheck: {place.database.run_sql(INDEXES)} indexes, {damage or 'nothing wrong'}")
    if everything:
        step(place.replay_events(began_at))
        place.wait_events_taken()
    mailed = release_mails(place, mails)
    consequences = reckon(place.sink.mails, surviving, killed_at, restored_to) if everything else None
    api.close()
    return Result(recovered, reconciliation.lost_seconds(killed_at), reconciliation, writers.unexpected, damage, mailed, consequences)


def release_mails(place: Place, before: int) -> int:
    """How many the restored copy has sent beyond the `before` that were sent until then; what it withheld is released, and arrives."""
    wait_until(place.mails_withheld, MAILING_SECONDS, "a mail that the copy withholds")
    mailed = place.mails_sent() - before
    released = place.mail_everybody()
    wait_until(lambda: place.mails_sent() >= before + mailed + released, MAILING_SECONDS, f"the arrival of {released} released mails")
    step(f"mails: {mailed} went out of the restored copy; {released} were withheld, released, and have arrived")
    return mailed


def write_for(place: Place, ledger: Ledger, seconds: float, wal_seconds: float) -> None:
    """Lets the writers write, then adds WAL until there is as much as they would have made in `wal_seconds`."""
    before, noted, began = _wal_bytes(place), len(ledger), time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - began
    rate = (_wal_bytes(place) - before) / elapsed
    wanted = before + rate * wal_seconds
    step(
        f"writing: {(len(ledger) - noted) / elapsed:.0f} acknowledged a second, {rate / MEBIBYTE:.2f} MiB of WAL a second; "
        f"{wal_seconds:.0f} s of it are {rate * wal_seconds / MEBIBYTE:.0f} MiB"
    )
    while _wal_bytes(place) < wanted:
        place.database.run_sql(
            "update user_service.accounts set version = version + 1 where id in"
            " (select id from user_service.accounts tablesample system (20) where name !~ '^Siti [0-9]+$' limit 20000)"
        )


def step(what: str) -> None:
    print(what, flush=True)


def _wal_bytes(place: Place) -> int:
    """Without what pads segments that are archived before they are full."""
    return int(place.database.run_sql("select wal_bytes from pg_stat_wal"))


def _mebibytes(place: Place, size: str) -> float:
    return int(place.database.run_sql(f"select {size}")) / MEBIBYTE

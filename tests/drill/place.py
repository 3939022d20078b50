# SPDX-License-Identifier: Apache-2.0
"""Where a drill takes place: both services on servers of its own, the database of which is backed up."""

from __future__ import annotations

import shutil
import threading
from datetime import datetime

from harness.client import wait_until
from harness.pgbackrest import REPOSITORIES, Backups, Restored
from harness.postgres import Postgres
from harness.processes import kill_tree
from harness.server import Server
from harness.stack import DistributedStack

# Events that notification-service has not taken.
UNTAKEN = "select count(*) from user_service.outbox o where not exists (select from notification_service.inbox i where i.event_id = o.id)"


class Place(DistributedStack):
    """The stack of the tests; its PostgreSQL archives, and can be lost with its disk and restored at the same address."""

    _beginning: tuple[threading.Thread, ...] | list[threading.Thread] = ()  # servers that start

    def _make_servers(self) -> dict[str, Server]:
        self.backups = Backups(self.session)
        servers = super()._make_servers()
        servers["postgres"] = Postgres(self.session, self.backups.server_settings(), self.backups.environment("server"))
        return servers

    @property
    def database(self) -> Postgres:
        return self.servers["postgres"]

    def begin_backups(self) -> None:
        """Returns when the job has made one in each repository."""
        self.job = self.backups.start_job(self.backups.job_environment(self.database))
        wait_until(lambda: all(map(self.backups.has_backup, REPOSITORIES)), 600, "a backup in each repository")

    def wait_archived(self, repository: int) -> None:
        """Until the repository has the WAL that is written now."""
        segment = self.database.run_sql("select pg_walfile_name(pg_switch_wal())")
        wait_until(lambda: self.backups.has_segment(repository, segment), 60, f"{segment} in repository {repository}")

    def lose_database(self) -> None:
        """SIGKILL to every process of PostgreSQL and to the backup job beside it; their disk goes with them."""
        kill_tree(self.job.pid)
        self.database.kill()
        shutil.rmtree(self.database.cluster)
        self.backups.empty_spool()

    def hold_events(self, least: int, seconds: float) -> None:
        """Without notification-service, until RabbitMQ holds so many events that are older than `seconds`."""
        self.services["notification-service"].stop()
        held = f"{UNTAKEN} and published_at < now() - interval '{seconds} s'"
        wait_until(lambda: int(self.database.run_sql(held)) >= least, 120, f"{least} events in RabbitMQ")

    def lose_broker_and_cache(self) -> None:
        """As on new disks: no exchange, no queue, no message, no entry. They are started side by side."""
        rabbitmq, redis = self.servers["rabbitmq"], self.servers["redis"]
        rabbitmq.kill()
        redis.kill()
        shutil.rmtree(rabbitmq.directory / "mnesia")
        self._beginning = [threading.Thread(target=server.start) for server in (rabbitmq, redis)]
        for thread in self._beginning:
            thread.start()

    def replay_events(self, since: datetime) -> str:
        """The command's answer."""
        return self.services["user-service"].run("outbox", "replay", "--since", since.isoformat()).strip()

    def wait_events_taken(self) -> None:
        """Until each is published, and notification-service has taken it."""
        unpublished = "select count(*) from user_service.outbox where published_at is null"
        wait_until(lambda: self.database.run_sql(unpublished) == "0", 120, "the relay")
        wait_until(lambda: self.database.run_sql(UNTAKEN) == "0", 120, "notification-service, which takes every event")

    def restore_database(self, repository: int, *options: str) -> None:
        """Puts back the files; the server has still to be started. Whoever starts the services on it mails nobody."""
        self.services["notification-service"].env["MAIL_RECIPIENTS"] = "nobody"
        self.servers["postgres"] = Restored(self.session, self.backups, self.database, f"--repository={repository}", *options)

    def stop_services(self) -> threading.Thread:
        """Side by side, in a thread that ends when they have: one may wait for the database, to tell it what became of a mail."""
        threads = [threading.Thread(target=service.stop) for service in self.services.values()]

        def join_all() -> None:
            for thread in threads:
                thread.join()

        for thread in threads:
            thread.start()
        joining = threading.Thread(target=join_all)
        joining.start()
        return joining

    def go_on(self) -> None:
        """The backup job, beside the restored database."""
        self.job = self.backups.start_job(self.backups.job_environment(self.database))

    def after_restore(self) -> str:
        """What a restore brings back must not work; the command's answer."""
        erased = self.secret_file("erased", "\n".join(self.backups.erased(self.database)))
        return self.services["user-service"].run("after-restore", erased).strip()

    def mails_sent(self) -> int:
        return len(self.sink.mails)

    def mails_withheld(self) -> int:
        return int(self._withheld("list"))

    def mail_everybody(self) -> int:
        """The copy has taken the place of what was lost: how many mails it had withheld, which go out now."""
        service = self.services["notification-service"]
        del service.env["MAIL_RECIPIENTS"]
        service.stop()
        service.start()
        return int(self._withheld("release"))

    def _withheld(self, command: str) -> str:
        """The number with which its answer ends."""
        return self.services["notification-service"].run("withheld", command, "everybody").splitlines()[-1].split()[0]

    def start_services(self) -> None:
        for thread in self._beginning:
            thread.join()
        for service in self.services.values():
            service.start(wait=False)
        for service in self.services.values():
            service.wait_ready()

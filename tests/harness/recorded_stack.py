# SPDX-License-Identifier: Apache-2.0
"""Both services on a PostgreSQL that records what they say and what they write, and a crowd that has them say and write all there is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import recorded_statements, recorded_writes
from .client import Account, Api, new_email, new_password, token_of, wait_until
from .postgres import Postgres, own
from .recorded_statements import StatementTransaction
from .recorded_writes import Owners, Transaction
from .routed_token import place_of_address
from .servers import make_all
from .shards import Catalogue
from .stack import DistributedStack

PEOPLE, AT_ONCE = 12, 4


@dataclass
class Holder:
    """What somebody holds: tokens by their kind, none of which was used, and the place by which rows about them lie."""

    place: str
    tokens: dict[str, str]
    password: str


@dataclass
class Recording:
    stack: RecordedStack
    catalogue: Catalogue
    writes: list[Transaction]
    owners: Owners
    statements: list[StatementTransaction]
    holders: list[Holder]


class RecordedStack(DistributedStack):
    def _make_servers(self):
        self.log_folder = self.session.directory / "statements"
        self.log_folder.mkdir()
        own(self.log_folder)
        settings = {"wal_level": "logical", **recorded_statements.settings(self.log_folder)}
        return {"postgres": Postgres(self.session, settings), **make_all(self.session, ["redis", "rabbitmq"])}

    def _servers_started(self) -> None:
        recorded_writes.record(self.servers["postgres"])

    def record_crowd(self) -> Recording:
        """Returns when the services have nothing left to do, and have ended."""
        postgres = self.servers["postgres"]
        catalogue = Catalogue(postgres)
        recorded_writes.record_old_rows(postgres, catalogue)
        with ThreadPoolExecutor(AT_ONCE) as crowd:
            holders = [each for held in crowd.map(self._live, range(PEOPLE)) for each in held]
        wait_until(lambda: postgres.run_sql("select count(*) from user_service.outbox where published_at is null") == "0", 30, "no event")
        wait_until(
            lambda: postgres.run_sql("select count(*) from notification_service.notifications where due_at is not null") == "0",
            30,
            "no mail",
        )
        for service in self.services.values():
            service.stop()
        writes = recorded_writes.recorded(postgres)
        statements = recorded_statements.read(self.log_folder)
        return Recording(self, catalogue, writes, Owners(catalogue, writes), statements, holders)

    def add_server(self) -> Postgres:
        """Another one, with empty schemas of the same version."""
        made = Postgres(self.session)
        made.start()
        for service in self.services.values():
            service.run("migrate", **self.login_at(made))
        return made

    def login_at(self, server: Postgres) -> dict[str, str]:
        """What differs for a service that works on that one."""
        return {"DB_PORT": str(server.port), "DB_PASSWORD_FILE": self.secret_file(f"db-password-{server.port}", server.password)}

    def _live(self, number: int) -> list[Holder]:
        """All that one user asks for, beside the others."""
        api, email = Api(self), new_email("shard")
        api.new_registration(email=email)
        person, token = api.new_registration(email=email)
        assert api.resend(email, person.password).status_code == 202
        token = token_of(self.wait_for_mails(email, 3)[0])
        person.tokens = api.verify(token, person.password).json()
        person.id = person.tokens["user"]["id"]
        assert api.refresh(person.tokens["refresh_token"]).status_code == 200
        assert api.patch_profile(person.bearer, {"phone": "+62 812 3456"}).status_code == 200
        assert api.register(email, new_password(), headers={"Idempotency-Key": f"shard-{number}"}).status_code == 202
        token, person.password = self._reset_token(api, person), new_password()
        assert api.reset_password(token, person.password).status_code == 200
        person.tokens = api.must_log_in(email, person.password)
        assert api.logout(person.bearer).status_code == 204
        if number % 3 == 0:
            self.user_service.run("delete-account", email)
            held = []
        else:
            held = [self._keep_tokens(api, person), self._keep_registration(api)]
        api.close()
        return held

    def _reset_token(self, api: Api, person: Account) -> str:
        def found() -> list[str]:
            return [token_of(mail) for mail in self.mails(person.email) if "reset-password" in mail["text"]]

        before = len(found())
        assert api.forgot_password(person.email).status_code == 202
        return wait_until(lambda: len(found()) > before and found(), 30, "a mail")[0]

    def _keep_tokens(self, api: Api, person: Account) -> Holder:
        tokens = {"refresh": api.must_log_in(person.email, person.password)["refresh_token"], "reset": self._reset_token(api, person)}
        return Holder(person.id, tokens, new_password())

    def _keep_registration(self, api: Api) -> Holder:
        waiting, token = api.new_registration(email=new_email("waiting"))
        return Holder(place_of_address(waiting.email), {"verification": token}, waiting.password)

# SPDX-License-Identifier: Apache-2.0
"""Reads at replicas: a session sees what it wrote, whatever becomes of a replica; while the writer is away they go on for sessions that
have not ended."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import pytest

from data.replicated_stack import ReplicatedStack
from harness.background import Background
from harness.client import Api, new_email, new_password, wait_until
from harness.patroni import Node
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

pytestmark = pytest.mark.timeout(600)

READERS = 3
REFUSED = "550 5.1.1 nobody of this name"
LEFT_OUT_SECONDS = 5


class Retries(Background):
    """Administrators who try failed mails again, and look at once what became of it."""

    def __init__(self, stack) -> None:
        self.stack = stack
        self.seen = Counter()
        self.wrong: list[str] = []

    def tasks(self) -> list[Callable[[], None]]:
        return [self._work] * READERS

    def __str__(self) -> str:
        return f"{dict(self.seen)}, wrong {len(self.wrong)}"

    def _work(self) -> None:
        api = Api(self.stack)
        bearer = sign_in(api)
        path = f"/api/v1/notifications/{failed_mail(api, bearer)}"

        def attempts() -> int:
            """0 until it has failed."""
            answer = api.notification.get(path, headers=bearer)
            known = answer.json()
            return len(known["attempts"]) if answer.status_code == 200 and known["status"] == "failed" else 0

        while not self.over.is_set():
            before = wait_until(attempts, 90, "the failure")
            written = self._timed(api, "POST", f"{path}/retry", bearer)
            read = self._timed(api, "GET", path, bearer)
            if written.status_code == 202 and read.status_code == 200 and not has_heard(read.json(), before):
                self.wrong.append(f"{written.text} and then {read.text}")
        api.close()

    def _timed(self, api: Api, method: str, path: str, bearer: dict[str, str]):
        answer = api.notification.request(method, path, headers=bearer)
        self.seen[f"{method} {answer.status_code}"] += 1
        return answer


class Paused(Background):
    """A standby whose replay is paused, as often as Patroni resumes it."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def tasks(self) -> list[Callable[[], None]]:
        return [self._work]

    def _work(self) -> None:
        while not self.over.wait(0.1):
            self.node.run_sql("select pg_wal_replay_pause()")
        self.node.run_sql("select pg_wal_replay_resume()")


def sign_in(api: Api) -> dict[str, str]:
    return {"Authorization": f"Bearer {api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)['access_token']}"}


def failed_mail(api: Api, bearer: dict[str, str]) -> str:
    email = new_email()
    assert api.register(email, new_password()).status_code == 202
    (found,) = wait_until(lambda: api.notifications(bearer, recipient=email, status="failed").json()["items"], 30, "a mail that failed")
    return found["id"]


def has_heard(read: dict, before: int) -> bool:
    """Of the retry, after so many attempts."""
    return read["status"] != "failed" or len(read["attempts"]) > before


@pytest.fixture(scope="module")
def stack():
    made = ReplicatedStack("dev")
    yield made
    made.close()


@pytest.fixture
def cluster(stack):
    stack.repair()
    wait_all_used(stack)
    return stack.cluster


def standbys(stack) -> set[str]:
    return {node.host for node in stack.cluster.nodes} - {stack.cluster.primary.host}


def wait_all_used(stack) -> None:
    wait_until(lambda: stack.replicas_in_use() == standbys(stack), 60, "both replicas in use")


def test_a_session_sees_what_it_wrote_while_replicas_pause_and_die(stack, cluster, capfd):
    paused, killed = cluster.synchronous_standby, cluster.other_standby
    stack.sink.reject = REFUSED
    killed.delay_replay("700ms")  # within what is admitted, so that it is used
    with Retries(stack) as retries:
        wait_until(lambda: retries.seen["POST 202"] > 30, 60, "retries")
        assert stack.replicas_in_use() == standbys(stack)
        killed.delay_replay("0")
        began = time.monotonic()
        with Paused(paused):
            wait_until(lambda: paused.host not in stack.replicas_in_use(), LEFT_OUT_SECONDS, "the paused one left out")
            left_out = time.monotonic() - began
            before = retries.seen["POST 202"]
            wait_until(lambda: retries.seen["POST 202"] > before + 30, 60, "retries meanwhile")
        wait_all_used(stack)
        before = retries.seen["POST 202"]
        killed.kill()
        wait_until(lambda: killed.host not in stack.replicas_in_use(), LEFT_OUT_SECONDS, "the killed one left out")
        wait_until(lambda: retries.seen["POST 202"] > before + 30, 60, "more retries")
        wait_until(lambda: stack.replica_lag() > 4, 30, "the age of what the killed one has")
        killed.start()
        wait_all_used(stack)
    with capfd.disabled():
        reads = stack.replica_reads()
        print(f"\nreplay paused: left out after {left_out:.1f} s; replica killed; {retries}; {reads:.0f} reads at replicas", flush=True)
    assert retries.wrong == []
    assert set(retries.seen) == {"POST 202", "GET 200"}, str(retries)
    assert reads > 30


def test_a_session_sees_what_it_wrote_when_the_writer_is_killed(stack, cluster, capfd):
    stack.sink.reject = REFUSED
    lost = cluster.primary
    with Retries(stack) as retries:
        wait_until(lambda: retries.seen["POST 202"] > 30, 60, "retries")
        lost.kill()
        wait_until(lambda: retries.seen["POST 503"] > 0, 30, "a refused retry")
        before = retries.seen["POST 202"]
        wait_until(lambda: retries.seen["POST 202"] > before + 30, 90, "retries at another writer")
        lost.start()
        wait_all_used(stack)
    with capfd.disabled():
        print(f"\nwriter killed: {retries}", flush=True)
    assert retries.wrong == []
    # 409: one that was answered with 503 had been taken all the same.
    assert set(retries.seen) <= {"POST 202", "POST 409", "POST 503", "GET 200", "GET 503"}, str(retries)


def test_reads_go_on_without_a_writer_for_sessions_that_have_not_ended(stack, cluster, capfd):
    api = Api(stack)
    admin, ended = sign_in(api), sign_in(api)
    person = api.new_account()
    assert api.patch_profile(person.bearer, {"name": "Ani"}).status_code == 200
    assert api.logout(ended).status_code == 204
    node = cluster.primary
    node.kill()
    began, seen = time.monotonic(), Counter()
    while time.monotonic() < began + 12:  # Patroni waits for 20 s before it has another
        seen[f"list {api.notifications(admin).status_code}"] += 1
        seen[f"list, ended {api.notifications(ended).status_code}"] += 1
        seen[f"profile {(answer := api.profile(person.bearer)).status_code}"] += 1
        assert answer.json()["name"] == "Ani"
        seen[f"profile, ended {api.profile(ended).status_code}"] += 1
        seen[f"ready {api.notification.get('/ready').status_code}"] += 1
        seen[f"write {api.patch_profile(person.bearer, {'name': 'Budi'}).status_code}"] += 1
    stack.servers["redis"].pause()
    time.sleep(1)  # what is remembered of verdicts
    seen["without Redis " + str({api.profile(person.bearer).status_code for _ in range(5)})] += 1
    stack.servers["redis"].resume()
    with capfd.disabled():
        print(f"\nwithout a writer: {dict(seen)}", flush=True)
    assert set(seen) == {
        "list 200",
        "list, ended 401",
        "profile 200",
        "profile, ended 401",
        "ready 200",
        "write 503",
        "without Redis {503}",
    }, seen
    node.start()
    api.close()

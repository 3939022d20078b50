# SPDX-License-Identifier: Apache-2.0
"""examples/: the service that shows other teams how tokens are verified and events consumed, run beside ours."""

import os
import re
import subprocess
import sys
import uuid
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import pytest

from harness.broker import Bystander
from harness.client import wait_until
from harness.packages import REPOSITORY

pytestmark = pytest.mark.mode("distributed")


@pytest.fixture
def example(stack, tmp_path):
    broker = stack.servers["rabbitmq"]
    url = f"amqp://{quote(broker.user)}:{quote(broker.password)}@{broker.host}:{broker.port}/{quote(broker.vhost, safe='')}"
    output = tmp_path / "output"
    with output.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, REPOSITORY / "examples/loyalty_service.py"],
            env={**os.environ, "JWKS_URL": f"{stack.user_url}/.well-known/jwks.json", "AMQP_URL": url, "PORT": "0"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: {"consuming", "listening"} <= set(re.findall(r"^\w+", output.read_text(), re.MULTILINE)))
        address = re.search(r"listening on (\S+)", output.read_text()).group(1)
        yield SimpleNamespace(url=address, output=output)
    finally:
        process.terminate()
        process.wait(10)
        bystander = Bystander(broker)
        bystander.channel.queue_delete("loyalty-service")
        bystander.close()


def points(example, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return httpx.get(f"{example.url}/points", headers=headers, trust_env=False)


def test_who_registers_gets_points_and_who_is_deleted_is_forgotten(api, stack, example):
    made = api.new_account()
    bearer = made.bearer["Authorization"]
    wait_until(lambda: points(example, bearer).json() == {"user_id": made.id, "points": 10})
    stack.user_service.run("delete-account", made.email)
    wait_until(lambda: points(example, bearer).json()["points"] == 0)


def test_no_other_token_opens_it(api, example):
    token = api.new_account().tokens["access_token"]
    assert points(example, f"Bearer {token}").status_code == 200
    header, payload, _ = token.split(".")
    for bad in (None, "Bearer", "Bearer x", f"Basic {token}", f"Bearer {header}.{payload}.", f"Bearer {token[:-6]}AAAAAA"):
        answer = points(example, bad)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), bad


def test_an_event_that_comes_again_changes_nothing_and_a_bad_one_is_refused(stack, example, account):
    bystander = Bystander(stack.servers["rabbitmq"])
    event = {"specversion": "1.0", "source": "/test", "id": str(uuid.uuid4()), "type": "user.registered", "data": {"user_id": account.id}}
    for _ in range(3):
        bystander.publish("user.registered", event)
    bystander.publish("user.registered", b"no event")  # the last: what came before it has been handled
    wait_until(lambda: "dead letter" in example.output.read_text())
    bystander.close()
    assert points(example, account.bearer["Authorization"]).json()["points"] == 10

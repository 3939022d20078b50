# SPDX-License-Identifier: Apache-2.0
"""A client that sends as many passwords as the gateway lets through, on the 0.2 processors of docker-compose.yml: others log in as before
once the burst that every address has is over."""

import json
import re
import statistics
import time

import httpx
import pytest

from deployments.test_gateway_limits import LOGIN
from harness.client import Api, wait_until
from security.test_queue_hogging import GREEDY_CONNECTIONS, Greedy

LOGINS = 20

# Over a connection each, from the gateway's own container, so that the gateway sees another address than the greedy client's. Whoever asks
# too often, as this test does when it begins soon after another, waits as he is told.
SCRIPT = """
for ((i = 0; i < $1; )); do
  began=$EPOCHREALTIME
  exec 3<>/dev/tcp/127.0.0.1/8000
  printf %s "$2" >&3
  IFS= read -r status <&3
  cat <&3 >/dev/null
  if [[ $status == *" 429 "* ]]; then sleep 1; continue; fi
  ((++i))
  echo "$began $EPOCHREALTIME $status"
done
"""


def login_time(stack, made) -> float:
    body = json.dumps({"email": made.email, "password": made.password, "device_token": made.tokens["device_token"]})
    head = f"POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    request = f"{head}Content-Length: {len(body)}\r\nX-Forwarded-For: {made.address}\r\n\r\n{body}"
    lines = stack.project.container("gateway").execute("bash", "-c", SCRIPT, "bash", str(LOGINS), request).splitlines()
    times = []
    for line in lines:
        began, ended, status = line.split(" ", 2)
        assert status.startswith("HTTP/1.1 200"), status
        times.append(float(ended) - float(began))
    assert len(times) == LOGINS
    return statistics.median(times)


def hashes_waiting(stack) -> float:
    text = httpx.get(f"http://127.0.0.1:{stack.user_port}/metrics", timeout=10, trust_env=False).text
    return float(re.search(r"^sayur_password_hashes_waiting (\S+)$", text, re.MULTILINE)[1])


def is_calm(stack) -> bool:
    """For a second and a half nothing waits, whenever one looks."""
    for _ in range(15):
        if hashes_waiting(stack) > 0:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.parametrize("path", ["/users/api/v1/auth/resend-verification", "/users/api/v1/auth/register"])
def test_a_greedy_client_behind_the_gateway_slows_others_at_most_to_half(stack, path, capfd):
    api = Api(stack)
    made = api.new_account()
    made.address = api.address
    api.close()
    quiet = login_time(stack, made)
    with Greedy(stack.project.ports["GATEWAY"], path) as greedy:
        wait_until(lambda: is_calm(stack), 60, "the end of the burst that every address has")
        beside = login_time(stack, made)
    with capfd.disabled():
        print(
            f"\n{path}: login {1000 * quiet:.0f} ms alone, {1000 * beside:.0f} ms beside {GREEDY_CONNECTIONS} connections: {greedy.answers}"
        )
    assert beside < 2 * quiet, f"{beside / quiet:.1f} times as slow"

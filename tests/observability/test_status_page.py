# SPDX-License-Identifier: Apache-2.0
"""The page /status of the running stack, through the gateway: what it says while all is well, while something is away, and afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import yaml

from harness.client import wait_until
from harness.packages import REPOSITORY
from harness.status_page import FOLDER, day, expect_valid, history

ALL_WELL = dict.fromkeys(history.THINGS, "operational")


@pytest.fixture(scope="module")
def gateway(stack):
    with httpx.Client(base_url=stack.project.url("GATEWAY"), timeout=10, trust_env=False) as client:
        yield client


def states(gateway: httpx.Client) -> dict[str, str] | None:
    answer = gateway.get("/status/status.json")
    if answer.status_code != 200:
        return None
    return {thing["name"]: thing["state"] for thing in expect_valid(answer.json())["things"]}


@pytest.fixture(autouse=True)
def all_well(stack, gateway):
    wait_until(lambda: states(gateway) == ALL_WELL, 60, "everything operational before")
    yield
    wait_until(lambda: states(gateway) == ALL_WELL, 60, "everything operational afterwards")


def test_the_page_and_all_that_it_loads_are_served_to_everybody(gateway):
    page = gateway.get("/status", headers={"Accept": "text/html"})
    assert page.status_code == 200 and "<h1" in page.text
    assert "unsafe" not in page.headers["Content-Security-Policy"] and "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff" and "Server" not in page.headers
    kept = {path: gateway.get(path) for path in loaded()}
    assert {path: answer.status_code for path, answer in kept.items()} == dict.fromkeys(kept, 200)
    assert gateway.get("/status/status.json").headers["Cache-Control"] == "public,max-age=5"
    again = gateway.get("/status/?lang=en")
    assert again.status_code == 308 and again.headers["Location"].endswith("/status?lang=en")


def loaded() -> set[str]:
    files = {each.name for each in (FOLDER / "page").iterdir()} - {"status.html"}
    (frame,) = yaml.safe_load((REPOSITORY / "platform/page_frame/kustomization.yaml").read_text())["configMapGenerator"]
    return {f"/status/assets/{name}" for name in files | {Path(each).name for each in frame["files"]}}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("POST", "/status", {}, 405, "method_not_allowed"),
        ("DELETE", "/status/status.json", {}, 405, "method_not_allowed"),
        ("GET", "/status", {"If-Match": '"x"'}, 412, "bad_request"),
    ],
)
def test_a_refusal_is_a_problem(gateway, method, path, headers, status, code):
    answer = gateway.request(method, path, headers=headers)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.get("Allow") == ("GET, HEAD" if status == 405 else None)


def test_as_large_a_header_is_taken_as_the_gateway_lets_through(gateway):
    assert gateway.get("/status", headers={"Cookie": "a" * 9000}).status_code == 200


def test_nothing_else_is_served(stack, gateway):
    for path in ("history.json", "lock", "data/history.json", "assets/history.json", "assets/forms.css", "page/status.html"):
        assert gateway.get(f"/status/{path}").status_code == 404, path
    inside = "curl --silent --output /dev/null --write-out '%{http_code} ' --path-as-is "
    urls = " ".join(
        f"http://127.0.0.1:8080{path}" for path in ("/data/history.json", "/status/history.json", "/status/../data/status.json")
    )
    asked = stack.project.container("status-page").execute("sh", "-c", f"for url in {urls}; do {inside} $url; done")
    assert asked.split() == ["404"] * 3


def test_an_outage_is_told_by_a_page_that_stays(stack, gateway):
    before = gateway.get("/status/status.json").json()["checked_at"]
    stack.project.compose("stop", "user-service")
    try:
        away = {"sign_in": "outage", "registration": "outage", "mails": "operational"}
        wait_until(lambda: states(gateway) == away, 60, "an outage")
        assert gateway.get("/status").status_code == 200
        today = gateway.get("/status/status.json").json()["things"][0]["days"][-1]
        assert today["state"] == "outage" and today["availability"] < 1
    finally:
        stack.project.compose("start", "user-service")
    assert gateway.get("/status/status.json").json()["checked_at"] > before


def test_without_prometheus_nothing_is_known_but_since_when(stack, gateway):
    stack.project.compose("pause", "prometheus")
    try:
        wait_until(lambda: states(gateway) == dict.fromkeys(history.THINGS, "unknown"), 60, "nothing known")
        assert all(thing["known_at"] for thing in gateway.get("/status/status.json").json()["things"])
    finally:
        stack.project.compose("unpause", "prometheus")


def test_the_history_outlives_the_job(stack, gateway):
    seconds = kept(stack)
    stack.project.compose("up", "--detach", "--force-recreate", "--no-deps", "--wait", "status-job")
    wait_until(lambda: states(gateway) == ALL_WELL, 60, "states again")
    assert all(kept(stack)[state] >= seconds[state] for state in history.STATES)
    assert seconds["outage"] > 0


def kept(stack) -> dict[str, int]:
    found = history.from_document(json.loads(stack.project.container("status-job").execute("cat", "/var/tmp/history.json")))
    total = day()
    for seconds in found.things["sign_in"].days.values():
        total = {state: total[state] + seconds[state] for state in history.STATES}
    return total

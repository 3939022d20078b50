# SPDX-License-Identifier: Apache-2.0
"""What both services measure: documented, bounded, and acceptable to Prometheus."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections import Counter
from urllib.parse import urlsplit

import pytest

from harness.client import new_password, source_address, token_of, wait_until
from harness.packages import REPOSITORY
from harness.raw_http import RawConnection

sys.path.insert(0, str(REPOSITORY / "tools" / "docs"))
import metrics as documentation

pytestmark = pytest.mark.past_the_gateway("/metrics is not reachable through it")

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


@pytest.fixture
def worked(api, stack):
    """An Api of a system that has done all kinds of its work once."""
    account = api.new_account()
    api.refresh(account.tokens["refresh_token"])
    assert api.forgot_password(account.email).status_code == 202
    assert api.reset_password(token_of(stack.wait_for_mails(account.email, 2)[0]), new_password()).status_code == 200
    assert api.notifications(account.bearer).status_code in (200, 401)
    wait_until(lambda: "sayur_mail_server_smtputf8" in scrape(api.notification), 30, "the mail server's answer")
    return api


def scrape(client, accept: str = "*/*") -> str:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    return answer.text


def series(client) -> set[str]:
    return {line.rsplit(" ", 1)[0] for line in scrape(client).splitlines() if not line.startswith("#")}


def test_every_metric_is_documented_and_every_documented_one_is_there(worked, mode):
    if mode == "embedded":
        pytest.skip("without servers there are fewer metrics")
    command = [sys.executable, REPOSITORY / "tools/docs/metrics.py", "--check"]
    urls = ["--users", worked.stack.service_urls["user_url"], "--notifications", worked.stack.service_urls["notification_url"]]
    done = subprocess.run([*command, *urls], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    documented = documentation.families_of(scrape(worked.user)) | documentation.families_of(scrape(worked.notification))
    print(f"series documented and found: {len(documented)} families, {len(series(worked.user)) + len(series(worked.notification))} series")


def test_names_are_ours_or_those_of_all_programs(worked):
    for client in (worked.user, worked.notification):
        names = documentation.families_of(scrape(client)).keys()
        assert [name for name in names if not name.startswith(("sayur_", "process_"))] == []


def test_promtool_has_no_complaint(worked, tool):
    tool("promtool", "--version")  # or the test is skipped
    for client in (worked.user, worked.notification):
        run = subprocess.run(["promtool", "check", "metrics"], input=scrape(client), capture_output=True, text=True, check=False)
        assert (run.returncode, run.stdout + run.stderr) == (0, "")


def test_both_formats_tell_the_same_series(worked):
    for client in (worked.user, worked.notification):
        text = documentation.families_of(scrape(client))
        open_text = scrape(client, OPENMETRICS)
        assert open_text.endswith("# EOF\n")
        # OpenMetrics names the family of a counter without _total.
        declared = {line.split(" ")[2] for line in open_text.splitlines() if line.startswith("# TYPE ")}
        assert declared == {name.removesuffix("_total") if family.kind == "counter" else name for name, family in text.items()}


def test_no_series_is_added_by_users(worked):
    """10,000 of them: addresses, request ids, agents, ids in paths, paths that are nowhere, parameters."""
    before = series(worked.user) | series(worked.notification)
    # In containers, where others have called from the same address, as one that has its share of mails left.
    client = "".join(f"{name}: {value}\r\n" for name, value in worked.stack.headers_from(source_address()).items())

    def requests() -> list[str]:
        mark = uuid.uuid4().hex
        head = f"Host: a\r\nX-Request-Id: {mark}\r\nUser-Agent: {mark}\r\ntraceparent: 00-{mark}-{mark[:16]}-00\r\n{client}"
        body = f'{{"email":"{mark}@{mark[:12]}.example"}}'
        post = f"POST /api/v1/auth/forgot-password HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return [
            f"GET /{mark} HTTP/1.1\r\n{head}\r\n",
            f"GET /api/v1/profile?{mark}=1 HTTP/1.1\r\n{head}Authorization: Bearer {mark}\r\n\r\n",
            post + body,
        ]

    answers: Counter = Counter()
    with RawConnection(urlsplit(worked.stack.service_urls["user_url"]).port) as connection:
        for _ in range(10_000):
            connection.send("".join(requests()))
            answers[[connection.read_answer().status for _ in range(3)][-1]] += 1
    assert answers[202] >= 100 and set(answers) <= {202, 429, 503}, answers
    added = (series(worked.user) | series(worked.notification)) - before
    # Another route or outcome may have come, each once; nothing of what users sent.
    assert len(added) < 60, sorted(added)
    assert [name for name in added if re.search(r'="[^"]*[0-9a-f]{8}', name)] == []

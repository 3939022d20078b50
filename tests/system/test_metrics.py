# SPDX-License-Identifier: Apache-2.0
"""What both services measure: documented, bounded, and acceptable to Prometheus."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import uuid
from collections import Counter

import httpx
import pytest

from harness.client import new_password, token_of, wait_until
from harness.packages import REPOSITORY

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

    async def ask(client: httpx.AsyncClient) -> int:
        mark = uuid.uuid4().hex
        headers = {"X-Request-Id": mark, "User-Agent": mark, "traceparent": f"00-{mark}-{mark[:16]}-00"}
        await client.get(f"/{mark}", headers=headers)
        await client.get(f"/api/v1/profile?{mark}=1", headers=headers | {"Authorization": f"Bearer {mark}"})
        body = {"email": f"{mark}@{mark[:12]}.example"}
        return (await client.post("/api/v1/auth/forgot-password", json=body, headers=headers)).status_code

    async def ask_often(count: int) -> Counter:
        url = worked.stack.service_urls["user_url"]
        async with httpx.AsyncClient(base_url=url, limits=httpx.Limits(max_connections=32), timeout=30, trust_env=False) as client:
            found: Counter = Counter()
            for start in range(0, count, 500):
                found.update(await asyncio.gather(*(ask(client) for _ in range(start, min(start + 500, count)))))
            return found

    answers = asyncio.run(ask_often(10_000))
    assert answers[202] >= 100 and set(answers) <= {202, 429, 503}, answers
    added = (series(worked.user) | series(worked.notification)) - before
    # Another route or outcome may have come, each once; nothing of what users sent.
    assert len(added) < 60, sorted(added)
    assert [name for name in added if re.search(r'="[^"]*[0-9a-f]{8}', name)] == []

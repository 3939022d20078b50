# SPDX-License-Identifier: Apache-2.0
"""The compose stack with what watches and traces it, in which an hour of the rules takes a minute."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import httpx

from deployments.gateway import ask_from_inside
from harness.client import Api
from harness.compose_stack import ComposeStack
from harness.packages import REPOSITORY
from observability.jaeger import Jaeger

sys.path.insert(0, str(REPOSITORY / "tools" / "observability"))
import rules as maker

FASTER = 60
FILES = (
    "docker-compose.yml",
    "compose.backup.yml",
    "compose.observability.yml",
    "compose.tracing.yml",
    "tests/observability/shortened.yml",
)
DURATION = re.compile(r"\b(\d+)([smhd])\b")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def shorter(text: str) -> str:
    """Every duration, at least a second."""
    return DURATION.sub(lambda found: f"{max(1, int(found[1]) * SECONDS[found[2]] // FASTER)}s", text)


def shortened_files(folder: Path) -> None:
    """Rates need two scrapes: a window of five minutes becomes five seconds, and there is a scrape every second."""
    prometheus = (maker.OBSERVABILITY / "prometheus/prometheus.yml").read_text()
    prometheus = re.sub(r"(scrape_interval|scrape_timeout|evaluation_interval|refresh_interval): \d+s", r"\1: 1s", prometheus)
    causes = (maker.RULES / "causes.yml").read_text()
    causes = re.sub(r"(\[\w+\]|for: \w+)", lambda found: shorter(found[0]), causes)
    alertmanager = (maker.OBSERVABILITY / "alertmanager/alertmanager.yml").read_text()
    alertmanager = re.sub(
        r"((?:group_wait|group_interval|repeat_interval): )(\w+)", lambda found: found[1] + shorter(found[2]), alertmanager
    )
    objectives = maker.text_of(maker.objective_rules(FASTER))
    for name, text in (("prometheus", prometheus), ("causes", causes), ("alertmanager", alertmanager), ("objectives", objectives)):
        path = folder / f"{name}.yml"
        path.write_text(text)
        path.chmod(0o644)
    folder.chmod(0o755)


class WatchedStack(ComposeStack):
    """`receiver` is told by Alertmanager; `prometheus`, `alertmanager` and `jaeger` answer questions."""

    def __init__(self, folder: Path) -> None:
        shortened_files(folder)
        super().__init__(FILES, SHORTENED=str(folder), COMPOSE_PROFILES="observability,tracing")
        self.prometheus = httpx.Client(base_url=self.project.url("PROMETHEUS"), timeout=10, trust_env=False)
        self.alertmanager = httpx.Client(base_url=self.project.url("ALERTMANAGER"), timeout=10, trust_env=False)
        self.jaeger = Jaeger(self.project.url("JAEGER"))
        self.receiver = self.project.container("receiver")

    def _place_admin_password(self) -> None:
        super()._place_admin_password()
        for name in ("pages", "tickets", "watchdog"):
            secret = self.project.secrets / f"alert_{name}_url"
            secret.write_text(f"http://receiver:8080/{name}")
            secret.chmod(0o644)

    def trace(self, percent: int) -> None:
        """Of all requests, from now on until the gateway is started again."""
        answer = ask_from_inside(self, f"/runtime_modify?tracing.random_sampling={percent}", port=9901, method="POST")
        assert answer.startswith("HTTP/1.1 200"), answer

    def ask(self, expression: str) -> list[dict]:
        answer = self.prometheus.get("/api/v1/query", params={"query": expression})
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["result"]

    def active_alerts(self) -> set[str]:
        """Those that Alertmanager has, those that others silence included."""
        found = self.alertmanager.get("/api/v2/alerts", params={"active": "true", "inhibited": "true"})
        return {each["labels"]["alertname"] for each in found.json()}

    def work(self, seconds: float = 0) -> None:
        """A little of everything, once at least, and for as long as that."""
        deadline = time.monotonic() + seconds
        api = Api(self)
        account = api.new_account()
        while True:
            tokens = api.login(account.email, account.password).json()
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            api.profile(bearer)
            api.refresh(tokens["refresh_token"])
            api.notifications(bearer)
            api.login(account.email, "a password that is wrong")
            if time.monotonic() >= deadline:
                break
            time.sleep(0.2)
        api.close()

    def close(self) -> None:
        for client in ("prometheus", "alertmanager", "jaeger"):
            if hasattr(self, client):
                getattr(self, client).close()
        super().close()

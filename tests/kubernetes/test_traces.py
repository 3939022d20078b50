# SPDX-License-Identifier: Apache-2.0
"""The components otel and jaeger with the production overlay: one trace goes from the gateway to the mail."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
import yaml

from harness.client import Api, new_email, new_password, wait_until
from kubernetes import manifests
from observability.jaeger import Jaeger, whole_trace

pytestmark = pytest.mark.timeout(600)  # two rollouts of everything

APPS = ("gateway", "user-service", "notification-service")


def overlay(folder: Path, **content: object) -> Path:
    folder.mkdir()
    (folder / "kustomization.yaml").write_text(yaml.safe_dump({"namespace": "micro-sayur", **content}))
    return folder


def all_pods(stack, app: str) -> list[dict]:
    return stack.namespace.get("pods", selector=f"app={app}")["items"]


def is_leaving(pod: dict) -> bool:
    """It takes events until it is gone."""
    return "deletionTimestamp" in pod["metadata"]


@pytest.fixture(scope="module")
def traced(stack, tmp_path_factory):
    """Every request is; afterwards none, and what kept traces is gone."""
    folder = tmp_path_factory.mktemp("traced").resolve()
    production = manifests.TEST_OVERLAYS / "production"
    components = [os.path.relpath(manifests.FOLDER / "components" / name, folder / "traced") for name in ("otel", "jaeger", "images")]
    overlay(folder / "traced", resources=[os.path.relpath(production, folder / "traced")], components=components)
    # In an overlay of its own: what a kustomization generates, its components override.
    ratio = {"name": "app-config", "behavior": "merge", "literals": ["gateway.traces.per.10000=10000"]}
    every = overlay(folder / "every", resources=["../traced"], configMapGenerator=[ratio])
    try:
        stack.namespace.apply(every)
        for name in ("otel-collector", "jaeger"):
            stack.namespace.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s", seconds=130)
        wait_until(lambda: all(not is_leaving(pod) for app in APPS for pod in all_pods(stack, app)), 120, "the last pod without spans gone")
        yield stack
    finally:
        stack.namespace.apply(production)
        for name in ("otel-collector", "jaeger"):
            kinds = "deployment,service,serviceaccount,networkpolicy"
            stack.namespace.kubectl("delete", kinds, f"--selector=app={name}", "--wait=false")


def test_one_trace_goes_from_the_gateway_to_the_mail(traced):
    api, email = Api(traced), new_email()
    with contextlib.closing(api):
        answer = api.register(email, new_password())
    assert answer.status_code == 202
    _, trace_id, _, flags = answer.headers["traceparent"].split("-")
    assert flags == "01"
    traced.wait_for_mails(email, seconds=30)
    with contextlib.closing(Jaeger(f"http://{traced.namespace.address('jaeger')}:16686")) as jaeger:
        spans = whole_trace(jaeger, trace_id)
    print(f"one trace: {len(spans)} spans, {', '.join(sorted({f'{span.service} {span.name}' for span in spans}))}")
    (first,) = [span for span in spans if span.parent is None]
    assert (first.service, first.name) == ("gateway", "POST /users/api/v1/auth/register")
    assert email not in str(spans)

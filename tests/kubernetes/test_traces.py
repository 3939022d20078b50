# SPDX-License-Identifier: Apache-2.0
"""The components otel and jaeger with the production overlay: one trace goes from the gateway to the mail."""

from __future__ import annotations

import contextlib
import os

import pytest
import yaml

from harness.client import Api, new_email, new_password
from kubernetes import manifests
from observability.jaeger import Jaeger, whole_trace


@pytest.fixture(scope="module")
def traced(stack, tmp_path_factory):
    """Every request is; afterwards none, and what kept traces is gone."""
    folder = tmp_path_factory.mktemp("traced")
    at = os.path.relpath(manifests.FOLDER, folder.resolve())
    production = manifests.TEST_OVERLAYS / "production"
    kustomization = {
        "namespace": stack.namespace.name,
        "resources": [os.path.relpath(production, folder.resolve())],
        "components": [f"{at}/components/{name}" for name in ("otel", "jaeger", "images")],
        "configMapGenerator": [{"name": "app-config", "behavior": "merge", "literals": ["gateway.traces.per.10000=10000"]}],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    try:
        stack.namespace.apply(folder)
        for name in ("otel-collector", "jaeger"):
            stack.namespace.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s", seconds=130)
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

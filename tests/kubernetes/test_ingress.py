# SPDX-License-Identifier: Apache-2.0
"""The component ingress leads to the same gateway, by the same paths."""

from __future__ import annotations

import json

import pytest

from harness.client import expect_problem, wait_until
from kubernetes import manifests

GATEWAY_API = {"Gateway", "HTTPRoute"}


def entrances(overlay: str) -> list[dict]:
    found = manifests.objects(manifests.build(manifests.TEST_OVERLAYS / overlay))
    return [each for each in found if each["kind"] in {*GATEWAY_API, "Ingress"}]


@pytest.fixture
def ingress(stack):
    """The Ingress alone, and afterwards what was there before."""
    routes, own = entrances("production"), entrances("ingress")
    assert {each["kind"] for each in routes} == GATEWAY_API
    assert [each["kind"] for each in own] == ["Ingress"], "it stands in place of Gateway and HTTPRoutes"
    (document,) = own
    stack.namespace.kubectl("delete", "gateway,httproute", "--all")
    try:
        wait_until(lambda: not stack.serves("/users"), 30, "no way in")
        stack.namespace.kubectl("apply", "-f", "-", stdin=json.dumps(document))
        wait_until(lambda: stack.serves("/users"), 30, "the way in by the Ingress")
        with stack.client() as client:
            yield client
    finally:
        stack.namespace.kubectl("delete", "ingress", "--all")
        listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": routes})
        stack.namespace.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=listed)
        wait_until(lambda: stack.serves("/users"), 30, "the way in by Gateway API again")


def test_the_ingress_leads_to_the_gateway_with_paths_whole(ingress):
    assert ingress.get("/notifications/openapi.json").json()["info"]["title"] == "notification-service"
    expect_problem(ingress.get("/users/api/v1/profile"), "unauthenticated")
    assert ingress.get("/users/metrics").status_code == 404

# SPDX-License-Identifier: Apache-2.0
"""The query string: under /api/ nothing is read over, elsewhere everything."""

import pytest

from harness.client import expect_problem, faults_of


def test_a_query_that_is_not_percent_encoded_is_a_clear_fault(api, admin):
    expect_problem(api.notification.get("/api/v1/notifications?limit=%zz", headers=admin), "bad_request")


def test_query_parameters_that_are_unknown_or_given_twice_are_named(api, admin, account):
    answer = api.notification.get("/api/v1/notifications?limti=1&limit=1&limit=2&status=sent", headers=admin)
    assert faults_of(answer, "unknown_parameter") == {"limti": "unknown_parameter", "limit": "given_twice"}
    assert faults_of(api.user.get("/api/v1/profile?fbclid=1", headers=account.bearer), "unknown_parameter") == {
        "fbclid": "unknown_parameter"
    }
    assert faults_of(api.post("login?a=1", {}), "unknown_parameter") == {"a": "unknown_parameter"}


HEALTH = pytest.param("/health", marks=pytest.mark.past_the_gateway("which has no route to it"))


@pytest.mark.parametrize("path", ["/", "/verify-email", "/docs", HEALTH, "/.well-known/jwks.json", "/assets/leaf.svg"])
def test_outside_of_the_api_trackers_may_add_what_they_like(api, path):
    assert api.user.get(f"{path}?fbclid=x&utm_source=a&utm_source=b&%zz").status_code == 200

# SPDX-License-Identifier: Apache-2.0
"""What people get who typed an address that is not quite right, and what browsers ask for unasked. Programs get problem documents."""

import base64
import hashlib
import re
from urllib.parse import urljoin

import pytest

from harness.client import expect_problem

pytestmark = pytest.mark.past_the_gateway("it routes to what there is; test_gateway.py has its answers to the rest")

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}


@pytest.fixture(params=["user", "notification"])
def client(request, api):
    return getattr(api, request.param)


@pytest.mark.parametrize("path", ["/nothing", "/verify-emial?token=x", "/deep/er/path", "/api/v1/nothing", "/nothing/"])
def test_an_unknown_path_is_a_page_in_both_languages(client, path):
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "accept" in answer.headers["vary"].lower()
    assert "Halaman tidak ditemukan" in answer.text
    assert "Page not found" in answer.text
    assert "{{" not in answer.text


def test_its_style_is_the_only_thing_that_its_policy_lets_in(client):
    answer = client.get("/nothing", headers=BROWSER)
    (style,) = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = dict(part.split(maxsplit=1) for part in answer.headers["content-security-policy"].split("; "))
    assert (policy["default-src"], policy["style-src"]) == ("'none'", f"'sha256-{digest}'")


@pytest.mark.parametrize("path", ["/nothing", "/a/b/c", "/a/"])
def test_it_leads_to_the_front_page_where_there_is_one(api, path):
    answer = api.user.get(path, headers=BROWSER)
    (home,) = set(re.findall('href="([^"]*)"', answer.text))
    assert urljoin(f"http://host/users{path}", home) == "http://host/users/"
    assert "href" not in api.notification.get(path, headers=BROWSER).text


def test_programs_get_a_problem(client):
    for accept in ("*/*", "application/json"):
        answer = client.get("/nothing", headers={"Accept": accept})
        expect_problem(answer, "not_found")
        assert "accept" in answer.headers["vary"].lower()
    expect_problem(client.post("/nothing", headers=BROWSER), "not_found")


@pytest.mark.parametrize(
    ("service", "page"), [("user", "verify-email"), ("user", "reset-password"), ("user", "docs"), ("notification", "docs")]
)
def test_a_slash_too_many_leads_to_the_page(api, service, page):
    client = getattr(api, service)
    answer = client.get(f"/{page}/?token=a%2Fb", headers=BROWSER)
    assert answer.status_code == 308
    assert urljoin(f"http://host/users/{page}/?token=a%2Fb", answer.headers["location"]) == f"http://host/users/{page}?token=a%2Fb"
    expect_problem(client.get(f"/{page}/"), "not_found")


def test_the_icon_that_browsers_ask_for_is_there(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
    assert "<svg" in answer.text

# SPDX-License-Identifier: Apache-2.0
"""The gateway: what it leads where, what it wants a token for, and that nothing of the inside is reachable through it."""

import re
import time
import uuid

import httpx
import pytest

from deployments.gateway import FOLDER, documents, is_the_gateways_own, route_maker
from harness.client import Api, expect_problem, link_of, new_email, new_password, token_of, wait_until
from harness.forgeries import FORGERIES, Forger


@pytest.fixture(scope="module")
def gateway(stack):
    with httpx.Client(base_url=stack.project.url("GATEWAY"), trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def account(stack):
    """Made at the service itself, whose requests the gateway does not count."""
    api = Api(stack)
    made = api.new_account()
    api.close()
    return made


def test_its_routes_are_those_of_the_services_tables(stack):
    assert (FOLDER / "routes.yaml").read_text() == route_maker().text(documents(stack))


def test_the_configuration_is_valid(stack):
    stack.project.compose("run", "--rm", "--no-deps", "--no-TTY", "gateway", "--mode", "validate", "-c", "/etc/envoy/envoy.yaml")


def test_the_prefix_chooses_the_service(gateway):
    assert gateway.get("/users/openapi.json").json()["info"]["title"] == "user-service"
    assert gateway.get("/notifications/openapi.json").json()["info"]["title"] == "notification-service"


def operations(document: dict):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_status_page_is_unavailable_while_nobody_serves_it(gateway):
    expect_problem(gateway.get("/status"), "unavailable")


@pytest.mark.parametrize("rejected", [False, True], ids=["served", "rejected before any filter"])
def test_a_line_of_its_log_stays_small_whatever_a_caller_sends(gateway, stack, rejected):
    """Else a few hundred requests would push all others out of the log, whose size is bounded."""
    marker = uuid.uuid4().hex
    path = f"/users/..%2f{marker}" if rejected else f"/users/{marker}"
    patiently(lambda: gateway.get(path, headers=[(b"X-Request-Id", b"\xff" * 15000)]))
    patiently(lambda: gateway.get(path + "a" * 15000))

    def lines() -> list[str]:
        return [line for line in stack.project.container("gateway").log_text().splitlines() if marker in line]

    wait_until(lambda: len(lines()) >= 2, 20, "both lines")
    assert max(map(len, lines())) < 4096


@pytest.mark.parametrize("prefix", ["/users", "/notifications"])
def test_public_private_and_inside_are_as_the_tables_say(gateway, stack, prefix):
    seen = {"public": 0, "private": 0, "inside": 0}
    for path, method, operation in operations(documents(stack)[prefix]):
        at = prefix + path.replace("{id}", str(uuid.uuid4()))
        answer = patiently(lambda at=at, method=method: gateway.request(method, at))
        kind = "inside" if "operations" in operation["tags"] else "private" if "security" in operation else "public"
        seen[kind] += 1
        if kind == "public":
            assert not is_the_gateways_own(answer), f"{method} {at}: {answer.status_code}"
        else:
            assert is_the_gateways_own(answer), f"{method} {at}: {answer.status_code}"
            expect_problem(answer, "unauthenticated" if kind == "private" else "not_found")
    assert seen["private"] > 0 and seen["inside"] == 3
    for page in documents(stack)[prefix]["x-pages"]:
        assert patiently(lambda page=page: gateway.get(prefix + page)).status_code == 200, page


def patiently(request):
    """Again after the gateway has asked to slow down."""
    while (answer := request()).status_code == 429 and answer.json()["code"] == "rate_limited":
        time.sleep(int(answer.headers["Retry-After"]))
    return answer


INSIDE = [
    "/metrics",
    "/users/metrics",
    "/users/health",
    "/users/ready",
    "/notifications/mailbox",
    "/notifications/mailbox/messages",
    "/users/api/../metrics",
    "/users/%2e%2e/users/metrics",
    "/users//metrics",
    "/users/api/v1/..%2f..%2fmetrics",
    "/stats/prometheus",
    "/server_info",
    "/quitquitquit",
]


@pytest.mark.parametrize("path", INSIDE)
def test_the_inside_is_not_reachable(gateway, path):
    answer = patiently(lambda: gateway.send(httpx.Request("GET", httpx.URL(str(gateway.base_url)).copy_with(raw_path=path.encode()))))
    assert is_the_gateways_own(answer), answer.text
    assert answer.status_code in {400, 404}


def test_an_unknown_host_is_refused(gateway):
    expect_problem(gateway.get("/users/", headers={"Host": "evil.example"}), "misdirected_request")
    for host in ("api.micro-sayur.com", "localhost:8000", "127.0.0.1"):
        assert gateway.get("/users/openapi.json", headers={"Host": host}).status_code == 200


def test_people_are_led_to_the_page(gateway):
    for at in ("/", "/users"):
        answer = gateway.get(at)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{str(gateway.base_url).rstrip('/')}/users/")


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/nothing", "/users/verify-emial?token=x", "/users/metrics", "/notifications/"])
def test_people_get_a_page_where_there_is_nothing(gateway, path):
    answer = patiently(lambda: gateway.get(path, headers=BROWSER))
    assert is_the_gateways_own(answer)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Halaman tidak ditemukan" in answer.text and "Page not found" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    expect_problem_of_the_gateway(patiently(lambda: gateway.get(path)), "not_found")
    expect_problem_of_the_gateway(patiently(lambda: gateway.post(path, headers=BROWSER)), "not_found")


def expect_problem_of_the_gateway(answer, code):
    assert is_the_gateways_own(answer)
    assert answer.json()["code"] == code


PAGES = ["/users/verify-email", "/users/reset-password", "/users/forgot-password", "/users/docs", "/notifications/docs"]


@pytest.mark.parametrize("page", PAGES)
def test_a_slash_too_many_leads_to_the_page(gateway, page):
    answer = patiently(lambda: gateway.get(f"{page}/?token=a%2Fb"))
    assert answer.status_code == 308
    assert answer.headers["Location"].endswith(f"{page}?token=a%2Fb")


@pytest.mark.parametrize("prefix", ["/users", "/notifications"])
def test_the_documentation_comes_whole_through_the_gateway(gateway, prefix):
    """The page, what it names, and what its scripts import, all without a token."""
    page = patiently(lambda: gateway.get(f"{prefix}/docs"))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    named = set(re.findall(r'(?:src|href)="(assets/[^"]+)"', page.text))
    assert "assets/docs.js" in named
    seen: set[str] = set()
    while named - seen:
        asset = (named - seen).pop()
        seen.add(asset)
        answer = patiently(lambda asset=asset: gateway.get(f"{prefix}/{asset}"))
        assert answer.status_code == 200, asset
        named |= {f"assets/{name}" for name in re.findall(r"from '\./([^']+)'", answer.text)}


def test_browsers_find_an_icon(gateway):
    for path in ("/favicon.ico", "/users/favicon.ico", "/notifications/favicon.ico"):
        answer = patiently(lambda path=path: gateway.get(path))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")


def test_the_main_job_works_behind_the_prefix(gateway, stack):
    email, password = new_email(), new_password()
    body = {"email": email, "password": password, "name": "Siti Aminah"}
    assert patiently(lambda: gateway.post("/users/api/v1/auth/register", json=body)).status_code == 202
    mail = stack.wait_for_mails(email)[0]
    link = link_of(mail)
    assert link.startswith(f"{gateway.base_url}/users/verify-email?token=".replace("//users", "/users"))
    page = gateway.get(link)
    assert page.status_code == 200 and "text/html" in page.headers["content-type"]
    assert (
        patiently(lambda: gateway.post("/users/api/v1/auth/verify-email", json={"token": token_of(mail), "password": password})).status_code
        == 200
    )
    tokens = patiently(lambda: gateway.post("/users/api/v1/auth/login", json={"email": email, "password": password})).json()
    profile = gateway.get("/users/api/v1/profile", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert profile.json()["email"] == email


def test_a_logout_bites_within_a_second(gateway, stack):
    api = Api(stack)
    bearer = api.new_account().bearer
    api.close()
    assert gateway.get("/users/api/v1/profile", headers=bearer).status_code == 200
    assert patiently(lambda: gateway.post("/users/api/v1/auth/logout", headers=bearer)).status_code == 204
    ended = time.monotonic()
    wait_until(lambda: gateway.get("/users/api/v1/profile", headers=bearer).status_code == 401, 5)
    assert time.monotonic() - ended < 1


@pytest.mark.parametrize("what", FORGERIES)
def test_a_forged_token_opens_nothing(gateway, stack, account, what):
    token = FORGERIES[what](Forger(stack, account.tokens["access_token"]))
    for path in ("/users/api/v1/profile", "/notifications/api/v1/notifications"):
        answer = gateway.get(path, headers={"Authorization": f"Bearer {token}"})
        expect_problem(answer, "unauthenticated")
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_it_only_adds_a_wall(gateway, account):
    """The service looks at the token as well: what the gateway lets through is not yet let in."""
    answer = gateway.get("/notifications/api/v1/notifications", headers=account.bearer)
    assert not is_the_gateways_own(answer)
    expect_problem(answer, "forbidden")

# SPDX-License-Identifier: Apache-2.0
"""The gateway: rates, sizes, its own errors, TLS, its log and its statistics."""

import json
import re
import time
import uuid

import httpx
import pytest
import yaml

from deployments.gateway import FOLDER, ask_from_inside, tls_connection
from harness.client import PROBLEMS, expect_problem, wait_until
from harness.raw_http import RawConnection

LOGIN = "/users/api/v1/auth/login"
FORGOT = "/users/api/v1/auth/forgot-password"
REFRESH = "/users/api/v1/auth/refresh"
PAGE = "/users/openapi.json"


@pytest.fixture
def gateway(stack):
    with httpx.Client(base_url=stack.project.url("GATEWAY"), trust_env=False, timeout=20) as client:
        yield client


def let_through(client: httpx.Client, path: str, times: int, **options) -> list[httpx.Response]:
    return [client.get(path, **options) for _ in range(times)]


def refill() -> None:
    """Both buckets of this address are full again after five seconds: 20 at 4/s, 100 at 50/s."""
    time.sleep(5.2)


def split(answers: list[httpx.Response]) -> tuple[list[httpx.Response], list[httpx.Response]]:
    refused = [each for each in answers if each.status_code == 429]
    return [each for each in answers if each.status_code != 429], refused


@pytest.mark.parametrize(("path", "burst", "rate"), [(LOGIN, 20, 4), (FORGOT, 20, 4), (REFRESH, 100, 50), (PAGE, 100, 50)])
def test_a_burst_is_slowed_while_another_address_is_served(gateway, stack, path, burst, rate):
    refill()
    began = time.monotonic()
    served, refused = split(let_through(gateway, path, burst * 3))
    seconds = time.monotonic() - began
    assert burst <= len(served) <= burst + rate * (seconds + 1), f"{len(served)} of {burst * 3} in {seconds:.1f} s"
    assert refused
    for each in refused:
        expect_problem(each, "rate_limited")
        assert int(each.headers["Retry-After"]) >= 1
    elsewhere = ask_from_inside(stack, path)
    assert "HTTP/1.1 429" not in elsewhere and "traceparent" in elsewhere
    time.sleep(int(refused[0].headers["Retry-After"]))
    assert gateway.get(path).status_code != 429


def test_a_forwarded_address_does_not_make_another_caller(gateway):
    refill()
    answers = [gateway.get(LOGIN, headers={"X-Forwarded-For": f"192.0.2.{number}"}) for number in range(60)]
    assert split(answers)[1]


def test_too_much_is_refused(gateway):
    refill()
    body = {"email": "a@example.com", "password": "x" * 70_000}
    expect_problem(gateway.post(LOGIN, json=body), "payload_too_large")
    # Refused before there is a request, so without the id of one.
    for headers, code in (
        ({"X-Large": "x" * 20_000}, "header_too_large"),
        ({f"x-{number}": "1" for number in range(80)}, "header_too_large"),
        ({"x_under": "1"}, "bad_request"),
    ):
        answer = gateway.get(PAGE, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (PROBLEMS[code][0], code), answer.text


@pytest.mark.parametrize("coding", ["xchunked", "gzip", "gzip, chunked", "chunked, identity"])
def test_a_transfer_coding_that_is_not_understood_is_the_clients_fault(stack, coding):
    """RFC 9112 section 6.1: 501, and no use to try again."""
    with RawConnection(stack.project.ports["GATEWAY"]) as connection:
        connection.send(f"POST {LOGIN} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: {coding}\r\n\r\n0\r\n\r\n")
        answer = connection.read_answer()
    assert (answer.status, answer.json()["code"]) == (501, "not_implemented")
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize(
    "request_text",
    [
        "nonsense\r\n\r\n",
        "GET /users/ HTTP/3.7\r\nHost: localhost\r\n\r\n",
        "GET /users/ HTTP/1.1\r\n\r\n",
        "GET /users/ HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
        "POST /users/api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        "POST /users/api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "BREW /users/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /users/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "GET /users/ HTTP/1.1\r\nHost: localhost\r\nExpect: nothing\r\n\r\n",
    ],
)
def test_no_other_fault_of_a_client_is_one_of_the_server(stack, request_text):
    refill()
    with RawConnection(stack.project.ports["GATEWAY"]) as connection:
        connection.send(request_text)
        assert connection.read_answer().status < 500


def test_its_errors_are_those_of_the_contract():
    """Every answer of its own names a code, a status and a title of contracts/problem_types.hpp."""
    configuration = yaml.safe_load((FOLDER / "envoy.yaml").read_text())
    manager = configuration["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    mappers = manager["local_reply_config"]["mappers"]
    assert len(mappers) >= 10
    for each in mappers:
        if "text_format_source" in each["body_format_override"]:
            continue  # the page for browsers
        problem = each["body_format_override"]["json_format"]
        assert PROBLEMS[problem["code"]] == (problem["status"], problem["title"])
        assert problem["type"] == f"/problems/{problem['code']}"
    everything_else = mappers[-1]
    assert everything_else["filter"]["status_code_filter"]["comparison"] == {
        "op": "GE",
        "value": {"default_value": 500, "runtime_key": "local_reply.500"},
    }


def test_a_service_that_is_away_is_a_problem_document(gateway, repaired):
    service = repaired.services["notification-service"]
    service.stop()
    answer = wait_until(lambda: (got := gateway.get("/notifications/openapi.json")).status_code == 503 and got, 20)
    expect_problem(answer, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    service.start()
    wait_until(lambda: gateway.get("/notifications/openapi.json").status_code == 200, 20)


def test_https_with_http_2(stack):
    with tls_connection(stack, ["h2", "http/1.1"]) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() in {"TLSv1.2", "TLSv1.3"}


def test_security_headers(gateway, stack):
    plain = gateway.get(PAGE)
    assert "strict-transport-security" not in plain.headers  # RFC 6797 section 7.2
    for answer in (plain, gateway.get("/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers and not any(name.startswith("x-envoy") for name in answer.headers)
    with tls_connection(stack, ["http/1.1"]) as connection:
        connection.sendall(b"GET /users/openapi.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        head = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")[0].lower()
    assert b"strict-transport-security: max-age=31536000; includesubdomains" in head


def test_a_request_is_found_in_both_logs(gateway, stack):
    request_id, trace_id = str(uuid.uuid4()), uuid.uuid4().hex
    headers = {"X-Request-Id": request_id, "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    answer = gateway.get("/users/verify-email?token=not-for-logs", headers=headers)
    assert answer.headers["x-request-id"] == request_id

    def line_of(container) -> dict | None:
        return next((line for line in container.log_lines() if line.get("request_id") == request_id), None)

    edge = wait_until(lambda: line_of(stack.project.container("gateway")), 15)
    service = wait_until(lambda: line_of(stack.services["user-service"]), 15)
    assert edge["trace.id"] == service["trace.id"] != trace_id
    assert (edge["http.response.status_code"], edge["http.request.method"], edge["service.name"]) == (200, "GET", "gateway")
    assert "not-for-logs" not in json.dumps([edge, service])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", edge["@timestamp"])


def test_its_statistics_are_for_the_inside(stack):
    statistics = ask_from_inside(stack, "/metrics", port=9902)
    assert 'envoy_cluster_upstream_rq_total{envoy_cluster_name="user-service"}' in statistics
    bindings = stack.project.container("gateway").inspect()["HostConfig"]["PortBindings"]
    assert set(bindings) == {"8000/tcp", "8443/tcp"}
    assert "HTTP/1.1 404" in ask_from_inside(stack, "/quitquitquit", port=9902, method="POST")

# SPDX-License-Identifier: Apache-2.0
"""The HTTP boundary of both services, byte by byte: what is refused, and with which words."""

import json
import re

import pytest

from harness.client import new_email, new_password
from harness.raw_http import Answer, RawConnection, exchange

REGISTER = "/api/v1/auth/register"


@pytest.fixture(params=["user", "notification"])
def port(request, stack):
    return stack.user_port if request.param == "user" else stack.notification_port


def request_text(method: str, path: str, body: bytes | str = b"", *headers: str) -> bytes:
    raw = body if isinstance(body, bytes) else body.encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if method in ("POST", "PATCH") and not any(line.lower().startswith(("transfer-encoding", "content-length")) for line in headers):
        lines.append(f"Content-Length: {len(raw)}")
    return "\r\n".join([*lines, "", ""]).encode() + raw


def post(stack, body: bytes | str, *headers: str) -> Answer:
    return exchange(stack.user_port, request_text("POST", REGISTER, body, "Content-Type: application/json", *headers))


def code_of(answer: Answer) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"/problems/{body['code']}"
    assert body["status"] == answer.status
    assert body["request_id"] == answer.headers["x-request-id"]
    return answer.status, body["code"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"email": }', "line 1, column 11"),
        (b'{\n  "email": "a",\n  oops\n}', "line 3, column 3"),
        (b'{"email": "a"', "line 1"),
        (b"", "line 1, column 1"),
        (b'{"email": "a"} {}', "line 1, column 16"),
        (b'{"email": "a", "email": "b"}', "duplicate key 'email'"),
        (b'{"email": "a\\u0000b"}', "U+0000"),
        (b'{"email": "\xff\xfe"}', "line 1"),
        (b'{"email": "\xed\xa0\x80"}', "line 1"),
        (b'{"email": "\\ud800"}', "line 1"),
        (b'{"email": 1e999}', "out of range"),
        (b"[" * 10000, "deeper"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "deeper"),
        (b"\x00", "line 1"),
        (b"{'email': 'a'}", "line 1, column 2"),
    ],
)
def test_malformed_json_is_refused_with_the_place(stack, body, place):
    answer = post(stack, body)
    assert code_of(answer) == (400, "malformed_json")
    detail = answer.json()["detail"]
    assert re.match(r"line \d+, column \d+: ", detail)
    assert place in detail


def test_a_path_that_does_not_exist_is_not_found(port):
    for path in ("/nothing", "/api/v1", "/api/v1/auth/register/x", "//", "/..%2f..%2fetc/passwd", "/%00", "/health/"):
        assert code_of(exchange(port, request_text("GET", path))) == (404, "not_found"), path


def test_a_wrong_method_is_told_which_are_right(stack):
    answer = exchange(stack.user_port, request_text("GET", REGISTER))
    assert code_of(answer) == (405, "method_not_allowed")
    assert "POST" in answer.headers["allow"]
    answer = exchange(stack.user_port, request_text("DELETE", "/api/v1/profile"))
    assert code_of(answer) == (405, "method_not_allowed")
    assert {"GET", "PATCH", "HEAD"} <= {word.strip() for word in answer.headers["allow"].split(",")}
    answer = exchange(stack.notification_port, request_text("POST", "/api/v1/notifications"))
    assert code_of(answer) == (405, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "BREW", "CONNECT"])
def test_an_unknown_method_is_no_fault_of_ours(port, method):
    assert exchange(port, request_text(method, "/health")).status in (400, 405, 501)


def test_head_answers_without_a_body(port):
    with RawConnection(port) as connection:
        connection.send(request_text("HEAD", "/ready") + request_text("GET", "/ready"))
        head = connection.read_answer("HEAD")
        get = connection.read_answer()
    assert head.status == get.status == 200
    assert head.headers["content-length"] == get.headers["content-length"] != "0"


@pytest.mark.parametrize(
    "content_type", ["", "Content-Type: text/plain", "Content-Type: application/xml", "Content-Type: application/jsonx"]
)
def test_a_body_of_another_type_is_refused(stack, content_type):
    headers = [content_type] if content_type else []
    answer = exchange(stack.user_port, request_text("POST", REGISTER, "{}", *headers))
    assert code_of(answer) == (415, "unsupported_media_type")


def test_a_charset_is_no_other_type(stack):
    answer = exchange(stack.user_port, request_text("POST", REGISTER, "{}", "Content-Type: Application/JSON; charset=UTF-8"))
    assert code_of(answer) == (422, "validation_failed")


@pytest.mark.parametrize(
    "framing",
    [
        ["Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 2"],
        ["Content-Length: 2", "Content-Length: 3"],
        ["Content-Length: -1"],
        ["Content-Length: 2x"],
        ["Content-Length: 99999999999999999999999"],
        ["Transfer-Encoding: chunked, chunked"],
        ["Transfer-Encoding:"],
    ],
)
def test_a_body_of_doubtful_length_is_refused_and_the_connection_closed(stack, framing):
    with RawConnection(stack.user_port) as connection:
        connection.send(request_text("POST", REGISTER, b"{}", "Content-Type: application/json", *framing))
        assert code_of(connection.read_answer()) == (400, "bad_request")
        assert connection.closed_by_server()


@pytest.mark.parametrize("coding", ["xchunked", "chunked, identity", "gzip, chunked", "gzip", "identity"])
def test_a_transfer_coding_that_is_not_understood_is_not_implemented(port, coding):
    """RFC 9112 section 6.1. Where the body ends nobody can tell: the connection is closed."""
    with RawConnection(port) as connection:
        connection.send(request_text("POST", REGISTER, b"0\r\n\r\n", "Content-Type: application/json", f"Transfer-Encoding: {coding}"))
        answer = connection.read_answer()
        assert code_of(answer) == (501, "not_implemented")
        assert "retry-after" not in answer.headers
        assert connection.closed_by_server()


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", "identity\r\nContent-Encoding: deflate", "x"])
def test_a_content_coding_is_refused_with_what_is_taken(stack, coding):
    """RFC 9110 section 15.5.16."""
    answer = post(stack, b"\x1f\x8b\x08\x00", f"Content-Encoding: {coding}")
    assert code_of(answer) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "identity"


def test_the_coding_identity_is_none(stack):
    assert code_of(post(stack, b"{}", "Content-Encoding: Identity")) == (422, "validation_failed")
    assert "accept-encoding" not in exchange(stack.user_port, request_text("POST", REGISTER, "{}", "Content-Type: text/plain")).headers


@pytest.mark.parametrize("path", ["/health", "/ready", "/openapi.json", "/metrics", "/nothing", "/api/v1/profile", "/api/v1/notifications"])
def test_what_is_no_page_may_load_nothing_and_is_in_no_frame(port, path):
    answer = exchange(port, request_text("GET", path))
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_is_about_persons_is_stored_nowhere(api, account, admin):
    for answer in (
        api.profile(account.bearer),
        api.patch_profile(account.bearer, {}),
        api.profile(account.bearer, **{"If-None-Match": "*"}),
        api.login(account.email, account.password),
        api.notifications(admin),
        api.notification.get(f"/api/v1/notifications/{api.notifications(admin).json()['items'][0]['id']}", headers=admin),
        api.profile(),
    ):
        assert answer.headers["cache-control"] == "no-store", answer.request.url


@pytest.mark.parametrize(
    "text",
    [
        b"nonsense\r\n\r\n",
        b"GET /health\r\n\r\n",
        b"GET /health HTTP/3.7\r\nHost: x\r\n\r\n",
        b"GET  /health HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"GET /health HTTP/1.1\r\nX: a\x00b\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_connection_closed(port, text):
    with RawConnection(port) as connection:
        connection.send(text)
        assert code_of(connection.read_answer()) == (400, "bad_request")
        assert connection.closed_by_server()


def test_pipelined_requests_are_answered_in_order(port):
    ids = [f"in-order-{number}" for number in range(40)]
    with RawConnection(port) as connection:
        paths = ["/health", "/nothing", "/ready", "/metrics"]
        texts = [request_text("GET", paths[index % 4], b"", f"X-Request-Id: {each}") for index, each in enumerate(ids)]
        connection.send(b"".join(texts))
        answers = [connection.read_answer() for _ in ids]
    assert [answer.headers["x-request-id"] for answer in answers] == ids
    assert [answer.status for answer in answers] == [200, 404, 200, 200] * 10


def test_a_slow_request_does_not_let_a_later_one_overtake(stack):
    body = json.dumps({"email": new_email(), "password": new_password()})
    with RawConnection(stack.user_port) as connection:
        login = request_text("POST", "/api/v1/auth/login", body, "Content-Type: application/json", "X-Request-Id: slow")
        connection.send(login + request_text("GET", "/ready", b"", "X-Request-Id: quick"))
        answers = [connection.read_answer() for _ in range(2)]
    assert [(answer.headers["x-request-id"], answer.status) for answer in answers] == [("slow", 401), ("quick", 200)]


def test_a_connection_is_kept_and_closed_when_asked(port):
    with RawConnection(port) as connection:
        for _ in range(3):
            connection.send(request_text("GET", "/ready"))
            assert connection.read_answer().status == 200
        connection.send(request_text("GET", "/ready", b"", "Connection: close"))
        answer = connection.read_answer()
        assert answer.headers["connection"] == "close"
        assert connection.closed_by_server()
    with RawConnection(port) as connection:
        connection.send(b"GET /ready HTTP/1.0\r\n\r\n")
        assert connection.read_answer().status == 200
        assert connection.closed_by_server()


def test_a_chunked_body_is_read(stack):
    with RawConnection(stack.user_port) as connection:
        text = json.dumps({"email": new_email(), "password": new_password(), "name": "Siti"}).encode()
        head = request_text("POST", REGISTER, b"", "Content-Type: application/json", "Transfer-Encoding: chunked")
        connection.send(head)
        for start in range(0, len(text), 10):
            chunk = text[start : start + 10]
            connection.send(f"{len(chunk):x};ignored=extension\r\n".encode() + chunk + b"\r\n")
        connection.send(b"0\r\nTrailer: ignored\r\n\r\n")
        assert connection.read_answer().status == 202


def test_a_client_that_waits_for_100_gets_it(stack):
    with RawConnection(stack.user_port) as connection:
        body = b"{}"
        connection.send(request_text("POST", REGISTER, b"", "Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue"))
        assert connection.read_answer().status == 100
        connection.send(body)
        assert code_of(connection.read_answer()) == (422, "validation_failed")


def test_a_request_id_is_returned_and_made_when_absent_or_unfit(port):
    def returned(*headers: str) -> str:
        return exchange(port, request_text("GET", "/health", b"", *headers)).headers["x-request-id"]

    assert returned("X-Request-Id: my.request_1:2-3") == "my.request_1:2-3"
    made = returned()
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", made)
    for unfit in ("x" * 129, "with space", '"><script>', "a\tb", "%0d%0aX: y"):
        assert returned(f"X-Request-Id: {unfit}") != unfit


def test_a_trace_goes_on_in_a_span_of_its_own(port):
    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

    def returned(parent: str) -> list[str]:
        return exchange(port, request_text("GET", "/health", b"", f"traceparent: {parent}")).headers["traceparent"].split("-")

    version, same_trace, other_span, _ = returned(f"00-{trace}-{span}-01")
    assert (version, same_trace) == ("00", trace)
    assert re.fullmatch("[0-9a-f]{16}", other_span)
    assert other_span != span
    for unfit in (
        "garbage",
        f"00-{'0' * 32}-{span}-01",
        f"00-{trace}-{'0' * 16}-01",
        f"00-{trace.upper()}-{span}-01",
        f"ff-{trace}-{span}-01",
    ):
        _, made, _, _ = returned(unfit)
        assert re.fullmatch("[0-9a-f]{32}", made)
        assert made not in (trace, "0" * 32)

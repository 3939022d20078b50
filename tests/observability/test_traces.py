# SPDX-License-Identifier: Apache-2.0
"""Traces from the gateway to the mail, by way of the Collector: whose decision they are, what is in them, and what happens without it."""

from __future__ import annotations

import json
import secrets
import time
import uuid
from dataclasses import dataclass

import httpx
import pytest

from harness.client import Api, new_email, new_password, wait_until
from observability.jaeger import Span, whole_trace
from observability.watched_stack import WatchedStack

ALL, NONE = 100, 0


@pytest.fixture
def traced(stack):
    """Every request is."""
    stack.trace(ALL)
    yield stack
    stack.trace(NONE)


@dataclass(frozen=True)
class Registration:
    email: str
    request_id: str
    caller: str  # the trace id that the caller would have liked
    trace_id: str  # that of the answer
    sampled: bool


def register(stack: WatchedStack) -> Registration:
    """With a trace of the caller's, who would have it sampled."""
    email, request_id, caller = new_email(), str(uuid.uuid4()), uuid.uuid4().hex
    headers = {"X-Request-Id": request_id, "traceparent": f"00-{caller}-b7ad6b7169203331-01", "tracestate": "caller=1"}
    headers |= {"x-client-trace-id": "1", "x-envoy-force-trace": "1", "x-envoy-decorator-operation": "mine"}
    api = Api(stack)
    answer = api.register(email, new_password(), headers=headers)
    api.close()
    assert (answer.status_code, answer.headers["x-request-id"]) == (202, request_id)
    _, trace_id, _, flags = answer.headers["traceparent"].split("-")
    return Registration(email, request_id, caller, trace_id, flags == "01")


def test_the_collectors_configuration_is_valid(stack):
    stack.project.compose("run", "--rm", "--no-deps", "--no-TTY", "otel-collector", "validate", "--config=/etc/otelcol-contrib/config.yaml")


def trace_ids_in_logs(stack: WatchedStack, request_id: str) -> set[str]:
    containers = [stack.project.container("gateway"), *stack.services.values()]
    return {line["trace.id"] for each in containers for line in each.log_lines() if line.get("request_id") == request_id}


def test_a_caller_decides_neither_that_he_is_traced_nor_how_his_trace_is_called(stack):
    stack.trace(NONE)
    asked = register(stack)
    assert not asked.sampled and asked.trace_id != asked.caller
    stack.trace(ALL)
    later = register(stack)
    stack.trace(NONE)
    assert later.sampled and later.trace_id not in {later.caller, asked.trace_id}
    assert trace_ids_in_logs(stack, later.request_id) == {later.trace_id}
    wait_until(lambda: stack.jaeger.trace(later.trace_id), 30, "the later trace in Jaeger")
    for never in (asked.trace_id, asked.caller, later.caller):
        assert stack.jaeger.trace(never) == []


def test_the_gateways_span_is_the_first_and_tells_nothing_personal(traced):
    token = secrets.token_hex(16)
    url = f"{traced.project.url('GATEWAY')}/users/verify-email?token={token}"
    answer = httpx.get(url, headers={"User-Agent": "Siti's own", "X-Request-Id": "of-siti"}, trust_env=False)
    trace_id = answer.headers["traceparent"].split("-")[1]
    wait_until(lambda: any(span.service == "gateway" for span in traced.jaeger.trace(trace_id)), 30, "the gateway's span")
    first = traced.jaeger.trace(trace_id)[0]
    assert (first.service, first.name, first.kind, first.parent) == ("gateway", "GET /users/verify-email", "server", None)
    assert first.attributes == {"http.request.method": "GET", "http.route": "/users/verify-email", "http.response.status_code": 200}
    text = traced.jaeger.text(trace_id)
    for personal in (token, "Siti", "siti", "127.0.0.1", "?"):
        assert personal not in text


def test_a_request_to_nowhere_has_a_name_of_few(traced):
    gateway = traced.project.container("gateway")
    request_id = str(uuid.uuid4())
    httpx.get(f"{traced.project.url('GATEWAY')}/users/siti@example.com", headers={"X-Request-Id": request_id}, trust_env=False)
    line = wait_until(lambda: next((line for line in gateway.log_lines() if line.get("request_id") == request_id), None), 15)
    (span,) = wait_until(lambda: traced.jaeger.trace(line["trace.id"]), 30, "its span")
    assert (span.name, span.attributes) == ("GET", {"http.request.method": "GET", "http.response.status_code": 404})


def send_json(stack: WatchedStack, document: dict) -> str:
    """As the services do; from the gateway's container, since the Collector's port is published nowhere. Returns the answer."""
    body = json.dumps(document)
    headers = f"host: otel-collector\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    head = f"POST /v1/traces HTTP/1.1\r\n{headers}\r\n\r\n"
    script = 'exec 3<>/dev/tcp/otel-collector/4318 && printf "%s%s" "$0" "$1" >&3 && cat <&3'
    return stack.project.container("gateway").execute("bash", "-c", script, head, body)


def text_attributes(**values: str) -> list[dict]:
    return [{"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in values.items()]


def test_the_collector_takes_json_and_keeps_what_is_harmless(stack):
    trace_id, parent = uuid.uuid4().hex, secrets.token_hex(8)
    kept = {"messaging.system": "rabbitmq", "messaging.destination.name": "notifications"}
    began = time.time_ns() - 1_000_000_000
    event = {"timeUnixNano": str(began), "name": "exception"}
    event["attributes"] = text_attributes(exception__type="boost::system::system_error", exception__message="anna@example.com")
    span = {
        "traceId": trace_id,
        "spanId": secrets.token_hex(8),
        "parentSpanId": parent,
        "name": "process notifications",
        "kind": 5,
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(began + 5_000_000),
        "traceState": "who=anna",
        "attributes": text_attributes(
            messaging__system="rabbitmq",
            messaging__destination__name="notifications",
            url__query="token=anna",
            client__address="192.0.2.7",
            db__query__text="SELECT 'anna'",
            anything="anna",
        ),
        "links": [{"traceId": trace_id, "spanId": parent}],
        "status": {"code": 2, "message": "anna@example.com is not deliverable"},
    }
    without_events = span | {"spanId": secrets.token_hex(8), "kind": 3, "name": "send mail"}
    resource = {"attributes": text_attributes(service__name="notification-service", host__name="anna's")}
    scope = {"scope": {"name": "sayur"}, "spans": [span | {"events": [event]}, without_events]}
    answer = send_json(stack, {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]})
    assert answer.startswith("HTTP/1.1 200"), answer
    found = wait_until(lambda: stack.jaeger.trace(trace_id), 30, "the spans in Jaeger")
    assert {(each.service, each.name, each.kind) for each in found} == {
        ("notification-service", "process notifications", "consumer"),
        ("notification-service", "send mail", "client"),
    }
    for each in found:
        assert each.attributes == {**kept, "error": True, "otel.status_code": "ERROR"}
        assert (each.parent, each.links) == (parent, (parent,))
    text = stack.jaeger.text(trace_id)
    assert "anna" not in text and "192.0.2.7" not in text and "system_error" in text


def only(spans: list[Span], service: str, kind: str, name: str) -> Span:
    found = [each for each in spans if (each.service, each.kind) == (service, kind) and each.name.startswith(name)]
    assert len(found) == 1, f"{service}, {kind}, {name}: {found}"
    return found[0]


def ancestors(spans: list[Span], of: Span) -> list[Span]:
    by_id, found, at = {each.id: each for each in spans}, [], of
    while at.parent:
        at = by_id[at.parent]
        found.append(at)
    return found


@pytest.fixture
def registered(traced) -> list[Span]:
    """The spans of a registration whose mail has gone out."""
    asked = register(traced)
    traced.wait_for_mails(asked.email)
    return whole_trace(traced.jaeger, asked.trace_id)


def test_one_trace_holds_a_registration_from_the_gateway_to_its_mail(registered, capfd):
    gateway = only(registered, "gateway", "server", "POST /users/api/v1/auth/register")
    server = only(registered, "user-service", "server", "POST /api/v1/auth/register")
    use_case = only(registered, "user-service", "internal", "register_user")
    publish = only(registered, "user-service", "producer", "publish ")
    process = only(registered, "notification-service", "consumer", "process ")
    mail = only(registered, "notification-service", "client", "send mail")
    assert (gateway.parent, server.parent, use_case.parent) == (None, gateway.id, server.id)
    assert (process.parent, process.links) == (publish.id, (publish.id,))
    assert gateway in ancestors(registered, publish) and process in ancestors(registered, mail)
    statements = [each for each in registered if each.attributes.get("db.system.name") == "postgresql"]
    assert {(each.service, each.kind) for each in statements} == {("user-service", "client"), ("notification-service", "client")}
    assert any(use_case in ancestors(registered, each) for each in statements)
    with capfd.disabled():
        print(f"\none trace: {len(registered)} spans")
        for each in registered:
            print(f"  {'  ' * len(ancestors(registered, each))}{each.service}: {each.name}")


def test_an_exemplar_leads_to_its_trace(traced):
    register(traced)

    def known() -> bool:
        now = time.time()
        times = {"start": str(now - 60), "end": str(now)}
        asked = {"query": 'sayur_http_request_duration_seconds_bucket{job="user-service"}', **times}
        series = traced.prometheus.get("/api/v1/query_exemplars", params=asked).json()["data"]
        return any(traced.jaeger.trace(each["labels"]["trace_id"]) for one in series for each in one["exemplars"])

    wait_until(known, 30, "an exemplar whose trace is in Jaeger")


def milliseconds_of_answers(stack: WatchedStack) -> list[float]:
    """As many as the gateway lets through at once."""
    found = []
    with httpx.Client(base_url=stack.project.url("GATEWAY"), trust_env=False, timeout=10) as client:
        for _ in range(60):
            began = time.perf_counter()
            assert client.get("/users/.well-known/jwks.json").status_code == 200
            found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def fill_the_queue(stack: WatchedStack, spans: int) -> None:
    """Of user-service, past the gateway and its rates, where a caller's flag is obeyed."""
    parent = {"traceparent": f"00-{uuid.uuid4().hex}-b7ad6b7169203331-01"}
    with httpx.Client(base_url=stack.project.url("USER_SERVICE"), headers=parent, trust_env=False, timeout=10) as client:
        for _ in range(spans):
            client.get("/.well-known/jwks.json")


def dropped_spans(stack: WatchedStack) -> float:
    return sum(float(each["value"][1]) for each in stack.ask("sum(sayur_spans_dropped_total)"))


def test_without_the_collector_requests_go_on_and_lost_spans_are_counted(traced, capfd):
    before, dropped = milliseconds_of_answers(traced), dropped_spans(traced)
    traced.project.compose("pause", "otel-collector")
    try:
        fill_the_queue(traced, 3000)
        wait_until(lambda: dropped_spans(traced) > dropped, 60, "spans that are dropped and counted")
        during = milliseconds_of_answers(traced)
    finally:
        traced.project.compose("unpause", "otel-collector")
    with capfd.disabled():
        for name, values in (("with the Collector", before), ("while it hangs", during)):
            print(f"\n{name}: half of the answers within {values[len(values) // 2]:.1f} ms, all within {values[-1]:.1f} ms", end="")
        print()
    assert during[-1] < 2000  # nothing waits for the Collector, whose deadline is 5 s

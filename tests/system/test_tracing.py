# SPDX-License-Identifier: Apache-2.0
"""One request id finds the HTTP request, the event, the mail and their log lines."""

import uuid

import pytest

from harness.broker import Bystander
from harness.client import new_email, new_password, wait_until

pytestmark = pytest.mark.past_the_gateway("where each trace begins anew; observability/test_traces.py looks at those")


def lines_about(service, request_id):
    return [line for line in service.log_lines() if line.get("request_id") == request_id]


@pytest.fixture
def traced(api, stack):
    """A registration with a request id and a trace of its own; returns the id, the trace and the mail."""
    request_id, trace, email = f"trace-{uuid.uuid4().hex}", uuid.uuid4().hex, new_email()
    headers = {"X-Request-Id": request_id, "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    assert api.register(email, new_password(), headers=headers).status_code == 202
    (mail,) = stack.wait_for_mails(email)
    return request_id, trace, mail


def test_the_mail_carries_the_request_id(traced):
    request_id, _, mail = traced
    assert f"\nX-Request-Id: {request_id}" in mail["raw"].replace("\r\n", "\n")


def test_the_request_is_logged_with_its_id_and_trace(traced, stack):
    request_id, trace, _ = traced
    (line,) = wait_until(
        lambda: [line for line in lines_about(stack.user_service, request_id) if line.get("http.route") == "/api/v1/auth/register"],
        5,
        "the request's log line",
    )
    assert (line["trace.id"], line["http.request.method"], line["http.response.status_code"]) == (trace, "POST", 202)
    assert line["event.duration"] > 0


def test_the_notification_is_logged_with_the_same_id_and_trace(traced, stack):
    request_id, trace, _ = traced
    lines = wait_until(
        lambda: [line for line in lines_about(stack.notification_service, request_id) if "http.route" not in line], 5, "the mail's log line"
    )
    assert all(line["trace.id"] == trace for line in lines)


@pytest.mark.mode("distributed")
def test_the_event_carries_the_same_id_and_trace(api, stack):
    bystander = Bystander(stack.servers["rabbitmq"])
    request_id, trace, email = f"trace-{uuid.uuid4().hex}", uuid.uuid4().hex, new_email()
    headers = {"X-Request-Id": request_id, "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    assert api.register(email, new_password(), headers=headers).status_code == 202
    _, properties, _ = bystander.wait_for(lambda _, body: email.encode() in body)
    bystander.close()
    assert properties.headers["x-request-id"] == request_id
    assert properties.headers["traceparent"].split("-")[1] == trace

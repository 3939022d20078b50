# SPDX-License-Identifier: Apache-2.0
"""The spans that both services send: one trace from a request to its mail."""

import re
import uuid

import pytest

from harness.client import new_email, new_password, wait_until
from harness.span_sink import SpanSink

pytestmark = pytest.mark.no_containers("the sink of spans listens outside of them")

SERVER, INTERNAL, CLIENT, PRODUCER, CONSUMER = 2, 1, 3, 4, 5


@pytest.fixture(scope="module")
def spans(stack):
    """The services run with tracing while a module's tests do."""
    sink = SpanSink()
    services = list(stack.services.values())
    kept = [dict(service.env) for service in services]
    for service in services:
        service.env |= sink.environment()
        service.stop()
        service.start()
    yield sink
    for service, env in zip(services, kept, strict=True):
        service.env = env
        service.stop()
        service.start()
    sink.close()


@pytest.fixture
def registered(spans, api, stack):
    """What was sent for a registration whose caller had sampled: the caller's trace and span, and what is secret of it."""
    trace, caller, email, password = uuid.uuid4().hex, uuid.uuid4().hex[:16], new_email(), new_password()
    assert api.register(email, password, headers={"traceparent": f"00-{trace}-{caller}-01"}).status_code == 202
    (mail,) = stack.wait_for_mails(email)
    wait_until(lambda: any(span.name == "send mail" for span in spans.trace(trace)), 10, "the mail's span")
    return trace, caller, email, password, mail


def the_only(found, **wanted):
    (one,) = [span for span in found if all(getattr(span, name) == value for name, value in wanted.items())]
    return one


def test_one_trace_goes_from_the_request_to_its_mail(spans, registered):
    trace, caller, *_ = registered
    wait_until(lambda: {SERVER, PRODUCER, CONSUMER} <= {span.kind for span in spans.trace(trace)}, 10, "the spans of both services")
    found = spans.trace(trace)
    server = the_only(found, kind=SERVER)
    assert (server.name, server.service, server.parent) == ("POST /api/v1/auth/register", "user-service", caller)
    assert server.attributes["http.response.status_code"] == "202"
    use_case = the_only(found, name="register_user", kind=INTERNAL)
    assert use_case.parent == server.id
    statements = [span for span in found if span.parent == use_case.id]
    assert statements and all(span.attributes["db.system.name"] in ("postgresql", "sqlite", "redis") for span in statements)
    publish = the_only(found, kind=PRODUCER)
    assert (publish.name, publish.service, publish.parent) == ("publish micro-sayur", "user-service", server.id)
    process = the_only(found, kind=CONSUMER)
    assert (process.name, process.service) == ("process notification-service", "notification-service")
    assert (process.parent, process.links) == (publish.id, [publish.id])
    assert any(span.parent == process.id and "db.system.name" in span.attributes for span in found)
    mail = the_only(found, name="send mail")
    assert (mail.service, mail.parent, mail.failed) == ("notification-service", process.id, False)
    assert server.seconds >= use_case.seconds >= max(span.seconds for span in statements)
    assert len({span.id for span in found}) == len(found)


def test_no_span_holds_an_address_a_password_or_a_token(spans, registered):
    *_, email, password, mail = registered
    for token in re.findall(r"token=([\w-]+)", mail["text"]):
        assert token not in spans.text
    assert email not in spans.text and email.partition("@")[0] not in spans.text
    assert password not in spans.text


def test_what_a_caller_does_not_sample_is_not_recorded(spans, registered, api, stack):
    trace, email = uuid.uuid4().hex, new_email()
    assert api.register(email, new_password(), headers={"traceparent": f"00-{trace}-{'a' * 16}-00"}).status_code == 202
    stack.wait_for_mails(email)
    for client in (api.user, api.notification):
        assert client.get("/ready", headers={"traceparent": f"00-{registered[0]}-{'b' * 16}-01"}).status_code == 200
    later = ("GET /ready", "user-service"), ("GET /ready", "notification-service")
    wait_until(lambda: set(later) <= {(span.name, span.service) for span in spans.trace(registered[0])}, 10, "later spans of both")
    assert spans.trace(trace) == []

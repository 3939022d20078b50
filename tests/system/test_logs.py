# SPDX-License-Identifier: Apache-2.0
"""What the services wrote to stdout during this run. Runs last (conftest.py), so that every other test has left its traces."""

import uuid

import pytest

from harness.client import SECRETS, new_email, new_password, token_of, wait_until
from harness.log_lines import faults, log_files
from harness.stack import ADMIN_PASSWORD

BOUNDARY = {
    *("@timestamp", "log.level", "service.name", "request_id", "trace.id"),
    *("http.request.method", "http.route", "http.response.status_code", "event.duration"),
}


def all_services(stack):
    return {id(service): service for service in stack.services.values()}.values()


def all_log_files(stack):
    return log_files(stack.session.directory)


def test_every_line_is_as_its_schema_says(stack):
    assert faults(stack.session.directory) == []


@pytest.mark.past_the_gateway("it logs and answers what a service never sees")
def test_a_request_leaves_exactly_one_line_at_the_boundary(api, stack):
    for client, service in ((api.user, stack.user_service), (api.notification, stack.notification_service)):
        ids = {f"one-line-{uuid.uuid4().hex}": path for path in ("/ready", "/nothing", "/api/v1/profile", "/api/v1/notifications")}
        for request_id, path in ids.items():
            client.get(path, headers={"X-Request-Id": request_id})

        def boundary_lines(service=service, ids=ids):
            lines = [line for line in service.log_lines() if line.get("request_id") in ids and line["message"] == "request"]
            return lines if {line["request_id"] for line in lines} == set(ids) else None

        lines = wait_until(boundary_lines, 5, "the lines of all requests")
        assert len(lines) == len(ids)
        for line in lines:
            assert line.keys() >= BOUNDARY
            assert line["http.route"] in (ids[line["request_id"]], "-")
            assert 0 <= line["event.duration"] < 30e9


def test_services_name_themselves(stack):
    assert {line["service.name"] for line in stack.user_service.log_lines()} >= {"user-service"}
    assert {line["service.name"] for line in stack.notification_service.log_lines()} >= {"notification-service"}


def test_no_password_token_or_mail_body_was_ever_logged(api, stack):
    made, token = api.new_registration()
    api.verify(token)
    api.must_log_in(made.email, made.password)
    api.forgot_password(made.email)
    changed = new_password()
    api.reset_password(token_of(stack.wait_for_mails(made.email, 2)[0]), changed)
    api.user.get("/api/v1/profile", headers={"Authorization": "Bearer secret-in-a-header-4711"})
    api.user.get(f"/verify-email?token={token}")
    api.user.post("/api/v1/auth/login", content=b'{"password":"secret-in-bad-json-4712', headers={"Content-Type": "application/json"})
    api.user.post("/api/v1/auth/register", json={"email": new_email(), "password": "secret-4713", "name": "x", "secret-field-4714": 1})
    api.settle()
    secrets = [
        *SECRETS.all(),
        ADMIN_PASSWORD,
        changed,
        *(f"secret-{rest}" for rest in ("in-a-header-4711", "in-bad-json-4712", "4713", "field-4714")),
    ]
    bodies = ["Buka tautan ini", "Open this link", "?token=", "$argon2id$", "BEGIN PRIVATE KEY", "BEGIN EC PRIVATE KEY"]
    assert len(secrets) > 20
    for path in all_log_files(stack):
        text = path.read_text(errors="replace")
        for secret in [*secrets, *bodies]:
            assert secret not in text, (
                f"{path.name} holds {secret[:12]}…: {next(line for line in text.splitlines() if secret in line)[:300]}"
            )


def test_the_servers_secrets_are_not_logged_either(stack):
    for server in stack.servers.values():
        for path in all_log_files(stack):
            assert server.password not in path.read_text(errors="replace"), path.name


def test_nothing_ended_as_a_fault_of_ours(stack):
    """No test of this run may have caused a 500."""
    for service in all_services(stack):
        faults = [
            line
            for line in service.log_lines()
            if line.get("http.response.status_code") == 500 or (line["message"] == "request failed" and line["log.level"] == "error")
        ]
        assert faults == []

# SPDX-License-Identifier: Apache-2.0
"""The command line and the environment of the programs."""

import re
import stat
from pathlib import Path

import pytest

from harness.client import Api, expect_problem, wait_until
from harness.packages import REPOSITORY
from harness.pgbouncer import role_settings
from harness.programs import EX_USAGE, binary, run
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

VERSION = (REPOSITORY / "VERSION").read_text().strip()


@pytest.fixture(params=["user-service", "notification-service", "micro-sayur"])
def program(request):
    return binary(request, request.param)


@pytest.fixture
def user_service(request):
    return binary(request, "user-service")


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_version_is_that_of_the_one_file(program):
    done = run(program, "--version")
    assert done.returncode == 0
    assert VERSION in done.stdout.split()


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_an_unknown_argument_is_a_usage_error(program):
    for arguments in (("--nonsense",), ("nonsense",), ("serve", "extra")):
        done = run(program, *arguments)
        assert done.returncode == EX_USAGE, arguments
        assert done.stderr


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_keys_are_generated_for_their_owner_alone(user_service, tmp_path):
    folder = tmp_path / "keys"
    for count in (1, 2):
        done = run(user_service, "keys", "generate", JWT_KEYS_DIR=str(folder))
        assert done.returncode == 0, done.stderr
        assert len(list(folder.glob("*.pem"))) == count
        assert len(list(folder.glob("*.key"))) == 1, "a key pair is exchanged without the secret beside it"
        assert "PRIVATE" not in done.stdout + done.stderr
    for path in folder.glob("*.pem"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert "BEGIN PRIVATE KEY" in path.read_text() or "BEGIN EC PRIVATE KEY" in path.read_text()
    assert run(user_service, "keys", "generate-secret", JWT_KEYS_DIR=str(folder)).returncode == 0
    secrets = list(folder.glob("*.key"))
    assert len(secrets) == 2
    for path in secrets:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(path.read_text().strip()) == 64


def test_an_origin_that_is_allowed_may_call_and_no_other(stack):
    with stack.instance(CORS_ALLOWED_ORIGINS="https://pasar.example,https://sayur.example") as open_to_some:
        api = Api(stack, user_url=open_to_some.user_url)
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
        allowed = api.user.options("/api/v1/auth/login", headers={"Origin": "https://sayur.example", **asked})
        assert allowed.status_code == 204
        assert allowed.headers["access-control-allow-origin"] == "https://sayur.example"
        assert "POST" in allowed.headers["access-control-allow-methods"]
        for origin in ("https://evil.example", "null", "https://sayur.example.evil.example", "http://sayur.example"):
            assert "access-control-allow-origin" not in api.user.get("/health", headers={"Origin": origin}).headers
        api.close()


def test_without_allowed_origins_there_is_no_cors(api):
    assert "access-control-allow-origin" not in api.user.get("/health", headers={"Origin": "https://sayur.example"}).headers


def test_the_first_admin_is_made_once_and_never_changed_after(stack, api):
    assert "admin" in api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)["user"]["roles"]
    other = stack.secret_file("another-password", "quite another password of the admin")
    if stack.mode == "distributed":
        with stack.instance(ADMIN_PASSWORD_FILE=other) as second:
            again = Api(stack, user_url=second.user_url)
            again.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
            again.close()
        return
    service = stack.user_service
    kept = service.env
    assert service.stop() == 0
    service.env = kept | {"ADMIN_PASSWORD_FILE": other}
    try:
        service.start()
        api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        service.stop()
    finally:
        service.env = kept
        service.ensure_running()


@pytest.mark.mode("embedded")
def test_embedded_mode_makes_an_admin_and_tells_of_it_once(stack):
    with stack.instance(ADMIN_EMAIL="", ADMIN_PASSWORD_FILE="") as fresh:
        service = fresh.user_service
        told = [line for line in service.log_text().splitlines() if line.startswith("administrator: ")]
        assert len(told) == 1
        email, path = re.fullmatch(r"administrator: (\S+), password in (\S+)", told[0]).groups()
        api = Api(fresh)
        password = Path(path).read_text().strip()
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        assert password not in service.log_text()
        assert "admin" in api.must_log_in(email, password)["user"]["roles"]
        assert service.stop() == 0
        service.start()
        assert service.log_text().count("administrator: ") == 1
        api.must_log_in(email, password)
        assert service.stop() == 0
        Path(path).unlink()
        service.start()
        assert not Path(path).exists(), "a new password would not be the account's"
        api.must_log_in(email, password)
        api.close()


@pytest.mark.mode("distributed")
def test_roles_are_granted_on_the_command_line(stack, api):
    made = api.new_account()
    expect_problem(api.notifications(made.bearer), "forbidden")
    assert "admin" in stack.user_service.run("grant-role", made.email.upper(), "admin")
    again = api.must_log_in(made.email, made.password)
    assert sorted(again["user"]["roles"]) == ["admin", "customer"]
    assert api.notifications({"Authorization": f"Bearer {again['access_token']}"}).status_code == 200
    assert stack.user_service.try_run("grant-role", made.email, "admin").returncode == 0, "twice is no fault"
    stack.user_service.run("revoke-role", made.email, "admin")
    bearer = {"Authorization": f"Bearer {again['access_token']}"}
    wait_until(lambda: api.notifications(bearer).status_code == 401, 5, "the end of the token that names the role")
    expect_problem(api.refresh(again["refresh_token"]), "invalid_refresh_token")
    after = api.must_log_in(made.email, made.password)
    assert after["user"]["roles"] == ["customer"]
    expect_problem(api.notifications({"Authorization": f"Bearer {after['access_token']}"}), "forbidden")
    for email, role, wanted in ((made.email, "emperor", "emperor"), ("nobody@example.com", "admin", "nobody@example.com")):
        refused = stack.user_service.try_run("grant-role", email, role)
        assert refused.returncode == 1
        assert wanted in refused.stderr


@pytest.mark.mode("distributed")
def test_a_rotated_database_password_is_read_again(stack, api):
    postgres = stack.servers["postgres"]
    postgres.run_sql("create role rotating superuser login password 'first-password-of-the-role'")
    postgres.run_sql("; ".join(role_settings("rotating", postgres.database)))  # with a pooler
    secret = stack.secret_file("rotating", "first-password-of-the-role")
    with stack.instance(DB_USER="rotating", DB_PASSWORD_FILE=secret) as second:
        other = Api(stack, user_url=second.user_url)
        made = other.new_account()
        postgres.run_sql("alter role rotating password 'second-password-of-the-role'")
        stack.secret_file("rotating", "second-password-of-the-role")
        postgres.run_sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotating'")
        wait_until(lambda: other.login(made.email, made.password).status_code == 200, 15, "a login over new connections")
        other.close()

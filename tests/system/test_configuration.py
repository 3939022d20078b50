# SPDX-License-Identifier: Apache-2.0
"""The command line and the environment of the programs."""

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest

from harness.client import Api, expect_problem, wait_until
from harness.packages import REPOSITORY
from harness.processes import free_port
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

VERSION = (REPOSITORY / "VERSION").read_text().strip()
EX_CONFIG = 78

SHARED = (
    "APP_ENV HTTP_HOST HTTP_PORT HTTP_CONNECTIONS_PER_CLIENT HTTP_UNLIMITED_CLIENTS DRAIN_SECONDS TRUSTED_PROXIES TRUSTED_PROXY_HOPS "
    "CORS_ALLOWED_ORIGINS LOG_LEVEL"
)
SERVERS = (
    "DB_HOST DB_PORT DB_NAME DB_USER DB_PASSWORD_FILE DB_SSLMODE DB_CA_FILE DB_POOL_SIZE "
    "RABBITMQ_HOST RABBITMQ_PORT RABBITMQ_USER RABBITMQ_PASSWORD_FILE RABBITMQ_VHOST RABBITMQ_CA_FILE DB_PLAINTEXT RABBITMQ_PLAINTEXT"
)
USER = (
    "PUBLIC_BASE_URL JWT_KEYS_DIR JWT_ISSUER JWT_AUDIENCE VERIFY_TTL RESET_TTL DEFAULT_COUNTRY_CODE ADMIN_EMAIL ADMIN_PASSWORD_FILE "
    "REDIS_HOST REDIS_PORT REDIS_USER REDIS_PASSWORD_FILE REDIS_CA_FILE REDIS_PLAINTEXT"
)
NOTIFICATION = (
    "SMTP_HOST SMTP_PORT SMTP_USERNAME SMTP_PASSWORD_FILE SMTP_TLS SMTP_CA_FILE MAIL_FROM JWKS_URL USER_SERVICE_URL JWT_ISSUER JWT_AUDIENCE"
)


def binary(request, name: str) -> str:
    return str(REPOSITORY / "build" / request.config.getoption("--preset") / "bin" / name)


def run(program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key == "PATH"}
    return subprocess.run([program, *arguments], env=kept | env, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(params=["user-service", "notification-service", "micro-sayur"])
def program(request):
    return binary(request, request.param)


@pytest.fixture(params=["user-service", "notification-service"])
def distributed_program(request):
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
def test_help_lists_every_variable(request):
    for name, wanted in (
        ("user-service", f"{SHARED} {SERVERS} {USER}"),
        ("notification-service", f"{SHARED} {SERVERS} {NOTIFICATION}"),
        ("micro-sayur", f"{SHARED} {USER} MICRO_SAYUR_DATA NOTIFICATION_HTTP_HOST NOTIFICATION_HTTP_PORT"),
    ):
        done = run(binary(request, name), "--help")
        assert done.returncode == 0
        listed = set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", done.stdout))
        missing = set(wanted.split()) - listed
        if name == "micro-sayur":  # has no servers
            missing = {variable for variable in missing if not variable.startswith("REDIS_")}
        assert not missing, f"{name} --help does not tell of {missing}"


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_an_unknown_argument_is_a_usage_error(program):
    for arguments in (("--nonsense",), ("nonsense",), ("serve", "extra")):
        done = run(program, *arguments)
        assert done.returncode == 64, arguments
        assert done.stderr


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_without_a_database_host_it_does_not_start(distributed_program):
    """Only micro-sayur links the embedded stores: the services cannot fall back to them."""
    done = run(distributed_program)
    assert done.returncode == EX_CONFIG
    assert "DB_HOST" in done.stderr


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_all_faults_are_told_at_once(user_service):
    done = run(
        user_service,
        HTTP_PORT="99999",
        DB_PORT="abc",
        VERIFY_TTL="soon",
        DEFAULT_COUNTRY_CODE="+62",
        LOG_LEVEL="loud",
        PUBLIC_BASE_URL="ftp://x",
        TRUSTED_PROXIES="x/99",
        TRUSTED_PROXY_HOPS="0",
        HTTP_CONNECTIONS_PER_CLIENT="0",
        HTTP_UNLIMITED_CLIENTS="all",
    )
    assert done.returncode == EX_CONFIG
    for name in (
        "HTTP_PORT",
        "DB_PORT",
        "DB_HOST",
        "VERIFY_TTL",
        "DEFAULT_COUNTRY_CODE",
        "LOG_LEVEL",
        "PUBLIC_BASE_URL",
        "TRUSTED_PROXIES",
        "TRUSTED_PROXY_HOPS",
        "HTTP_CONNECTIONS_PER_CLIENT",
        "HTTP_UNLIMITED_CLIENTS",
        "REDIS_HOST",
        "RABBITMQ_HOST",
    ):
        assert name in done.stderr, f"{name} is not among the faults:\n{done.stderr}"


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_a_url_that_is_none_is_a_fault_also_where_it_may_be_absent(request):
    notification_service = binary(request, "notification-service")
    done = run(notification_service, USER_SERVICE_URL="users:8080")
    assert done.returncode == EX_CONFIG
    assert 'USER_SERVICE_URL: "users:8080" is not acceptable' in done.stderr
    assert re.search(r"USER_SERVICE_URL +URL ", run(notification_service, "--help").stdout)


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_a_plain_secret_is_for_development_alone(distributed_program):
    plain = {"DB_PASSWORD": "very-plain-secret", "DB_HOST": "127.0.0.1"}
    done = run(distributed_program, **plain)
    assert done.returncode == EX_CONFIG
    assert "DB_PASSWORD" in done.stderr
    assert "very-plain-secret" not in done.stdout + done.stderr
    told = run(distributed_program, APP_ENV="development", **plain)
    assert "DB_PASSWORD" not in told.stderr


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_a_secret_file_that_cannot_be_read_is_a_fault(user_service, tmp_path):
    (tmp_path / "empty").touch()
    for path in (tmp_path / "absent", tmp_path / "empty"):
        done = run(user_service, DB_PASSWORD_FILE=str(path))
        assert done.returncode == EX_CONFIG
        assert "DB_PASSWORD_FILE" in done.stderr


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_production_without_keys_does_not_start(stack, user_service, tmp_path):
    if stack.mode == "embedded":
        env = {"DB_HOST": "127.0.0.1", "REDIS_HOST": "127.0.0.1", "RABBITMQ_HOST": "127.0.0.1"}
        for name in ("DB", "RABBITMQ"):
            (tmp_path / name).write_text("x")
            env[f"{name}_PASSWORD_FILE"] = str(tmp_path / name)
    else:
        env = stack.user_service.env
    done = run(user_service, **(env | {"APP_ENV": "production", "JWT_KEYS_DIR": str(tmp_path / "none"), "HTTP_PORT": str(free_port())}))
    assert done.returncode == EX_CONFIG
    assert "JWT_KEYS_DIR" in done.stderr + done.stdout
    assert not (tmp_path / "none").exists()


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


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_a_port_in_use_is_told_with_its_address(stack):
    service = stack.user_service
    env = service.env | {"MICRO_SAYUR_DATA": str(stack.session.directory / "other"), "NOTIFICATION_HTTP_PORT": str(free_port())}
    done = service.try_run(env=env)
    assert done.returncode not in (0, EX_CONFIG)
    assert f"127.0.0.1:{stack.user_port}" in done.stderr + done.stdout
    assert "in use" in (done.stderr + done.stdout).lower()


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
    for email, role, wanted in ((made.email, "emperor", "emperor"), ("nobody@example.com", "admin", "nobody@example.com")):
        refused = stack.user_service.try_run("grant-role", email, role)
        assert refused.returncode == 1
        assert wanted in refused.stderr


@pytest.mark.mode("distributed")
def test_a_rotated_database_password_is_read_again(stack, api):
    postgres = stack.servers["postgres"]
    postgres.run_sql("create role rotating superuser login password 'first-password-of-the-role'")
    secret = stack.secret_file("rotating", "first-password-of-the-role")
    with stack.instance(DB_USER="rotating", DB_PASSWORD_FILE=secret) as second:
        other = Api(stack, user_url=second.user_url)
        made = other.new_account()
        postgres.run_sql("alter role rotating password 'second-password-of-the-role'")
        stack.secret_file("rotating", "second-password-of-the-role")
        postgres.run_sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotating'")
        wait_until(lambda: other.login(made.email, made.password).status_code == 200, 15, "a login over new connections")
        other.close()


# One bad value of each variable that more than its form is judged of; {} is a file that is not there.
BAD_VALUES = {
    "HTTP_HOST": "everywhere",
    "CORS_ALLOWED_ORIGINS": "https://sayur.example/",
    "JWT_KEYS_DIR": "{}",
    "DB_CA_FILE": "{}",
    "REDIS_CA_FILE": "{}",
    "RABBITMQ_CA_FILE": "{}",
    "SMTP_CA_FILE": "{}",
}
OF_ONE_SERVICE = {"JWT_KEYS_DIR": "user-service", "REDIS_CA_FILE": "user-service", "SMTP_CA_FILE": "notification-service"}


@pytest.mark.no_containers("runs the program alone, as it was built here")
@pytest.mark.parametrize("name", ["user-service", "notification-service"])
def test_bad_values_are_told_together(request, name, tmp_path):
    bad = {key: value.format(tmp_path / "absent") for key, value in BAD_VALUES.items() if OF_ONE_SERVICE.get(key, name) == name}
    done = run(binary(request, name), **bad)
    assert done.returncode == EX_CONFIG
    missing = [key for key in bad if not re.search(rf"^  {key}: ", done.stderr, re.MULTILINE)]
    assert not missing, f"not among the faults: {missing}\n{done.stderr}"


@pytest.mark.no_containers("runs the program alone, as it was built here")
@pytest.mark.parametrize(
    "origins",
    [
        "*",
        "https://sayur.example/",
        "sayur.example",
        "https://sayur.example https://pasar.example",
        "https://Sayur.example",
        "https://sayur.example/toko",
        "ftp://sayur.example",
    ],
)
def test_what_no_browser_sends_as_its_origin_is_refused(user_service, origins):
    done = run(user_service, CORS_ALLOWED_ORIGINS=origins)
    assert done.returncode == EX_CONFIG
    assert "CORS_ALLOWED_ORIGINS: " in done.stderr


@pytest.mark.no_containers("runs the program alone, as it was built here")
def test_a_file_of_authorities_without_a_certificate_is_refused(distributed_program, tmp_path):
    empty = tmp_path / "authorities.pem"
    empty.write_text("no certificate\n")
    for path, why in ((empty, "holds no certificate"), (tmp_path, "is a folder")):
        done = run(distributed_program, DB_CA_FILE=str(path))
        assert done.returncode == EX_CONFIG
        assert f"DB_CA_FILE: {path} {why}" in done.stderr

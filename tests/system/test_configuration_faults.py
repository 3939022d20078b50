# SPDX-License-Identifier: Apache-2.0
"""What a program refuses to start with: every fault of the environment at once, each with its variable, and code 78."""

from __future__ import annotations

import pytest

from harness.processes import free_port
from harness.programs import EX_CONFIG, binary, faults, run, variables

pytestmark = pytest.mark.no_containers("runs the programs alone, as they were built here")

SERVICES = ("user-service", "notification-service")
PROGRAMS = (*SERVICES, "micro-sayur")

# One bad value of each variable; {} is a file that is not there. The rest are texts of which any is right, until a server says otherwise.
BAD_VALUES = {
    "APP_ENV": "test",
    "HTTP_HOST": "everywhere",
    "HTTP_PORT": "99999",
    "NOTIFICATION_HTTP_HOST": "everywhere",
    "NOTIFICATION_HTTP_PORT": "0",
    "DRAIN_SECONDS": "-1",
    "TRUSTED_PROXIES": "x/99",
    "TRUSTED_PROXY_HOPS": "0",
    "HTTP_CONNECTIONS_PER_CLIENT": "0",
    "HTTP_UNLIMITED_CLIENTS": "all",
    "CORS_ALLOWED_ORIGINS": "https://sayur.example/",
    "PUBLIC_BASE_URL": "ftp://x",
    "JWT_KEYS_DIR": "{}",
    "VERIFY_TTL": "soon",
    "RESET_TTL": "59",
    "OUTBOX_TTL": "an hour",
    "DEFAULT_COUNTRY_CODE": "+62",
    "ADMIN_EMAIL": "nobody",
    "ADMIN_PASSWORD_FILE": "{}",
    "DB_HOST": "postgres://db",
    "DB_REPLICA_HOSTS": "db, a b",
    "DB_PORT": "abc",
    "DB_PASSWORD_FILE": "{}",
    "DB_POOLER": "pgbouncer",
    "DB_SSLMODE": "on",
    "DB_PLAINTEXT": "yes",
    "DB_CA_FILE": "{}",
    "DB_POOL_SIZE": "1",
    "REDIS_HOST": "redis:6379",
    "REDIS_PORT": "65536",
    "REDIS_PASSWORD_FILE": "{}",
    "REDIS_TLS": "maybe",
    "REDIS_PLAINTEXT": "true",
    "REDIS_CA_FILE": "{}",
    "RABBITMQ_HOST": "a b",
    "RABBITMQ_PORT": "5672/tcp",
    "RABBITMQ_PASSWORD_FILE": "{}",
    "RABBITMQ_TLS": "2",
    "RABBITMQ_PLAINTEXT": "ALLOWED",
    "RABBITMQ_CA_FILE": "{}",
    "MAILBOX_CLIENTS": "everybody",
    "MAIL_FROM": "nobody",
    "MAIL_RECIPIENTS": "*",
    "MAIL_SMTPUTF8": "perhaps",
    "SMTP_HOST": "smtp://mail",
    "SMTP_PORT": " 25",
    "SMTP_TLS": "ssl",
    "SMTP_PLAINTEXT": "1",
    "SMTP_CA_FILE": "{}",
    "SMTP_PASSWORD_FILE": "{}",
    "JWKS_URL": "users:8080",
    "USER_SERVICE_URL": "users:8080",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
    "OTEL_EXPORTER_OTLP_CERTIFICATE": "{}",
    "OTEL_TRACES_SAMPLER": "jaeger_remote",
    "OTEL_TRACES_SAMPLER_ARG": "10%",
    "LOG_LEVEL": "loud",
    "IO_THREADS": "-1",
}
ANY_TEXT = {
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "DB_NAME",
    "DB_USER",
    "REDIS_USER",
    "RABBITMQ_USER",
    "RABBITMQ_VHOST",
    "SMTP_USERNAME",
    "OTEL_SERVICE_NAME",
    "MICRO_SAYUR_DATA",
}


def bad_values(program: str, absent) -> dict[str, str]:
    return {name: BAD_VALUES[name].format(absent) for name in variables(program) if name in BAD_VALUES}


@pytest.fixture(params=PROGRAMS)
def program(request):
    return binary(request, request.param)


@pytest.fixture(params=SERVICES)
def service(request):
    return binary(request, request.param)


@pytest.fixture
def user_service(request):
    return binary(request, "user-service")


def test_help_and_the_table_know_the_same_variables(request):
    listed = {name: set(variables(binary(request, name))) for name in PROGRAMS}
    assert set().union(*listed.values()) == set(BAD_VALUES) | ANY_TEXT
    assert not [name for name in listed["micro-sayur"] if name.startswith(("DB_", "REDIS_", "RABBITMQ_", "SMTP_"))]


def test_bad_values_are_told_together(program, tmp_path):
    bad = bad_values(program, tmp_path / "absent")
    if program.endswith("micro-sayur"):  # makes the folder
        del bad["JWT_KEYS_DIR"]
    told = faults(run(program, MICRO_SAYUR_DATA=str(tmp_path / "data"), **bad))
    assert not set(bad) - told
    assert not (tmp_path / "data").exists(), "nothing was begun"


def test_a_control_character_is_a_fault_in_every_text(program):
    broken = dict.fromkeys(ANY_TEXT & set(variables(program)), "one\ntwo")
    assert set(broken) <= faults(run(program, **broken))


def test_without_a_database_host_it_does_not_start(service):
    """Only micro-sayur links the embedded stores: the services cannot fall back to them."""
    assert "DB_HOST" in faults(run(service))


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "10.0.0.0/8,::/0"])
def test_not_every_client_is_a_proxy(program, everybody):
    assert "TRUSTED_PROXIES" in faults(run(program, TRUSTED_PROXIES=everybody))


PLAIN = {
    "DB": ("DB_SSLMODE", "verify-full"),
    "REDIS": ("REDIS_TLS", "true"),
    "RABBITMQ": ("RABBITMQ_TLS", "true"),
    "SMTP": ("SMTP_TLS", "tls"),
}


@pytest.mark.parametrize("server", PLAIN)
def test_plaintext_is_refused_in_production_unless_it_is_allowed_by_name(request, server):
    program = binary(request, "notification-service")
    cause, secure = PLAIN[server]
    plain = {"DB_SSLMODE": "require", "SMTP_TLS": "none"}
    refused = run(program, **plain)
    assert cause in faults(refused)
    assert f"or {server}_PLAINTEXT=allowed" in refused.stderr
    for right in ({cause: secure}, {f"{server}_PLAINTEXT": "allowed"}, {"APP_ENV": "development"}):
        assert cause not in faults(run(program, **(plain | right))), right


@pytest.mark.parametrize("host", ["/run/postgresql", "@abstract"])
def test_a_unix_socket_needs_no_tls(user_service, host):
    assert not {"DB_HOST", "DB_SSLMODE"} & faults(run(user_service, DB_HOST=host))


WRONG_LISTS = {
    "db,other,DB": '"DB" is there more than once; name each server once',
    "/run/postgresql,/run/postgresql": '"/run/postgresql" is there more than once',
    ",".join(["127.0.0.1"] * 100): "names 100 servers; name 16 at most",
    ",".join(f"127.0.0.{number}" for number in range(1, 18)): "names 17 servers",
}


@pytest.mark.parametrize("variable", ["DB_HOST", "DB_REPLICA_HOSTS"])
@pytest.mark.parametrize("servers", WRONG_LISTS)
def test_a_list_of_servers_names_each_once_and_16_at_most(user_service, variable, servers):
    told = run(user_service, **{variable: servers}).stderr.splitlines()
    (line,) = [line for line in told if line.startswith(f"  {variable}: ")]
    assert WRONG_LISTS[servers] in line


def test_a_list_of_16_servers_is_taken(user_service):
    servers = ",".join(["/run/a", "/run/A", *(f"db{number}" for number in range(14))])
    told = faults(run(user_service, DB_HOST=servers, DB_REPLICA_HOSTS=servers))
    assert not {"DB_HOST", "DB_REPLICA_HOSTS"} & told


def test_a_plain_secret_is_for_development_alone(service):
    plain = {"DB_PASSWORD": "very-plain-secret", "DB_HOST": "127.0.0.1"}
    done = run(service, **plain)
    assert done.returncode == EX_CONFIG
    assert "DB_PASSWORD" in done.stderr
    assert "very-plain-secret" not in done.stdout + done.stderr
    told = run(service, APP_ENV="development", **plain)
    assert "DB_PASSWORD" not in told.stderr


def test_a_secret_file_that_cannot_be_read_is_a_fault(user_service, tmp_path):
    (tmp_path / "empty").touch()
    for path in (tmp_path / "absent", tmp_path / "empty"):
        done = run(user_service, DB_PASSWORD_FILE=str(path))
        assert done.returncode == EX_CONFIG
        assert "DB_PASSWORD_FILE" in done.stderr


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


def test_a_port_in_use_is_told_with_its_address(stack):
    service = stack.user_service
    env = service.env | {"MICRO_SAYUR_DATA": str(stack.session.directory / "other"), "NOTIFICATION_HTTP_PORT": str(free_port())}
    done = service.try_run(env=env)
    assert faults(done) == {"HTTP_PORT"}
    assert f"127.0.0.1:{stack.user_port}" in done.stderr + done.stdout
    assert "in use" in (done.stderr + done.stdout).lower()


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


def test_a_file_of_authorities_without_a_certificate_is_refused(service, tmp_path):
    empty = tmp_path / "authorities.pem"
    empty.write_text("no certificate\n")
    for path, why in ((empty, "holds no certificate"), (tmp_path, "is a folder")):
        done = run(service, DB_CA_FILE=str(path))
        assert done.returncode == EX_CONFIG
        assert f"DB_CA_FILE: {path} {why}" in done.stderr

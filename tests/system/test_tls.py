# SPDX-License-Identifier: Apache-2.0
"""TLS to each of the four servers, with the authority that an operator names and no other."""

import ssl

import pytest
from aiosmtpd.smtp import AuthResult

from harness.certificates import make_certificates
from harness.client import Account, Api, new_email, new_password, token_of, wait_until
from harness.mail_sink import MailSink
from harness.processes import free_port
from harness.service import Service

pytestmark = [pytest.mark.mode("distributed"), pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")]

SMTP_USER, SMTP_PASSWORD = "mailer", "secret of the mailer"


def encrypted(stack, authority) -> dict[str, str]:
    """The variables by which a service speaks TLS to the three servers that both have."""
    servers = stack.servers
    return {
        "DB_HOST": "localhost",
        "DB_SSLMODE": "verify-full",
        "DB_CA_FILE": str(authority),
        "REDIS_TLS": "true",
        "REDIS_PORT": str(servers["redis"].tls_port),
        "REDIS_CA_FILE": str(authority),
        "RABBITMQ_HOST": "localhost",  # rabbitmq-c compares names only, not addresses
        "RABBITMQ_TLS": "true",
        "RABBITMQ_PORT": str(servers["rabbitmq"].tls_port),
        "RABBITMQ_CA_FILE": str(authority),
    }


def states(client) -> dict[str, str]:
    return client.get("/health").json()["services"]


def test_user_service_reaches_its_servers_over_tls(stack):
    with stack.instance(**encrypted(stack, stack.session.certificates.authority)) as secured:
        api = Api(secured, user_url=secured.user_url)
        api.new_account()
        wait_until(lambda: set(states(api.user).values()) == {"healthy"}, 10, "all servers over TLS")
        sessions = "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where s.ssl and a.application_name like 'user%'"
        assert int(stack.servers["postgres"].run_sql(sessions)) > 0
        api.close()


def test_a_server_of_another_authority_is_not_trusted(stack):
    foreign = make_certificates(stack.session.directory / "foreign").authority
    own = stack.session.certificates.authority
    variables = encrypted(stack, foreign) | {"DB_CA_FILE": str(own)}
    with stack.instance(**variables) as doubtful:
        api = Api(doubtful, user_url=doubtful.user_url)
        expected = {"database": "healthy", "redis": "unhealthy", "rabbitmq": "unhealthy"}
        wait_until(lambda: states(api.user).items() >= expected.items(), 10, "the distrust")
        assert api.register(new_email(), new_password()).status_code == 202, "the outbox keeps the event"
        api.close()


def test_a_database_of_another_authority_is_not_trusted(stack):
    foreign = make_certificates(stack.session.directory / "foreign").authority
    port = free_port()
    variables = {"DB_HOST": "localhost", "DB_SSLMODE": "verify-full", "DB_CA_FILE": str(foreign), "HTTP_PORT": str(port)}
    service = Service(stack.session, stack.user_service.program, stack.user_service.env | variables, [port])
    service.start(wait=False)
    try:
        wait_until(lambda: "certificate verify failed" in service.log_text(), 10, "the reason in the log")
        assert not service.is_ready(port)
    finally:
        assert service.stop() == 0


def check_login(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (SMTP_USER.encode(), SMTP_PASSWORD.encode()))


@pytest.fixture(params=["starttls", "tls"])
def guarded_sink(request, stack):
    """A mail server that takes mails only over TLS and after a login; the mode of TLS."""
    certificates = stack.session.certificates
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.certificate, certificates.key)
    upgraded = request.param == "starttls"
    options = {"tls_context": context, "require_starttls": True} if upgraded else {"ssl_context": context}
    sink = MailSink(authenticator=check_login, auth_required=True, auth_require_tls=upgraded, **options)
    sink.start()
    yield request.param, sink
    sink.stop()


def test_mails_go_out_over_tls_after_a_login(stack, guarded_sink):
    """All that notification-service stands on, in both ways of encrypted mail."""
    kind, sink = guarded_sink
    authority = stack.session.certificates.authority
    service = stack.notification_service
    kept = service.env
    assert service.stop() == 0
    service.env = (
        kept
        | encrypted(stack, authority)
        | {
            "SMTP_HOST": "localhost",
            "SMTP_PORT": str(sink.port),
            "SMTP_TLS": kind,
            "SMTP_CA_FILE": str(authority),
            "SMTP_USERNAME": SMTP_USER,
            "SMTP_PASSWORD_FILE": stack.secret_file("smtp-password", SMTP_PASSWORD),
        }
    )
    api = Api(stack)
    try:
        service.start()
        made = Account(new_email(), new_password(), "Siti")
        assert api.register(made.email, made.password).status_code == 202
        (mail,) = wait_until(lambda: sink.to(made.email), 20, "the mail over TLS")
        assert api.verify(token_of({"text": mail.part("plain")}), made.password).status_code == 200
        assert stack.mails(made.email) == []
        wait_until(lambda: set(states(api.notification).values()) == {"healthy"}, 10, "all servers over TLS")
    finally:
        api.close()
        service.stop()
        service.env = kept
        service.start()

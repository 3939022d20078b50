# SPDX-License-Identifier: Apache-2.0
"""The services' users of RabbitMQ, told by the one user that Amazon MQ makes."""

from __future__ import annotations

import pika
import pytest

from harness.packages import REPOSITORY
from harness.processes import Session, free_port
from harness.rabbitmq import RabbitMQ
from harness.server_users import SERVICES


class AsAmazonMakesIt(RabbitMQ):
    user = "micro_sayur"
    plugins = "rabbitmq_management"

    def __init__(self, session: Session) -> None:
        self.management_port = free_port()
        super().__init__(session, {"management.tcp.ip": "127.0.0.1", "management.tcp.port": str(self.management_port)})

    def _definitions(self) -> dict:
        made = super()._definitions()
        own = made["users"][-1], made["permissions"][-1]
        return {"vhosts": made["vhosts"], "users": [own[0]], "permissions": [own[1]]}


@pytest.fixture(scope="module")
def broker():
    with Session() as session:
        running = AsAmazonMakesIt(session)
        running.start()
        yield running


@pytest.fixture
def tell(broker, workspace, tmp_path):
    def run(passwords: dict[str, str], code: int = 0) -> str:
        for name, password in passwords.items():
            (tmp_path / name).write_text(password + "\n")
        script = REPOSITORY / "tools/aws/broker_users.sh"
        return workspace.run(
            script, tmp_path, f"http://127.0.0.1:{broker.management_port}", "--retry", "5", "--retry-connrefused", code=code
        )

    return run


def log_in(broker, user: str, password: str) -> None:
    parameters = pika.ConnectionParameters(broker.host, broker.port, broker.vhost, pika.PlainCredentials(user, password))
    pika.BlockingConnection(parameters).close()


def test_a_missing_secret(tell):
    assert "there is no" in tell({"rabbitmq_password": "x"}, 64)


def test_the_services_get_in_and_a_changed_password_is_told_again(broker, tell):
    tell({"rabbitmq_password": broker.password, **broker.service_passwords})
    changed = {name: password + "x" for name, password in broker.service_passwords.items()}
    for user in SERVICES:
        log_in(broker, user, broker.service_passwords[f"{user}_rabbitmq_password"])
    tell({"rabbitmq_password": broker.password, **changed})
    for user in SERVICES:
        log_in(broker, user, changed[f"{user}_rabbitmq_password"])
        with pytest.raises(pika.exceptions.ProbableAuthenticationError):
            log_in(broker, user, broker.service_passwords[f"{user}_rabbitmq_password"])


def test_a_wrong_login_changes_nothing(broker, tell):
    said = tell({"rabbitmq_password": "wrong", **broker.service_passwords}, 1)
    assert "RabbitMQ was not told" in said
    assert "wrong" not in said.replace("wrong login", "")

# SPDX-License-Identifier: Apache-2.0
"""What nobody could take is given to the consumer once more, by the command of the runbook."""

from __future__ import annotations

import re
import shlex

from harness.client import wait_until
from harness.packages import REPOSITORY

RUNBOOK = REPOSITORY / "docs" / "operations" / "runbooks" / "DeadLetters.md"
QUEUE = "notification-service.dead-letter"


def command_of_runbook() -> list[str]:
    """Without its first words, `./sayur compose exec rabbitmq`."""
    (command,) = re.findall(r"exec rabbitmq (rabbitmqctl set_parameter shovel .*)", RUNBOOK.read_text())
    return shlex.split(command)


def test_dead_letters_are_given_back(stack):
    broker = stack.servers["rabbitmq"]

    def messages() -> int:
        lines = broker.execute("rabbitmqctl", "--quiet", "list_queues", "name", "messages").splitlines()
        return next(int(line.split()[1]) for line in lines if line.split()[0] == QUEUE)

    def refused() -> int:
        return sum(line.get("cloudevent.outcome") == "malformed" for line in stack.services["notification-service"].log_lines())

    stack.publish("user.registered", "this is no event at all")
    wait_until(lambda: messages() == 1, 30, "a dead letter")
    before = refused()
    broker.execute(*command_of_runbook())
    wait_until(lambda: refused() > before, 30, "the message before the consumer again")
    wait_until(lambda: messages() == 1, 30, "the message among the dead letters again")
    wait_until(lambda: broker.execute("rabbitmqctl", "--quiet", "list_parameters").strip() == "", 30, "the end of the shovel")
    broker.execute("rabbitmqctl", "purge_queue", QUEUE)

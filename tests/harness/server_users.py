# SPDX-License-Identifier: Apache-2.0
"""The users that the deployments make in Redis and RabbitMQ: the tests run with their rights and no others."""

from __future__ import annotations

import re
import secrets

from .packages import REPOSITORY

SERVICES = ("user_service", "notification_service")
USERS = (*SERVICES, "exporter")


def service_passwords(server: str) -> dict[str, str]:
    """Fresh ones, by the names that the templates of deployments/compose have for them."""
    return {f"{user}_{server}_password": secrets.token_hex(16) for user in USERS}


def fill_in(template: str, passwords: dict[str, str]) -> str:
    text = (REPOSITORY / "deployments/compose" / template).read_text()
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#"))
    return re.sub(r"{{ \.([a-z_]+) }}", lambda found: passwords[found[1]], text)

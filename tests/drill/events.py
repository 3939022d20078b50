# SPDX-License-Identifier: Apache-2.0
"""What became of the events, and of the mails that follow from them, when RabbitMQ and Redis were lost with the database."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

# A mail is out before the database knows that it is: so much later at most, under load.
NOTED_SECONDS = 5.0
SURVIVING = "select email_key from user_service.registrations"
LAST_COMMIT = "select extract(epoch from pg_last_xact_replay_timestamp())"


@dataclass
class Consequences:
    """Of the registrations whose commit survived. Times are seconds before the loss."""

    registrations: int = 0
    without_mail: list[str] = field(default_factory=list)
    twice: list[float] = field(default_factory=list)  # when its first mail went out, of each that was mailed again
    other_ids: list[str] = field(default_factory=list)  # mailed again under another Message-ID
    lost_seconds: float = 0.0  # between the last commit that survived and the loss

    @property
    def faults(self) -> list[str]:
        found = [f"{email}: its commit survived, and no mail came" for email in self.without_mail[:10]]
        found += [f"{email}: mailed under several Message-IDs" for email in self.other_ids[:10]]
        early = [f"{before:.1f}" for before in self.twice if before > self.lost_seconds + NOTED_SECONDS]
        if early:
            found.append(f"mailed again, though the first mail was out {', '.join(early[:10])} s before the loss")
        return found

    def __str__(self) -> str:
        return (
            f"{self.registrations} registrations survived, {len(self.without_mail)} of them without their mail;"
            f" {len(self.twice)} were mailed twice, {len(self.other_ids)} of them under another Message-ID; the first mail was out"
            f" {max(self.twice, default=0.0):.1f} s before the loss, the last commit that survived was {self.lost_seconds:.1f} s before it"
        )


def last_commit(database) -> float:
    """Of what was restored, in seconds since 1970."""
    return float(database.run_sql(LAST_COMMIT))


def survivors(database) -> list[str]:
    """The drill's registrations that are there and that nobody has confirmed."""
    return [email for email in database.run_sql(SURVIVING).splitlines() if email.startswith("drill")]


def reckon(mails: list, surviving: list[str], killed_at: float, restored_to: float) -> Consequences:
    """`killed_at` on the monotonic clock, `restored_to` in seconds since 1970."""
    killed_wall = datetime.now().timestamp() - (time.monotonic() - killed_at)
    result = Consequences(registrations=len(surviving), lost_seconds=max(0.0, killed_wall - restored_to))
    by_address: dict[str, list] = {}
    for mail in mails:
        for address in mail.recipients:
            by_address.setdefault(address, []).append(mail)
    for email in surviving:
        own = by_address.get(email, [])
        if not own:
            result.without_mail.append(email)
        if len(own) > 1:
            result.twice.append(max(0.0, killed_at - own[0].received_at))
        if len({mail.message["Message-ID"] for mail in own}) > 1:
            result.other_ids.append(email)
    return result

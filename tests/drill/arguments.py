# SPDX-License-Identifier: Apache-2.0
"""What ./sayur drill is told: it is read before anything is built, by Python's own library alone."""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile

BYTES_A_USER, BYTES_BESIDE = 8_000, 1 << 30  # the database, two repositories, WAL, and what is restored


def read() -> argparse.Namespace:
    """Ends the program with code 2 when something is wrong, with all that is wrong on standard error."""
    parser = argparse.ArgumentParser(prog="./sayur drill", description="Loses a database under load, and restores it.", allow_abbrev=False)
    parser.add_argument("--users", type=_users, default=1_000_000, metavar="N", help="how many there are (default: a million)")
    parser.add_argument("--wal-seconds", type=_seconds, default=3600.0, metavar="S", help="of writing after the backup (default: an hour)")
    parser.add_argument("--repository", type=int, choices=(1, 2), default=1, help="which one is restored from")
    parser.add_argument("--everything", action="store_true", help="RabbitMQ and Redis are lost too; events come out of the outbox again")
    parser.add_argument(
        "--to",
        type=_seconds,
        default=5.0,
        metavar="T",
        help="how long before its loss is the moment of the second restore (default: 5)",
    )
    parser.add_argument("--preset", default="release", help=argparse.SUPPRESS)  # of the tests: whose binaries
    given = parser.parse_args()
    free, wanted = shutil.disk_usage(tempfile.gettempdir()).free, given.users * BYTES_A_USER + BYTES_BESIDE
    if free < wanted:
        parser.error(
            f"{given.users} users take {wanted / 2**30:.0f} GiB, and {tempfile.gettempdir()} has {free / 2**30:.0f} GiB:"
            " fewer users, or another folder by TMPDIR"
        )
    return given


def _users(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 100_000_000:
        raise argparse.ArgumentTypeError(f'"{text}" is no number from 1 to 100000000')
    return number


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 1 <= number <= 86_400:
        raise argparse.ArgumentTypeError(f'"{text}" is no number of seconds from 1 to 86400')
    return number


if __name__ == "__main__":
    read()
    sys.exit(0)

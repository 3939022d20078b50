# SPDX-License-Identifier: Apache-2.0
"""The levels that Prometheus has recorded (tools/observability/status_rules.py)."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import urllib.parse

from status_history import STATES, THINGS, Reading

# A window, since an instant query repeats for five minutes what was recorded once, and hides when that was.
QUERY = "status:level[2m]"
# Four evaluations of the rules: whatever is older, or comes from the future, is nobody's state of now.
FRESH_SECONDS = 60
FUTURE_SECONDS = 2  # rounded, and by another machine's clock
TIMEOUT_SECONDS = 5
LONGEST_ANSWER = 256 * 1024


class NoAnswer(Exception):
    """Prometheus cannot be asked, or says something else than it should."""


def ask(url: str) -> object:
    at = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
    connection = kind(at.hostname or "", at.port, timeout=TIMEOUT_SECONDS)
    late = None
    try:
        connection.connect()
        late = threading.Timer(TIMEOUT_SECONDS, hang_up, [connection.sock])
        late.start()
        connection.request("GET", f"{at.path.rstrip('/')}/api/v1/query?{urllib.parse.urlencode({'query': QUERY})}")
        answer = connection.getresponse()
        body = answer.read(LONGEST_ANSWER + 1)
        if answer.status != 200 or len(body) > LONGEST_ANSWER:
            raise NoAnswer(f"Prometheus answered {answer.status} with {len(body)} bytes")
        return json.loads(body)
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as fault:
        raise NoAnswer(f"Prometheus did not answer: {fault}") from fault
    finally:
        if late:
            late.cancel()
        connection.close()


def hang_up(on: socket.socket) -> None:
    """A socket's own time-out is for each read: this ends an answer that drips."""
    with contextlib.suppress(OSError):
        on.shutdown(socket.SHUT_RDWR)


def readings(answer: object, now: int) -> dict[str, Reading]:
    """The newest state of each thing that has a fresh one. Two Prometheis may record the same thing: the worse one counts."""
    try:
        if answer["status"] != "success":
            raise NoAnswer(f"Prometheus answered {answer['status']!r}")
        found: dict[str, Reading] = {}
        for series in answer["data"]["result"]:
            thing = series["metric"].get("thing")
            recorded = [(round(float(at)), str(level)) for at, level in series["values"]]
            if not recorded:
                raise ValueError("a series without samples")
            at, level = max((each for each in recorded if each[0] <= now + FUTURE_SECONDS), default=(0, ""))
            if thing not in THINGS or level not in ("0", "1", "2") or not now - FRESH_SECONDS <= at <= now + FUTURE_SECONDS:
                continue
            state = STATES[int(level)]
            if thing not in found or STATES.index(found[thing].state) < int(level):
                found[thing] = Reading(state, at)
        return found
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as fault:
        raise NoAnswer(f"Prometheus answered what is no answer to a query: {fault!r}") from fault

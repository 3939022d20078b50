# SPDX-License-Identifier: Apache-2.0
"""Whether an address is known shows neither in status nor in body nor in time."""

import statistics
import time

import pytest

from harness.client import Api, new_email, new_password

PAIRS = 15
FACTOR = 1.6  # a hash is most of the time; leaving it out would show as a factor of five and more


def without_ids(answer) -> tuple:
    varying = {"date", "x-request-id", "traceparent", "content-length"}
    body = {k: v for k, v in answer.json().items() if k != "request_id"}
    return answer.status_code, body, {k: v for k, v in answer.headers.items() if k not in varying}


def login(api, email):
    return api.login(email, new_password())


def register(api, email):
    return api.register(email, new_password())


def forgot_password(api, email):
    return api.forgot_password(email)


def resend(api, email):
    return api.resend(email, new_password())


@pytest.mark.parametrize("act", [login, register, forgot_password, resend])
def test_known_and_unknown_addresses_look_alike(stack, act):
    # The throttle allows four failures an account: several known ones share the attempts.
    api = Api(stack)
    known = [api.new_account(log_in=False).email for _ in range(5)]
    times: dict[bool, list[float]] = {True: [], False: []}
    looks = []
    for number in range(2 * PAIRS):
        is_known = (number % 4) in (0, 3)  # A-B-B-A
        email = known[number % len(known)] if is_known else new_email()
        started = time.perf_counter()
        answer = act(api, email)
        times[is_known].append(time.perf_counter() - started)
        looks.append(without_ids(answer))
    api.close()
    assert all(look == looks[0] for look in looks)
    of_known, of_unknown = (statistics.median(times[is_known]) for is_known in (True, False))
    # Below a millisecond or two it is the machine that is measured.
    assert max(of_known, of_unknown) < FACTOR * min(of_known, of_unknown) + 0.002, f"known {of_known:.4f} s, unknown {of_unknown:.4f} s"


@pytest.mark.parametrize("act", [login, resend])
def test_pending_registrations_look_like_unknown_addresses(stack, act):
    api = Api(stack)
    waiting = [api.new_registration()[0].email for _ in range(5)]
    times: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * PAIRS):
        is_waiting = (number % 4) in (0, 3)
        email = waiting[number % len(waiting)] if is_waiting else new_email()
        started = time.perf_counter()
        act(api, email)
        times[is_waiting].append(time.perf_counter() - started)
    api.close()
    of_waiting, of_unknown = (statistics.median(times[each]) for each in (True, False))
    assert max(of_waiting, of_unknown) < FACTOR * min(of_waiting, of_unknown) + 0.002, (
        f"waiting {of_waiting:.4f} s, unknown {of_unknown:.4f} s"
    )

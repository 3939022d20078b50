# SPDX-License-Identifier: Apache-2.0
"""Whether the time of the answer to forgot-password tells if an address has an account."""

import http.client
import json
import random
import time

from harness.client import Api, new_email

REQUESTS = 20_000
KNOWN = 50


def area_under_curve(ones: list[float], others: list[float]) -> float:
    """The chance that one of `ones` is larger than one of `others` (Mann-Whitney); 0.5 when the two cannot be told apart."""
    ranked = sorted([(value, True) for value in ones] + [(value, False) for value in others])
    ranks = sum(rank for rank, (_, is_one) in enumerate(ranked, 1) if is_one)
    return (ranks - len(ones) * (len(ones) + 1) / 2) / (len(ones) * len(others))


def test_the_time_of_the_answer_tells_nothing(stack):
    api = Api(stack)
    known = [api.new_account(log_in=False).email for _ in range(KNOWN)]
    connection = http.client.HTTPConnection("127.0.0.1", stack.user_port, source_address=(api.address, 0))
    headers = {"Content-Type": "application/json"}
    times: dict[bool, list[float]] = {True: [], False: []}
    order = [True, False] * (REQUESTS // 2)
    random.shuffle(order)
    for is_known in order:
        # Addresses of one length each: the body must not tell.
        body = json.dumps({"email": random.choice(known) if is_known else new_email()})
        started = time.perf_counter()
        connection.request("POST", "/api/v1/auth/forgot-password", body, headers)
        answer = connection.getresponse()
        answer.read()
        times[is_known].append(time.perf_counter() - started)
        assert answer.status == 202
    connection.close()
    api.close()
    area = area_under_curve(times[True], times[False])
    print(f"forgot-password: AUC {area:.4f} over {REQUESTS} interleaved requests ({stack.mode})")
    assert abs(area - 0.5) <= 0.02

# SPDX-License-Identifier: Apache-2.0
"""The header Idempotency-Key: the same request happens once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

from harness.client import Api, expect_problem, new_email, new_password


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def test_the_same_body_is_answered_the_same_and_happens_once(api, stack):
    email, password, headers = new_email(), new_password(), key()
    first = api.register(email, password, headers=headers)
    again = api.register(email, password, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content) == (202, first.content)
    stack.wait_for_mails(email)
    api.settle()
    assert len(stack.mails(email)) == 1


def test_another_body_under_the_same_key_is_refused(api, stack):
    email, password, headers = new_email(), new_password(), key()
    assert api.register(email, password, headers=headers).status_code == 202
    expect_problem(api.register(email, new_password(), headers=headers), "idempotency_key_reused")
    other = new_email()
    expect_problem(api.register(other, password, headers=headers), "idempotency_key_reused")
    api.settle()
    assert stack.mails(other) == []


def test_a_key_covers_a_known_address_as_well(api, stack):
    known = api.new_account(log_in=False)
    password, headers = new_password(), key()
    answers = [api.register(known.email, password, headers=headers) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, b'{"status":"verification_required"}')}
    api.settle()
    assert len(stack.mails(known.email)) == 2, "the verification mail and one that says that the account exists"


def test_a_refused_request_leaves_its_key_free(api):
    headers = key()
    expect_problem(api.register(new_email(), "password123", headers=headers), "validation_failed")
    assert api.register(new_email(), new_password(), headers=headers).status_code == 202


def test_requests_under_one_key_at_the_same_time_happen_once(stack):
    email, password, headers = new_email(), new_password(), key()

    def send(_):
        client = Api(stack)
        try:
            return client.register(email, password, headers=headers)
        finally:
            client.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert any(answer.status_code == 202 for answer in answers)
    for answer in answers:
        if answer.status_code == 409:
            expect_problem(answer, "idempotency_key_in_use")
            assert int(answer.headers["retry-after"]) >= 1
    client = Api(stack)
    assert client.register(email, password, headers=headers).status_code == 202
    client.settle()
    client.close()
    assert len(stack.mails(email)) == 1


def test_without_a_key_each_request_happens(api, stack):
    email, password = new_email(), new_password()
    for _ in range(2):
        assert api.register(email, password).status_code == 202
    assert len(stack.wait_for_mails(email, 2)) == 2


def test_the_key_outlives_a_restart(api, stack):
    email, password, headers = new_email(), new_password(), key()
    assert api.register(email, password, headers=headers).status_code == 202
    assert stack.user_service.stop() == 0
    stack.user_service.start()
    assert api.register(email, password, headers=headers).status_code == 202
    expect_problem(api.register(email, new_password(), headers=headers), "idempotency_key_reused")
    api.settle()
    assert len(stack.mails(email)) == 1

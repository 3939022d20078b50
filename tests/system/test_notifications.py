# SPDX-License-Identifier: Apache-2.0
"""The admin's view of notifications."""

import re
import uuid

import pytest

from harness.client import Account, Api, expect_problem, new_email, new_password, token_of, wait_until
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD


@pytest.fixture(scope="module")
def crowd(module_api):
    """The address of somebody with six notifications, all sent."""
    owner = Api(module_api.stack)  # of another address than the one that goes on: each may have five mails sent to somebody
    made = owner.new_account(log_in=False)
    owner.close()
    for _ in range(5):
        assert module_api.register(made.email, new_password()).status_code == 202
    module_api.stack.wait_for_mails(made.email, 6)
    return made


def sent_of(api, admin, email, count=1):
    """The notifications of an address once all are settled."""

    def look():
        items = api.notifications(admin, recipient=email).json()["items"]
        return items if len(items) == count and all(item["status"] == "sent" for item in items) else None

    return wait_until(look, 30, f"{count} sent notifications for {email}")


def test_only_admins_see_notifications(api, account):
    paths = [
        ("GET", "/api/v1/notifications"),
        ("GET", f"/api/v1/notifications/{uuid.uuid4()}"),
        ("POST", f"/api/v1/notifications/{uuid.uuid4()}/retry"),
    ]
    for method, path in paths:
        expect_problem(api.notification.request(method, path), "unauthenticated")
        expect_problem(api.notification.request(method, path, headers=account.bearer), "forbidden")


def test_after_a_logout_the_token_is_dead_within_a_second(api, admin):
    bearer = {"Authorization": f"Bearer {api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)['access_token']}"}
    assert api.notifications(bearer).status_code == 200
    assert api.logout(bearer).status_code == 204
    wait_until(lambda: api.notifications(bearer).status_code == 401, 1, "the end of the session")
    answer = api.notifications(bearer)
    expect_problem(answer, "unauthenticated")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert api.notifications(admin).status_code == 200


def test_a_notification_tells_what_became_of_it(api, admin):
    made = Account(new_email(), new_password(), "Siti")
    registered = api.register(made.email, made.password, locale="en")
    (item,) = sent_of(api, admin, made.email)
    assert item["recipient"] == made.email
    assert item["status"] == "sent"
    assert item["locale"] == "en"
    assert uuid.UUID(item["id"]).version == 7
    one = api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin)
    assert one.status_code == 200
    assert one.json()["id"] == item["id"]
    (attempt,) = one.json()["attempts"]
    assert attempt["number"] == 1
    assert attempt["started_at"] <= attempt["ended_at"]
    assert registered.headers["x-request-id"] in one.text


def test_neither_tokens_nor_links_are_shown(api, admin, stack):
    made, verification = api.new_registration()
    assert api.verify(verification).status_code == 200
    assert api.forgot_password(made.email).status_code == 202
    reset = token_of(stack.wait_for_mails(made.email, 2)[0])
    items = sent_of(api, admin, made.email, 2)
    texts = [api.notifications(admin, recipient=made.email).text]
    texts += [api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin).text for item in items]
    for text in texts:
        for secret in (verification, reset, "token=", made.password):
            assert secret not in text


def test_a_list_is_newest_first_and_filters(api, admin, crowd):
    items = sent_of(api, admin, crowd.email, 6)
    assert [item["created_at"] for item in items] == sorted((item["created_at"] for item in items), reverse=True)
    assert {item["recipient"] for item in items} == {crowd.email}
    upper = api.notification.get(f"/api/v1/notifications?recipient=%20{crowd.email.upper()}%20", headers=admin).json()["items"]
    assert [item["id"] for item in upper] == [item["id"] for item in items]
    both = api.notifications(admin, recipient=crowd.email, status="sent").json()["items"]
    assert len(both) == 6
    assert api.notifications(admin, recipient=crowd.email, status="failed").json() == {"items": [], "next_cursor": None}
    assert api.notifications(admin, recipient=new_email()).json() == {"items": [], "next_cursor": None}


def test_pages_join_without_gap_or_repetition(api, admin, crowd):
    whole = [item["id"] for item in sent_of(api, admin, crowd.email, 6)]
    paged, cursor = [], None
    for _ in range(4):
        query = {"recipient": crowd.email, "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = api.notifications(admin, **query).json()
        paged += [item["id"] for item in page["items"]]
        assert len(page["items"]) <= 2
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert paged == whole


def test_the_link_header_leads_to_the_next_page(api, admin, crowd):
    whole = [item["id"] for item in sent_of(api, admin, crowd.email, 6)]
    first = api.notifications(admin, recipient=crowd.email, limit=4)
    match = re.fullmatch(r'<([^>]+)>; ?rel="?next"?', first.headers["link"])
    assert match, first.headers["link"]
    second = api.notification.get(first.request.url.join(match[1]), headers=admin)
    assert [item["id"] for item in second.json()["items"]] == whole[4:]
    assert "link" not in second.headers
    assert second.json()["next_cursor"] is None


def test_a_page_holds_fifty_unless_asked(api, admin):
    answer = api.notifications(admin)
    assert len(answer.json()["items"]) <= 50
    assert len(api.notifications(admin, limit=200).json()["items"]) <= 200


@pytest.mark.parametrize("limit", ["0", "201", "-1", "abc", "", "1.5", "99999999999999999999"])
def test_a_limit_beyond_its_range_is_a_fault(api, admin, limit):
    answer = api.notifications(admin, limit=limit)
    assert "limit" in [error["field"] for error in expect_problem(answer, "validation_failed")["errors"]]


@pytest.mark.parametrize("cursor", ["nonsense", "", "%00", "A" * 2000, "eyJpZCI6MX0"])
def test_a_cursor_that_is_not_ours_is_refused(api, admin, cursor):
    expect_problem(api.notifications(admin, cursor=cursor), "invalid_cursor")


def test_an_unknown_status_is_a_fault(api, admin):
    answer = api.notifications(admin, status="lost")
    assert [error["field"] for error in expect_problem(answer, "validation_failed")["errors"]] == ["status"]


@pytest.mark.past_the_gateway("it refuses a NUL in a path by itself")
@pytest.mark.parametrize("identity", [str(uuid.UUID(int=7)), "nonsense", "..", "%00"])
def test_an_unknown_notification_is_not_found(api, admin, identity):
    expect_problem(api.notification.get(f"/api/v1/notifications/{identity}", headers=admin), "not_found")
    expect_problem(api.notification.post(f"/api/v1/notifications/{identity}/retry", headers=admin), "not_found")


def test_a_sent_notification_has_been_erased_and_cannot_be_retried(api, admin, stack):
    made, _ = api.new_registration()
    (item,) = sent_of(api, admin, made.email)
    expect_problem(api.notification.post(f"/api/v1/notifications/{item['id']}/retry", headers=admin), "content_erased")
    api.settle()
    assert len(stack.mails(made.email)) == 1


@pytest.mark.mode("distributed")
def test_a_refused_mail_has_failed_and_is_sent_when_an_admin_retries(api, admin, repaired):
    """5xx: no further attempt by itself."""
    made = Account(new_email(), new_password(), "Siti")
    repaired.sink.reject = "550 no such user"
    assert api.register(made.email, made.password).status_code == 202

    def failed():
        items = api.notifications(admin, recipient=made.email, status="failed").json()["items"]
        return items[0] if items else None

    item = wait_until(failed, 30, "the failure")
    one = api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin).json()
    assert len(one["attempts"]) == 1
    assert "550" in one["attempts"][0]["detail"]
    repaired.sink.reject = None
    answer = api.notification.post(f"/api/v1/notifications/{item['id']}/retry", headers=admin)
    assert answer.status_code in (200, 202, 204)
    assert api.verify(token_of(repaired.wait_for_mails(made.email)[0]), made.password).status_code == 200
    expect_problem(api.notification.post(f"/api/v1/notifications/{item['id']}/retry", headers=admin), "content_erased")


@pytest.mark.mode("distributed")
def test_a_mail_put_off_is_tried_again_and_pending_cannot_be_retried(api, admin, repaired):
    """4xx: attempts go on by themselves."""
    made = Account(new_email(), new_password(), "Siti")
    repaired.sink.reject = "451 come back later"
    assert api.register(made.email, made.password).status_code == 202

    def put_off():
        items = api.notifications(admin, recipient=made.email).json()["items"]
        one = items and api.notification.get(f"/api/v1/notifications/{items[0]['id']}", headers=admin).json()
        # Between two attempts: a slow reader may come while the next one runs.
        return one if one and one["status"] == "pending" and one["attempts"] and one["attempts"][0]["ended_at"] else None

    one = wait_until(put_off, 30, "the end of the first attempt")
    assert "451" in one["attempts"][0]["detail"]
    expect_problem(api.notification.post(f"/api/v1/notifications/{one['id']}/retry", headers=admin), "not_retryable")
    repaired.sink.reject = None
    assert len(repaired.wait_for_mails(made.email, 1, 60)) == 1
    (item,) = sent_of(api, admin, made.email)
    numbers = [
        attempt["number"] for attempt in api.notification.get(f"/api/v1/notifications/{item['id']}", headers=admin).json()["attempts"]
    ]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 2

# SPDX-License-Identifier: Apache-2.0
"""GET and PATCH /api/v1/profile."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.client import Api, expect_problem, faults_of, wait_until

FULL = {
    "name": "Dewi",
    "phone": "+628123456789",
    "address": "Jalan Melati 7\nBandung",
    "lat": -6.914744,
    "lng": 107.60981,
    "locale": "en",
}


@pytest.fixture
def owner(api):
    return api.new_account()


def test_a_profile_has_all_its_fields(api, owner):
    answer = api.profile(owner.bearer)
    assert answer.status_code == 200
    assert answer.json().keys() == {
        *("id", "email", "name", "phone", "address", "lat", "lng", "locale", "roles", "email_verified", "created_at", "updated_at")
    }
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["cache-control"] == "no-store"


def test_a_patch_changes_what_it_names_and_null_clears(api, owner):
    before = api.profile(owner.bearer).json()
    changed = api.patch_profile(owner.bearer, FULL)
    assert changed.status_code == 200
    assert {**before, **FULL, "updated_at": changed.json()["updated_at"]} == changed.json()
    assert changed.json()["updated_at"] > before["updated_at"]
    assert api.profile(owner.bearer).json() == changed.json()
    cleared = api.patch_profile(owner.bearer, {"phone": None, "lat": None, "lng": None}).json()
    assert (cleared["phone"], cleared["lat"], cleared["lng"]) == (None, None, None)
    assert (cleared["address"], cleared["name"]) == (FULL["address"], "Dewi")


@pytest.mark.parametrize("media_type", ["application/merge-patch+json", "application/json", "application/json; charset=utf-8"])
def test_both_media_types_are_taken(api, owner, media_type):
    answer = api.patch_profile(owner.bearer, {"name": "Made"}, **{"Content-Type": media_type})
    assert answer.json()["name"] == "Made"


def test_another_media_type_is_refused(api, owner):
    for media_type in ("application/json-patch+json", "text/plain", "application/x-www-form-urlencoded"):
        expect_problem(api.patch_profile(owner.bearer, {"name": "Made"}, **{"Content-Type": media_type}), "unsupported_media_type")


def test_an_empty_patch_is_no_fault(api, owner):
    before = api.profile(owner.bearer).json()
    after = api.patch_profile(owner.bearer, {}).json()
    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}


def test_the_etag_changes_with_the_profile_and_a_stale_one_is_refused(api, owner):
    first = api.profile(owner.bearer).headers["etag"]
    changed = api.patch_profile(owner.bearer, {"name": "Ketut"}, **{"If-Match": first})
    assert changed.status_code == 200
    second = changed.headers["etag"]
    assert second != first
    assert api.profile(owner.bearer).headers["etag"] == second
    expect_problem(api.patch_profile(owner.bearer, {"name": "Lost"}, **{"If-Match": first}), "precondition_failed")
    expect_problem(api.patch_profile(owner.bearer, {"name": "Lost"}, **{"If-Match": '"nonsense"'}), "precondition_failed")
    assert api.profile(owner.bearer).json()["name"] == "Ketut"
    assert api.patch_profile(owner.bearer, {"name": "Any"}, **{"If-Match": "*"}).status_code == 200
    assert api.patch_profile(owner.bearer, {"name": "None"}).status_code == 200


def test_an_unchanged_profile_is_not_sent_again(api, owner):
    etag = api.profile(owner.bearer).headers["etag"]
    answer = api.profile(owner.bearer, **{"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert api.profile(owner.bearer, **{"If-None-Match": '"other"'}).status_code == 200


def test_if_none_match_is_compared_as_rfc_9110_says(api, owner):
    etag = api.profile(owner.bearer).headers["etag"]
    for known in (f"W/{etag}", f'"other", {etag}', f'W/"other" , W/{etag}', "*"):
        answer = api.profile(owner.bearer, **{"If-None-Match": known})
        assert (answer.status_code, answer.headers["etag"]) == (304, etag), known
    lines = [*owner.bearer.items(), ("If-None-Match", '"other"'), ("If-None-Match", etag)]
    assert api.user.get("/api/v1/profile", headers=lines).status_code == 304
    for unknown in ('"other"', 'W/"other", "more"', f'"{etag[1:-1]},"'):
        assert api.profile(owner.bearer, **{"If-None-Match": unknown}).status_code == 200, unknown


@pytest.mark.parametrize("malformed", ["x", "1", '"1', "'1'", '"a" "b"', '*, "1"', ""])
def test_what_is_no_entity_tag_is_malformed_and_not_changed(api, owner, malformed):
    answer = api.patch_profile(owner.bearer, {"name": "Lost"}, **{"If-Match": malformed})
    assert "if-match" in expect_problem(answer, "bad_request")["detail"]
    expect_problem(api.profile(owner.bearer, **{"If-None-Match": malformed}), "bad_request")
    assert api.profile(owner.bearer).json()["name"] != "Lost"


def test_if_match_takes_a_list_and_compares_strongly(api, owner):
    etag = api.profile(owner.bearer).headers["etag"]
    expect_problem(api.patch_profile(owner.bearer, {"name": "Lost"}, **{"If-Match": f"W/{etag}"}), "precondition_failed")
    assert api.patch_profile(owner.bearer, {"name": "Ketut"}, **{"If-Match": f'"other", {etag}'}).status_code == 200


def test_of_patches_on_one_version_exactly_one_succeeds(stack, api, owner):
    etag = api.profile(owner.bearer).headers["etag"]
    clients = [Api(stack) for _ in range(6)]

    def patch(number):
        return clients[number].patch_profile(owner.bearer, {"address": f"Number {number}"}, **{"If-Match": etag}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(patch, range(6)))
    for client in clients:
        client.close()
    assert answers == [200] + [412] * 5


def test_patches_of_different_fields_at_the_same_time_lose_nothing(stack, api, owner):
    changes = [{"name": "Nyoman"}, {"phone": "+62215550100"}, {"address": "Pasar Baru"}, {"lat": 1.5, "lng": 2.5}, {"locale": "en"}]
    clients = [Api(stack) for _ in changes]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda pair: pair[0].patch_profile(owner.bearer, pair[1]), zip(clients, changes, strict=True)))
    for client in clients:
        client.close()
    assert [answer.status_code for answer in answers] == [200] * 5
    profile = api.profile(owner.bearer).json()
    assert {name: profile[name] for change in changes for name in change} == {k: v for change in changes for k, v in change.items()}


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"name": None}, {"name": "required"}),
        ({"locale": None}, {"locale": "required"}),
        ({"name": ""}, {"name": "too_short"}),
        ({"name": "x" * 101}, {"name": "too_long"}),
        ({"name": "a\u0007b"}, {"name": "invalid_format"}),
        ({"phone": "call me"}, {"phone": "invalid_format"}),
        ({"phone": "1" * 33}, {"phone": "too_long"}),
        ({"address": "x" * 501}, {"address": "too_long"}),
        ({"phone": "12345"}, {"phone": "invalid_format"}),
        ({"address": "Jalan \u202e1"}, {"address": "invalid_format"}),
        ({"lat": 90.5, "lng": 1}, {"lat": "too_large"}),
        ({"lat": -90.5, "lng": 1}, {"lat": "too_small"}),
        ({"lat": 1.5}, {"lng": "required"}),
        ({"lng": None}, {"lat": "required"}),
        ({"lng": 181, "lat": 1e300}, {"lng": "too_large", "lat": "too_large"}),
        ({"lat": "1.5", "lng": 1}, {"lat": "wrong_type"}),
        ({"locale": "f_r"}, {"locale": "invalid_format"}),
        (
            {"name": 5, "phone": "call me", "lat": 91, "nmae": "x"},
            {"name": "wrong_type", "phone": "invalid_format", "lat": "too_large", "lng": "required", "nmae": "unknown_field"},
        ),
        ({"name": 5, "phone": [], "address": {}}, {"name": "wrong_type", "phone": "wrong_type", "address": "wrong_type"}),
    ],
)
def test_faults_are_named_by_field_and_change_nothing(api, account, changes, faults):
    before = api.profile(account.bearer).json()
    assert faults_of(api.patch_profile(account.bearer, changes)) == faults
    assert api.profile(account.bearer).json() == before


@pytest.mark.parametrize("field", ["email", "id", "roles", "email_verified", "created_at", "password", "version", "nmae"])
def test_fields_that_are_not_the_owners_to_change_are_unknown(api, account, field):
    assert faults_of(api.patch_profile(account.bearer, {field: "x"}), "unknown_field") == {field: "unknown_field"}


@pytest.mark.parametrize(
    "changes", [{"lat": 90, "lng": -180}, {"lat": -90, "lng": 180}, {"lat": 0, "lng": 0.1 + 0.2}, {"lat": 1e-300, "lng": 0}]
)
def test_coordinates_keep_their_value_at_the_limits(api, owner, changes):
    assert api.patch_profile(owner.bearer, changes).status_code == 200
    assert api.profile(owner.bearer).json().items() >= changes.items()


@pytest.mark.parametrize("typed", ["0812-3456-789", "62 812.3456.789", "+62 (812) 3456789"])
def test_a_telephone_number_is_kept_as_e164(api, owner, typed):
    assert api.patch_profile(owner.bearer, {"phone": typed}).json()["phone"] == "+628123456789"


@pytest.mark.parametrize(("locale", "accepted", "kept"), [("en-US", "", "en"), ("in", "", "id"), ("fr", "en-GB", "en"), ("fr", "", "id")])
def test_a_locale_is_looked_up(api, owner, locale, accepted, kept):
    headers = {**owner.bearer, "Accept-Language": accepted}
    assert api.patch_profile(headers, {"locale": locale}).json()["locale"] == kept


@pytest.mark.parametrize("body", ["[]", '"text"', "5", "null"])
def test_a_patch_that_is_no_object_is_refused(api, account, body):
    headers = {**account.bearer, "Content-Type": "application/merge-patch+json"}
    answer = api.user.patch("/api/v1/profile", content=body, headers=headers)
    assert list(faults_of(answer).values()) == ["wrong_type"]


def test_a_change_shows_in_the_next_login_and_in_later_mails(api, owner, stack):
    assert api.patch_profile(owner.bearer, {"name": "Komang", "locale": "en"}).status_code == 200
    assert api.must_log_in(owner.email, owner.password)["user"]["name"] == "Komang"
    assert api.forgot_password(owner.email).status_code == 202
    mail = stack.wait_for_mails(owner.email, 2)[0]
    assert mail["subject"] == "Reset your password"
    assert "Komang" in mail["text"]


@pytest.mark.mode("distributed")
def test_another_instance_shows_a_change_within_a_second(api, owner, stack):
    with stack.instance() as second:
        other = Api(stack, user_url=second.user_url)
        assert other.profile(owner.bearer).status_code == 200
        assert api.patch_profile(owner.bearer, {"name": "Gede"}).status_code == 200
        wait_until(lambda: other.profile(owner.bearer).json()["name"] == "Gede", 1.5, "the change at the other instance")
        other.close()

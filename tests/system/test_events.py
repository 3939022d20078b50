# SPDX-License-Identifier: Apache-2.0
"""The events between the services, seen by a bystander with a queue of its own, against contracts/*.schema.json."""

import json
import uuid

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from harness.broker import Bystander
from harness.client import Account, new_email, new_password
from harness.packages import REPOSITORY

pytestmark = pytest.mark.mode("distributed")

CONTRACTS = REPOSITORY / "contracts"
SCHEMAS = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in CONTRACTS.glob("*.schema.json")}


@pytest.fixture
def bystander(stack):
    made = Bystander(stack.servers["rabbitmq"])
    yield made
    made.close()


@pytest.fixture
def queue_name(bystander):
    """The dead-letter queue of notification-service, found by its exchange: a dead letter of our own shows where it goes."""
    return "notification-service.dead-letter"


def event_of(bystander, kind: str, email: str) -> tuple:
    method, properties, body = bystander.wait_for(lambda _, body: email.encode() in body and f'"type":"{kind}"'.encode() in body)
    return method, properties, json.loads(body)


def check(kind: str, method, properties, event) -> None:
    Draft202012Validator(SCHEMAS[kind], format_checker=FormatChecker()).validate(event)
    assert method.routing_key == kind
    assert properties.delivery_mode == 2
    assert properties.message_id == event["id"]
    assert properties.headers["traceparent"] == event["traceparent"]
    assert properties.headers["x-request-id"] == event["requestid"]
    assert uuid.UUID(event["id"]).version == 7
    assert event["subject"] == event["data"]["user_id"]


def test_every_kind_of_event_keeps_its_contract(api, stack, bystander):
    made = Account(new_email(), new_password(), "Siti Aminah")
    assert api.register(made.email, made.password, made.name, "en").status_code == 202
    requested = event_of(bystander, "user.email_verification_requested", made.email)
    link = requested[2]["data"]["link"]
    user = api.verify(link.partition("token=")[2], made.password).json()["user"]
    registered = event_of(bystander, "user.registered", made.email)
    assert api.register(made.email, new_password(), "Somebody").status_code == 202
    attempted = event_of(bystander, "user.registration_attempted", made.email)
    assert api.forgot_password(made.email).status_code == 202
    reset = event_of(bystander, "user.password_reset_requested", made.email)
    assert api.reset_password(reset[2]["data"]["link"].partition("token=")[2], new_password()).status_code == 200
    changed = event_of(bystander, "user.password_changed", made.email)

    events = [requested, registered, attempted, reset, changed]
    assert {event["type"] for _, _, event in events} == set(SCHEMAS) - {"user.deleted"}
    for method, properties, event in events:
        check(event["type"], method, properties, event)
        assert event["subject"] == user["id"]
        assert event["data"]["locale"] == "en"
        assert event["data"]["name"] == "Siti Aminah"
    sequences = [event["sequence"] for _, _, event in events]
    assert sequences == sorted(sequences)
    assert len(set(sequences)) == 5
    assert link == requested[2]["data"]["link"] == f"{stack.user_url}/verify-email?token={link.partition('token=')[2]}"


def test_the_longest_name_keeps_the_contract(api, bystander):
    name = "\U0001f44d\U0001f3fb\U000e0100\U000e0101" * 100  # of 100 grapheme clusters
    made = Account(new_email(), new_password(), name)
    assert api.register(made.email, made.password, made.name).status_code == 202
    method, properties, event = event_of(bystander, "user.email_verification_requested", made.email)
    check("user.email_verification_requested", method, properties, event)
    assert event["data"]["name"] == name


def test_user_deleted_keeps_its_contract_and_tells_nothing_personal(api, stack, bystander):
    made = api.new_account(log_in=False)
    registered = event_of(bystander, "user.registered", made.email)[2]
    stack.user_service.run("delete-account", made.email)
    method, properties, event = event_of(bystander, "user.deleted", made.id)
    check("user.deleted", method, properties, event)
    assert event["subject"] == made.id
    assert event["sequence"] > registered["sequence"]
    assert event["data"].keys() == {"user_id", "deleted_at"}


def test_no_event_holds_a_password(api, bystander):
    made = Account(new_email(), new_password(), "Siti")
    assert api.register(made.email, made.password).status_code == 202
    _, _, event = event_of(bystander, "user.email_verification_requested", made.email)
    text = json.dumps(event)
    assert made.password not in text
    assert "argon2" not in text


def test_a_mail_is_erased_once_it_is_sent(api, stack):
    api.new_registration()
    postgres = stack.servers["postgres"]
    assert postgres.run_sql("select count(*) from notification_service.notifications where status = 'sent' and data is not null") == "0"


def example(kind: str, **changed) -> dict:
    event = json.loads((CONTRACTS / "examples" / f"{kind}.json").read_text())
    event["id"] = str(uuid.uuid4())
    event["data"]["email"] = new_email("event")
    return {**event, **changed}


def test_an_event_that_arrives_twice_mails_once(api, stack, bystander):
    event = example("user.password_changed")
    for _ in range(3):
        bystander.publish(event["type"], event)
    stack.wait_for_mails(event["data"]["email"])
    marker = example("user.password_changed")
    bystander.publish(marker["type"], marker)
    stack.wait_for_mails(marker["data"]["email"])
    assert len(stack.mails(event["data"]["email"])) == 1


def test_unknown_fields_and_types_are_ignored(stack, bystander):
    unknown = example("user.password_changed", type="user.ate_a_carrot")
    bystander.publish(unknown["type"], unknown)
    bystander.publish("user.registered", {**unknown, "id": str(uuid.uuid4())})
    known = example("user.password_changed", colour="green")
    known["data"]["carrots"] = [1, 2, {"deep": None}]
    bystander.publish(known["type"], known)
    stack.wait_for_mails(known["data"]["email"])
    assert stack.mails(unknown["data"]["email"]) == []


def test_user_registered_mails_nothing(stack, bystander):
    registered = example("user.registered")
    bystander.publish("user.registered", registered)
    marker = example("user.password_changed")
    bystander.publish(marker["type"], marker)
    stack.wait_for_mails(marker["data"]["email"])
    assert stack.mails(registered["data"]["email"]) == []


def without(event: dict, *path: str) -> dict:
    target = event
    for name in path[:-1]:
        target = target[name]
    del target[path[-1]]
    return event


def hostile(field: str, value: str, kind: str = "user.password_changed") -> dict:
    event = example(kind)
    event["data"][field] = value
    return event


POISON = {
    "no JSON": lambda: b"{not json",
    "empty": lambda: b"",
    "no object": lambda: b"[]",
    "no UTF-8": lambda: b'{"id": "\xff"}',
    "without id": lambda: without(example("user.password_changed"), "id"),
    "id that is none": lambda: example("user.password_changed", id="7"),
    "without an address": lambda: without(example("user.password_changed"), "data", "email"),
    "without a link": lambda: without(example("user.email_verification_requested"), "data", "link"),
    "data of a wrong type": lambda: example("user.password_changed", data=7),
    "a name that would add a header": lambda: hostile("name", "Eve\r\nBcc: evil@example.net"),
    "an address that would add a recipient": lambda: hostile("email", "eve@example.com>\r\nRCPT TO:<evil@example.net"),
    "a link that is none": lambda: hostile("link", "javascript:alert(1)", "user.email_verification_requested"),
    "another specversion": lambda: example("user.password_changed", specversion="2.0"),
}


@pytest.mark.parametrize("what", POISON)
def test_a_poison_event_is_set_aside_with_the_reason_and_the_consumer_goes_on(stack, bystander, queue_name, what):
    poison = POISON[what]()
    kind = poison["type"] if isinstance(poison, dict) else "user.password_changed"
    mark = uuid.uuid4().hex
    bystander.publish(kind, poison, {"mark": mark})
    _, properties, body = bystander.wait_for(lambda properties, _: properties.headers.get("mark") == mark, queue_name)
    assert body == (poison if isinstance(poison, bytes) else json.dumps(poison).encode()), "set aside as it came"
    assert properties.headers["x-reason"]
    assert properties.headers["x-original-routing-key"] == kind
    good = example("user.password_changed")
    bystander.publish(good["type"], good)
    stack.wait_for_mails(good["data"]["email"])


def test_events_of_a_user_mail_only_through_quorum_queues(stack):
    """Arguments cannot change later: the queues are durable quorum queues, the exchange a durable topic exchange."""
    probe = Bystander(stack.servers["rabbitmq"])
    probe.channel.exchange_declare("micro-sayur", "topic", durable=True)  # fails unless it is exactly that
    probe.close()

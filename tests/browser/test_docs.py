# SPDX-License-Identifier: Apache-2.0
"""/docs of both services: schemas with their nested members and examples, and operations that can be tried with a token."""

import json

import pytest

from harness.client import Api
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

SERVICES = ["user-service", "notification-service"]


def open_docs(page, stack, service: str) -> None:
    at = {"user-service": stack.user_url, "notification-service": stack.notification_url}[service]
    page.goto(f"{at}/docs")
    page.wait_for_selector("article")


def operation(page, method: str, path: str):
    """The article under exactly this heading, its form opened."""
    heading = page.get_by_role("heading", level=2, name=f"{method}{path}", exact=True)
    article = page.locator("article").filter(has=heading)
    article.locator("details").last.locator("summary").click()
    return article


def send(article) -> str:
    article.locator("form button").click()
    answer = article.locator("pre.answer")
    answer.wait_for()
    return answer.inner_text()


@pytest.fixture
def api(stack):
    made = Api(stack)
    yield made
    made.close()


def test_an_operation_is_tried_with_the_token_of_the_login_before(page, stack, api):
    made = api.new_account(log_in=False)
    open_docs(page, stack, "user-service")
    login = operation(page, "POST", "/api/v1/auth/login")
    assert json.loads(login.locator("textarea").input_value())["email"] == "budi@example.com"
    login.locator("textarea").fill(json.dumps({"email": made.email, "password": made.password}))
    assert send(login).startswith("200")
    answer = send(operation(page, "GET", "/api/v1/profile"))
    assert answer.startswith("200")
    assert made.email in answer


def test_an_operation_is_tried_with_a_token_that_was_pasted(page, stack, api):
    made = api.new_account()
    open_docs(page, stack, "notification-service")
    of_one = operation(page, "GET", "/api/v1/notifications/{id}")
    of_one.get_by_label("id (path)").fill(made.id)
    assert send(of_one).startswith("401")
    page.locator("#token").fill(api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)["access_token"])
    page.locator("#token").blur()
    listing = operation(page, "GET", "/api/v1/notifications")
    listing.get_by_label("recipient (query)").fill(made.email)
    answer = send(listing)
    assert answer.startswith("200")
    assert made.email in answer
    (found, *_) = json.loads(answer[answer.index("{") :])["items"]
    of_one.get_by_label("id (path)").fill(found["id"])
    of_one.locator("form button").click()
    page.wait_for_function("(text) => document.body.innerText.includes(text)", arg='"attempts": [')


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_read_is_prose(page, stack, service):
    open_docs(page, stack, service)
    shown = page.locator("#operations").inner_text()
    assert "`" not in shown
    assert "∞" not in shown
    assert page.locator("#status").inner_text() == ""
    assert service in page.locator("#service").inner_text()
    assert page.title().startswith(f"{service} ")


@pytest.mark.parametrize("service", SERVICES)
def test_a_description_is_sentences_that_say_nothing_twice(page, stack, service):
    open_docs(page, stack, service)
    cells = [text.strip() for text in page.locator("article td:nth-child(3)").all_text_contents()]
    assert [text for text in cells if text]
    for text in filter(None, cells):
        assert text.endswith("."), text
        sentences = text.lower().rstrip(".").split(". ")
        assert len(set(sentences)) == len(sentences), text


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_api_says_is_marked_as_english(page, stack, service, language):
    open_docs(page, stack, service)
    assert page.locator("article > p").first.get_attribute("lang") == "en"
    assert page.locator("article td span[lang=en]").count() > 0
    assert page.get_by_text("tertulis dalam bahasa Inggris").count() == (1 if language == "id-ID" else 0)


@pytest.mark.parametrize("service", SERVICES)
def test_only_a_page_with_a_login_promises_to_fill_the_token_in(page, stack, service, language):
    open_docs(page, stack, service)
    promise = {"id-ID": "terisi sendiri", "en-GB": "filled in"}[language]
    assert (promise in page.locator("#token-hint").inner_text()) == (service == "user-service")


@pytest.mark.parametrize(
    ("service", "operation_of", "members"),
    [
        ("user-service", ("POST", "/api/v1/auth/login"), {"email", "user.id", "user.roles"}),
        ("notification-service", ("GET", "/api/v1/notifications"), {"items", "items[].recipient", "next_cursor"}),
    ],
)
def test_nested_members_are_listed(page, stack, service, operation_of, members):
    open_docs(page, stack, service)
    names = operation(page, *operation_of).locator("td:first-child code").all_inner_texts()
    assert members <= set(names)


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_of_the_document_is_there(page, stack, service):
    open_docs(page, stack, service)
    document = page.evaluate("fetch('openapi.json').then((answer) => answer.json())")
    wanted = [f"{method.upper()}{path}" for path, operations in document["paths"].items() for method in operations]
    assert sorted(page.locator("article h2").all_text_contents()) == sorted(wanted)


def test_a_document_that_cannot_be_had_is_said(page, stack):
    page.route("**/openapi.json", lambda route: route.fulfill(status=404, body="{}"))
    page.goto(f"{stack.notification_url}/docs")
    status = page.locator("#status.bad")
    status.wait_for()
    assert "HTTP 404" in status.inner_text()

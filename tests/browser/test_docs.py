# SPDX-License-Identifier: Apache-2.0
"""/docs: schemas with their nested members and examples, and operations that can be tried with a token."""

import json

from harness.client import Api


def operation(page, path: str):
    return page.locator("article").filter(has=page.locator("h2", has_text=path)).first


def send(article) -> str:
    article.locator("form button").click()
    answer = article.locator("pre.answer")
    answer.wait_for()
    return answer.inner_text()


def test_an_operation_is_tried_with_the_token_of_the_login_before(page, stack):
    api = Api(stack)
    made = api.new_account(log_in=False)
    api.close()
    page.goto(f"{stack.user_url}/docs")
    login = operation(page, "/api/v1/auth/login")
    login.locator("details").last.locator("summary").click()
    assert json.loads(login.locator("textarea").input_value())["email"] == "budi@example.com"
    login.locator("textarea").fill(json.dumps({"email": made.email, "password": made.password}))
    assert send(login).startswith("200")
    profile = operation(page, "/api/v1/profile")
    profile.locator("details").last.locator("summary").click()
    answer = send(profile)
    assert answer.startswith("200")
    assert made.email in answer


def test_what_is_read_is_prose(page, stack):
    page.goto(f"{stack.user_url}/docs")
    page.wait_for_selector("article")
    shown = page.locator("#operations").inner_text()
    assert "`" not in shown
    assert "∞" not in shown
    names = operation(page, "/api/v1/auth/login").locator("td:first-child code").all_inner_texts()
    assert {"email", "user.id", "user.roles"} <= set(names)

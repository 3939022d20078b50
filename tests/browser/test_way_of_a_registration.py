# SPDX-License-Identifier: Apache-2.0
"""What a person does: register, open the mail, confirm, log in, see the profile, log out; and choose a new password."""

import uuid

import pytest
from playwright.sync_api import expect

PASSWORD = "bayam-segar-tiap-pagi"
OTHER_PASSWORD = "kangkung-segar-tiap-sore"


@pytest.fixture
def address() -> str:
    return f"budi.{uuid.uuid4().hex}@example.com"


def register(page, stack, address: str) -> None:
    page.goto(stack.user_url)
    page.locator("#register-name").fill("Budi")
    page.locator("#register-email").fill(address)
    page.locator("#register-password").fill(PASSWORD)
    page.locator("#register button[type=submit]").click()
    expect(page.locator("#register .result")).not_to_be_empty()
    expect(page.locator("#register .result")).not_to_have_class("result bad")


def open_mailed_link(page, stack, address: str):
    """The page behind the button of the newest mail to the address, opened as the mailbox opens it: in a tab of its own."""
    stack.wait_for_mails(address)
    newest = stack.mails(address)[0]
    # A tab that an earlier link opened is in front of this one; in a hidden tab Chromium may hand a click on a frame to the page around it.
    page.bring_to_front()
    page.goto(f"{stack.notification_url}/mailbox#{newest['id']}")
    link = page.frame_locator("iframe").locator("a[href*='token=']").first
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def press(page, form: str) -> None:
    page.locator(f"#{form} button[type=submit]").click()
    expect(page.locator(f"#{form} .result")).not_to_be_empty()


def confirm(page, stack, address: str):
    """The page that has confirmed the address."""
    opened = open_mailed_link(page, stack, address)
    opened.locator("#verify-password").fill(PASSWORD)
    press(opened, "verify")
    return opened


def log_in(page, stack, address: str, password: str) -> None:
    page.goto(stack.user_url)
    page.locator("#login-email").fill(address)
    page.locator("#login-password").fill(password)
    page.locator("#login button[type=submit]").click()
    expect(page.locator("#profile")).to_be_visible()
    expect(page.locator("#profile")).to_contain_text(address)


def test_from_registration_to_profile_and_out(page, stack, address):
    register(page, stack, address)
    confirmed = confirm(page, stack, address)
    expect(confirmed.locator("#verify button[type=submit]")).to_be_hidden()
    assert "token" not in confirmed.url, "whoever looks at the screen or the history"
    expect(confirmed.locator("#profile")).to_contain_text(address)
    confirmed.locator("#logout").click()
    expect(confirmed.locator("#profile")).to_be_hidden()
    assert address not in confirmed.content()
    page.bring_to_front()
    log_in(page, stack, address, PASSWORD)
    with page.expect_request("**/api/v1/auth/login") as second:
        log_in(page, stack, address, PASSWORD)
    assert second.value.post_data_json["device_token"]


def test_a_page_that_has_done_its_work_says_so_and_leads_to_the_login(page, stack, address, language):
    register(page, stack, address)
    confirmed = confirm(page, stack, address)
    expect(confirmed.locator("[data-text='verify.text']")).to_be_hidden()
    expect(confirmed.locator(".login")).to_be_hidden()
    confirmed.reload()
    maybe_done = {"id-ID": "sudah dikonfirmasi", "en-GB": "confirmed already"}[language]
    expect(confirmed.locator("#verify .result")).to_contain_text(maybe_done)
    confirmed.locator(".login a").click()
    expect(confirmed.locator("#login-email")).to_be_in_viewport()


def test_a_link_that_was_used_leads_to_the_login(page, stack, address, language):
    register(page, stack, address)
    confirm(page, stack, address)
    again = open_mailed_link(page, stack, address)
    again.locator("#verify-password").fill(PASSWORD)
    press(again, "verify")
    expect(again.locator("#verify .result")).to_contain_text({"id-ID": "sudah dikonfirmasi", "en-GB": "confirmed already"}[language])
    expect(again.locator(".login a")).to_be_visible()


def test_a_profile_is_written_for_people(page, stack, address, language):
    register(page, stack, address)
    confirmed = confirm(page, stack, address)
    profile = confirmed.locator("#profile dl")
    for readable in {"id-ID": ("Indonesia", "pelanggan", " pukul "), "en-GB": ("English", "customer", " at ")}[language]:
        expect(profile).to_contain_text(readable)
    shown = profile.locator("time")
    assert shown.get_attribute("datetime") not in shown.inner_text()


def test_the_language_that_was_chosen_survives_the_removal_of_the_token(page, stack):
    page.goto(f"{stack.user_url}/verify-email?token=x&lang=en")
    page.wait_for_url(f"{stack.user_url}/verify-email?lang=en")


def test_a_new_password_by_mail(page, stack, address):
    register(page, stack, address)
    confirm(page, stack, address)
    page.goto(f"{stack.user_url}/forgot-password")
    page.locator("#forgot-email").fill(address)
    press(page, "forgot")
    stack.wait_for_mails(address, 2)
    choice = open_mailed_link(page, stack, address)
    choice.locator("#reset-password").fill(OTHER_PASSWORD)
    with choice.expect_response("**/reset-password") as reset:
        press(choice, "reset")
    expect(choice.locator("#reset button")).to_be_hidden()
    expect(choice.locator("[data-text='reset.text']")).to_be_hidden()
    expect(choice.locator(".login a")).to_be_visible()
    with page.expect_request("**/login") as login:
        log_in(page, stack, address, OTHER_PASSWORD)
    assert login.value.post_data_json["device_token"] == reset.value.json()["device_token"]


def test_a_wrong_password_may_mean_another_registration(page, stack, address, language):
    register(page, stack, address)
    opened = open_mailed_link(page, stack, address)
    opened.locator("#verify-password").fill(OTHER_PASSWORD)
    press(opened, "verify")
    expect(opened.locator("#verify .result")).to_contain_text({"id-ID": "pendaftaran lain", "en-GB": "Another registration"}[language])


def test_logging_out_hides_the_profile_also_when_the_session_is_over(page, stack, address):
    register(page, stack, address)
    confirmed = confirm(page, stack, address)
    expect(confirmed.locator("#profile")).to_contain_text(address)
    over = {"status": 401, "content_type": "application/problem+json", "body": '{"code": "unauthorized", "title": "over"}'}
    confirmed.route("**/auth/logout", lambda route: route.fulfill(**over))
    confirmed.locator("#logout").click()
    expect(confirmed.locator("#profile")).to_be_hidden()
    assert address not in confirmed.content()
    expect(confirmed.locator("#verify .result.bad")).not_to_be_empty()


def test_opening_a_link_does_nothing_by_itself(page, stack, address):
    register(page, stack, address)
    opened = open_mailed_link(page, stack, address)
    expect(opened.locator("#verify button")).to_be_visible()
    page.goto(stack.user_url)
    page.locator("#login-email").fill(address)
    page.locator("#login-password").fill(PASSWORD)
    press(page, "login")
    expect(page.locator("#profile")).to_be_hidden()


def test_a_fault_stands_beside_its_field(page, stack):
    page.goto(stack.user_url)
    page.locator("#register-name").fill("Budi")
    page.locator("#register-email").fill("no address")
    page.locator("#register-password").fill("password")
    press(page, "register")
    for field in ("email", "password"):
        expect(page.locator(f"#register-{field}")).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#register-{field}-error")).not_to_be_empty()
    expect(page.locator("#register-name-error")).to_be_empty()


def test_the_page_speaks_the_persons_language(page, stack, language):
    page.goto(stack.user_url)
    wanted = "Daftar" if language == "id-ID" else "Register"
    expect(page.locator("#register button[type=submit]")).to_have_text(wanted)
    assert page.locator("html").get_attribute("lang") == language[:2]

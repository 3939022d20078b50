# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium, driven by Playwright."""

import pytest
from playwright.sync_api import sync_playwright

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=["id-ID", "en-GB"])
def language(request):
    return request.param


@pytest.fixture
def page(chromium, language):
    """A phone's page in that language. A message on the console, or an exception of a script, fails the test."""
    context = chromium.new_context(viewport=PHONE, locale=language)
    context.set_default_timeout(15_000)
    complaints: list[str] = []

    def watch(made):
        made.on("pageerror", lambda error: complaints.append(str(error)))
        made.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)

    context.on("page", watch)
    made = context.new_page()
    yield made
    context.close()
    assert not [text for text in complaints if "status of 4" not in text], complaints

# SPDX-License-Identifier: Apache-2.0
"""Every page passes axe's rules for WCAG 2.1 AA in light and in dark colours, and fits a phone's width."""

import pytest
from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
PAGES = {
    "landing": "{user}/",
    "verify": "{user}/verify-email?token=x",
    "verify without token": "{user}/verify-email",
    "reset": "{user}/reset-password?token=x",
    "forgot": "{user}/forgot-password",
    "docs of user-service": "{user}/docs",
    "docs of notification-service": "{notification}/docs",
    "mailbox": "{notification}/mailbox",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits(page, stack, name):
    page.goto(PAGES[name].format(user=stack.user_url, notification=stack.notification_url))
    page.wait_for_load_state("networkidle")
    # What a reader can open is to be looked at as well.
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{colours}: {found.generate_report()}"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{width} pixels wide"

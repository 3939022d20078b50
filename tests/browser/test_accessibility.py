# SPDX-License-Identifier: Apache-2.0
"""Every page passes axe's rules for WCAG 2.1 AA in light and in dark colours, and fits a phone's width."""

import pytest

from browser.accessibility import expect_accessible_and_fitting

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
    expect_accessible_and_fitting(page)

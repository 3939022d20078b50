# SPDX-License-Identifier: Apache-2.0
"""What is expected of every page: axe's rules for WCAG 2.1 AA in light and in dark colours, and a phone's width."""

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}


def expect_accessible_and_fitting(page) -> None:
    # What a reader can open is to be looked at as well.
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for colours in ("light", "dark"):
        page.emulate_media(color_scheme=colours)
        found = Axe().run(page, options=RULES)
        assert found.violations_count == 0, f"{colours}: {found.generate_report()}"
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{width} pixels wide"

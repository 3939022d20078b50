# SPDX-License-Identifier: Apache-2.0
"""The page /status: what it says of each state, and that it says nothing that it does not know."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from browser.accessibility import expect_accessible_and_fitting
from browser.status_site import URL, StatusSite
from harness.status_page import DAY, day, history, past, shown

NOW = int(time.time())
TODAY = {0: day(operational=max(1, NOW % DAY))}
GOOD = past(NOW, TODAY, day(operational=DAY))
BAD = past(NOW, {**TODAY, 3: day(operational=DAY - 600, degraded=600), 17: day(operational=DAY - 2000, outage=2000)}, day(operational=DAY))
GAPS = past(NOW, {**TODAY, **{ago: day(operational=DAY) for ago in range(1, 30)}})
STATES = {
    "all is well": shown(NOW, sign_in=("operational", GOOD), registration=("operational", GOOD), mails=("operational", GOOD)),
    "degraded": shown(NOW, sign_in=("operational", BAD), registration=("operational", GOOD), mails=("degraded", BAD)),
    "outage": shown(NOW, sign_in=("outage", BAD), registration=("degraded", BAD), mails=("operational", GOOD)),
    "one unknown": shown(NOW, sign_in=("operational", GOOD), registration=("operational", GAPS), mails=("unknown", GAPS)),
    "nothing known yet": shown(NOW),
}
WORDS = {
    "id-ID": {"operational": "Berfungsi", "degraded": "Terganggu", "outage": "Tidak berfungsi", "unknown": "Tidak diketahui"},
    "en-GB": {"operational": "Operational", "degraded": "Degraded", "outage": "Outage", "unknown": "Unknown"},
}
OVERALL = {
    "all is well": ("Semua berfungsi", "Everything is operational"),
    "degraded": ("Ada yang terganggu", "Something is degraded"),
    "outage": ("Ada yang tidak berfungsi", "Something is out of service"),
    "one unknown": ("Sebagian keadaan tidak diketahui", "Not every state is known"),
    "nothing known yet": ("Keadaan sekarang tidak diketahui", "The current state is not known"),
}


def aged(document: dict, seconds: int) -> dict:
    """Written so long ago."""
    return {**document, "checked_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds))}


@pytest.fixture
def site(page):
    return StatusSite(page.context)


def open_page(page, site, document: dict | None) -> None:
    if document:
        site.say(aged(document, 5))
    page.goto(URL)
    page.wait_for_function("document.querySelector('#overall').dataset.state")


def expect_states(page, language: str, *states: str) -> None:
    for thing, state in zip(history.THINGS, states, strict=True):
        expect(page.locator(f"#{thing} .state .word")).to_have_text(WORDS[language][state])


@pytest.mark.parametrize("name", STATES)
def test_it_says_what_is(page, site, language, name):
    open_page(page, site, STATES[name])
    expect_states(page, language, *(thing["state"] for thing in STATES[name]["things"]))
    expect(page.locator("#overall .word")).to_have_text(OVERALL[name][language == "en-GB"])
    assert page.locator("html").get_attribute("lang") == language[:2]
    expect_accessible_and_fitting(page)


def test_ninety_days_are_drawn_and_told(page, site, language):
    open_page(page, site, STATES["degraded"])
    bars = page.locator("#sign_in .bars")
    expect(bars.locator(".bar")).to_have_count(90)
    wanted = {
        "id-ID": "Tersedia 99,97% selama 90 hari. 2 hari dengan gangguan.",
        "en-GB": "99.97% available over 90 days. 2 days with problems.",
    }
    expect(page.locator("#sign_in .summary")).to_have_text(wanted[language])
    expect(bars).to_have_attribute("aria-label", wanted[language])
    page.locator("#sign_in summary").click()
    expect(page.locator("#sign_in li")).to_have_count(2)
    expect(page.locator("#sign_in li").nth(1)).to_contain_text({"id-ID": "97,68%", "en-GB": "97.68%"}[language])
    expect(page.locator("#registration details")).to_be_hidden()


def test_days_without_data_are_not_drawn_as_good_ones(page, site, language):
    open_page(page, site, STATES["one unknown"])
    expect(page.locator("#registration .bar.no_data")).to_have_count(60)
    expect(page.locator("#registration .bar.operational")).to_have_count(30)
    wanted = {"id-ID": "60 hari tanpa data lengkap", "en-GB": "60 days without full data"}
    expect(page.locator("#registration .summary")).to_contain_text(wanted[language])
    heights = page.evaluate(
        "['operational', 'degraded', 'outage', 'no_data'].map((n) => document.querySelector(`.legend .${n}`).offsetHeight)"
    )
    assert len(set(heights)) == 4, "told apart without colours"


def test_a_document_that_is_not_there_is_said(page, site, language):
    open_page(page, site, None)
    expect_states(page, language, "unknown", "unknown", "unknown")
    expect(page.locator("#checked")).to_contain_text({"id-ID": "tidak dapat dibaca", "en-GB": "cannot be read"}[language])
    expect_accessible_and_fitting(page)


@pytest.mark.parametrize("broken", ["", "{", "null", "{}", '{"version": 2}'])
def test_nonsense_is_not_known(page, site, language, broken):
    site.answer = broken
    open_page(page, site, None)
    expect_states(page, language, "unknown", "unknown", "unknown")


@pytest.mark.parametrize("seconds", [600, -600])
def test_what_is_old_is_not_called_the_state_of_now(page, site, language, seconds):
    site.say(aged(STATES["all is well"], seconds))
    open_page(page, site, None)
    expect_states(page, language, "unknown", "unknown", "unknown")
    expect(page.locator("#checked")).to_contain_text({"id-ID": "Pemeriksaan terakhir", "en-GB": "Last checked"}[language])
    expect(page.locator("#sign_in .bar.operational")).to_have_count(90)
    expect_accessible_and_fitting(page)


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_readers_wrong_clock_changes_nothing(page, site, language, hours):
    page.clock.install(time=time.time() + hours * 3600)
    open_page(page, site, STATES["all is well"])
    expect_states(page, language, "operational", "operational", "operational")


def test_a_page_left_open_believes_nothing_for_long(page, site, language):
    page.clock.install()
    open_page(page, site, STATES["all is well"])
    site.answer = None
    page.clock.run_for(90_000)
    expect_states(page, language, "operational", "operational", "operational")
    page.clock.run_for(60_000)
    expect_states(page, language, "unknown", "unknown", "unknown")


def test_a_cache_that_repeats_itself_is_not_believed(page, site, language):
    """The same document again and again, each time as if it had just been sent."""
    page.clock.install()
    document = aged(STATES["all is well"], 5)
    site.say(document)
    site.date = time.time()
    open_page(page, site, None)
    for _ in range(3):
        before = site.requests
        page.clock.run_for(60_000)
        page.wait_for_timeout(100)
        assert site.requests == before + 1
    expect_states(page, language, "unknown", "unknown", "unknown")


def test_it_comes_back_by_itself(page, site, language):
    page.clock.install()
    open_page(page, site, None)
    site.say(aged(STATES["outage"], 0))
    page.clock.run_for(65_000)
    expect_states(page, language, "outage", "degraded", "operational")


def test_a_server_that_hangs_is_asked_once_at_a_time(page, site):
    """Whatever happens; after ten seconds the page gives a request up."""
    page.clock.install()
    site.hangs = True
    page.goto(URL)
    page.wait_for_function("document.readyState === 'complete'")
    for most in (1, 2, 2):
        page.clock.run_for(8_000)
        for _ in range(5):
            page.evaluate("document.dispatchEvent(new Event('visibilitychange')); window.dispatchEvent(new Event('online'))")
        assert 1 <= site.requests <= most


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Asia/Jakarta", "Pacific/Kiritimati"])
def test_days_are_those_of_utc_wherever_the_reader_is(chromium, language, zone):
    context = chromium.new_context(locale=language, timezone_id=zone)
    page = context.new_page()
    open_page(page, StatusSite(context), STATES["degraded"])
    page.locator("#sign_in summary").click()
    wanted = history.day_of(NOW) - timedelta(days=17)
    expect(page.locator("#sign_in li").nth(1)).to_contain_text(str(wanted.day))
    expect(page.locator("#sign_in li").nth(1)).to_contain_text(str(wanted.year))
    context.close()


def test_nothing_is_asked_of_others(page, site):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page, site, STATES["all is well"])
    assert asked and all(url.startswith(URL) for url in asked), asked

"""Connecting an account in a real browser, on a phone, without scripts: both languages, by day and by night."""

from __future__ import annotations

import pytest

from bridge.wording.pages import PageWording
from tests.browser.connecting import INSTAGRAM, NAMES, PAGE, fits, furnish, phone, walk
from tests.connect.stage import office

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("ja", True)])
async def test_somebody_connects_two_accounts_on_a_phone(
    database_url: str, chromium_path: str, language: str, *, dark: bool
) -> None:
    """I-04, I-07, I-09, ZI-05, ZI-07, ZI-17, CT-21, M-08: guide, consent, choice, check list and message in Slack."""
    words = PageWording(language)
    async with (
        office(database_url, language=language) as house,
        phone(chromium_path, language, dark=dark) as page,
    ):
        furnish(house, language)
        seen: dict[str, str] = {}

        async def look(step: str) -> None:
            seen[step] = await page.locator("main").inner_text()
            assert await page.locator("html").get_attribute("lang") == language
            await fits(page)

        await walk(page, house, look)
        assert all(words.say(f"guide.{each}") in seen["start"] for each in ("professional", "page", "linked", "admin"))
        assert words.say("start.app") in seen["start"]
        assert words.say("lack.unlinked", page=NAMES[language][2]) in seen["pick"]
        assert words.say("check.seen", channel="#support") in seen["check"]
        assert words.say("check.hint") in seen["check"]
        assert words.say("check.verified") in seen["done"]
        assert words.say("check.tools") not in seen["done"]
        for platform, remote_id in (("messenger", PAGE), ("instagram", INSTAGRAM)):
            assert house.account(platform, remote_id)["health"] == "ready"

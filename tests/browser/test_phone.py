"""The demo's phone in a real browser: everything a customer can do, and what agents see of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.stage import browser, demo, open_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")


@pytest.fixture
def address() -> Iterator[str]:
    with demo() as address:
        yield address


async def tile(page: Page, key: str) -> None:
    await page.locator(".plus").click()
    await page.locator(f"[data-tile={key}]").click()


async def say(box: Locator, text: str) -> None:
    await box.fill(text)
    await box.press("Enter")


async def test_what_is_sent_from_the_sheet_is_seen_in_the_thread(address: str, chromium_path: str) -> None:
    """CT-06, F6: files are shown in the order of their messages, a story is a link alone."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await page.locator(".plus").click()
        assert await page.evaluate(LOOKS) == []
        await page.keyboard.press("Escape")
        await expect(page.locator(".plus")).to_be_focused()
        for key in ("photo", "voice", "file", "like", "view_once", "post", "story_mention", "unsupported"):
            await tile(page, key)
        thread = page.locator(".thread")
        await expect(thread.locator(".files img")).to_have_count(1, timeout=40_000)
        await expect(thread.locator(".sound .left")).to_have_text("0:03", timeout=40_000)
        await expect(thread.locator(".file")).to_contain_text("order-1024.pdf", timeout=40_000)
        await expect(thread.get_by_role("link", name=re.compile("story"))).to_be_visible()
        phone = page.locator(".phone .bubble.own")
        await expect(phone).to_have_count(8)
        await expect(page.locator(".phone .sent")).to_be_visible()
        assert await page.evaluate(LOOKS) == []
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert await page.evaluate(LOOKS) == []


async def test_a_message_is_changed_answered_and_taken_back_with_the_keyboard(address: str, chromium_path: str) -> None:
    """CT-07, CT-13, CT-14: edit, reaction, quoting reply and unsend, and not a word of it stays."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        box, thread, keys = page.locator(".phone textarea"), page.locator(".thread"), page.keyboard
        await say(box, "Do you have it in red?")
        await expect(thread).to_contain_text("in red")
        bubble = page.locator(".phone .bubble.own")
        await bubble.focus()
        await keys.press("Enter")
        assert await page.evaluate(LOOKS) == []
        await page.get_by_role("menuitem", name="Edit").focus()
        await keys.press("Enter")
        await expect(box).to_be_focused()
        await say(box, "Do you have it in blue?")
        await expect(thread).to_contain_text("in blue")
        await say(page.locator(".thread textarea"), "We do!")
        answer = page.locator(".phone .business-said")
        await expect(answer).to_contain_text("We do!")
        await answer.focus()
        await keys.press("Enter")
        await keys.press("Enter")
        await expect(answer.locator(".mark")).to_have_text("❤️")
        await expect(thread).to_contain_text("❤️")
        await answer.focus()
        await keys.press("Enter")
        await page.get_by_role("menuitem", name="Reply").focus()
        await keys.press("Enter")
        await expect(page.locator(".strip")).to_contain_text("Replying")
        await say(box, "My number is 555 0199")
        own = page.locator(".phone .bubble.own").last
        await expect(own.locator(".quote")).to_have_text("We do!")
        await expect(thread).to_contain_text("555 0199")
        await own.focus()
        await keys.press("Enter")
        await page.get_by_role("menuitem", name="Unsend", exact=True).focus()
        await keys.press("Enter")
        await expect(page.locator(".desk")).not_to_contain_text("555 0199")
        await expect(page.locator(".phone .bubble.own")).to_have_count(1)


async def test_a_customer_comes_through_an_ad_and_the_shop_answers_on_its_own_phone(
    address: str, chromium_path: str
) -> None:
    """CT-09, CT-02, F7, CT-40: and one who blocks the shop can write again once they unblock it."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await page.locator(".story.messenger").first.click()
        box, thread = page.locator(".phone textarea"), page.locator(".thread")
        await tile(page, "ad")
        await expect(page.locator(".phone .moment").last).to_contain_text("Spring collection")
        await say(box, "Is it still there?")
        await expect(thread).to_contain_text("Spring collection")
        await tile(page, "native")
        await say(box, "It is!")
        await expect(thread).to_contain_text("It is!")
        await tile(page, "choices")
        await page.locator(".breakers button", has_text="Blue").click()
        await expect(thread).to_contain_text("Blue")
        await tile(page, "take")
        await expect(page.locator(".gauge")).to_contain_text("Another app")
        await page.locator(".channel .message").get_by_role("button", name="Take over").click()
        await expect(page.locator(".gauge")).not_to_contain_text("Another app")
        await tile(page, "rename")
        await say(box, "Jonas Weber-Lang")
        await expect(page.locator(".phone .moment").last).to_contain_text("Jonas Weber-Lang")
        await tile(page, "block")
        await expect(box).to_be_hidden()
        await page.get_by_role("button", name="Unblock").click()
        await say(box, "Hello again")
        await expect(thread).to_contain_text("Hello again")


PROFILE = """async (account) => (await fetch("/act/meta/show_profile", {
  method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({account, profile: {
    greeting: [{locale: "default", text: "Welcome to Hanako Flowers"}],
    ice_breakers: [{locale: "default", call_to_actions: [{question: "When are you open?", payload: "HOURS"}]}],
    persistent_menu: [{locale: "default", call_to_actions: [{type: "postback", title: "Talk to us", payload: "TALK"}]}],
  }}),
})).json()"""


async def test_what_an_account_shows_before_anybody_writes_can_be_tapped_and_who_was_helped_says_how_content_they_are(
    address: str, chromium_path: str
) -> None:
    """M-07, CT-16: greeting, questions and menu on the phone; 1 to 5 below the question after closing."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await page.locator(".story.messenger").first.click()
        assert (await page.evaluate(PROFILE, "102030405060708"))["ok"]
        await expect(page.locator(".phone .greeting")).to_have_text("Welcome to Hanako Flowers")
        await page.locator(".breakers button", has_text="When are you open?").click()
        thread = page.locator(".thread")
        await expect(thread).to_contain_text("When are you open?")
        await page.locator(".menu-items button").click()
        await expect(thread).to_contain_text("Talk to us")
        await expect(page.locator(".phone .greeting")).to_be_hidden()
        await say(page.locator(".thread textarea"), "Here we are.")
        await expect(page.locator(".phone")).to_contain_text("Here we are.")
        await page.locator(".channel .message").get_by_role("button", name="Close").first.click()
        await page.locator(".breakers button", has_text="5 Very satisfied").click()
        await expect(page.locator(".desk")).to_contain_text("Satisfaction: 5 of 5")
        assert await page.evaluate(LOOKS) == []

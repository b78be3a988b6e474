"""Draw the pictures of setting up from Slack, and of the app's Home, from the demo's page.

Usage: python -m tests.browser.screens; it needs a Chromium.
"""

import asyncio
import base64
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from math import ceil, floor
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml
from playwright.async_api import Browser, FloatRect, Locator, Page

from bridge.demo.scenes import Play, load
from tests.browser.sheets import LOCALES, Running, running, save

ZONE: Final = ZoneInfo("Asia/Tokyo")
HOURS: Final = {"en": "Mon-Fri 09:00-18:00", "ja": "月-金 9:00-18:00"}
MORNING: Final = time(10, 4)
SCALE: Final = 2
QUALITY: Final = 0.48
"""What keeps each of them below 150 KiB; letters at twice their size stay sharp."""
SETUP_WIDTH: Final = 1700
HOME_WIDTH: Final = 1020
TALL: Final = 1900
STYLE: Final = """
body { margin: 0; padding: 22px; width: max-content; display: grid; gap: 18px; justify-content: center; align-items: start; background: #e9e5df; }
.row { display: flex; gap: 18px; align-items: start; justify-content: space-between; }
img { display: block; border-radius: 26px; box-shadow: 0 3px 16px rgb(40 20 50 / 18%); }
"""
PEOPLE: Final = {"en": ("oliver", "emma", "jonas", "sofia"), "ja": ("ren", "haruka", "yuki", "mika")}
STORY: Final[list[dict[str, Any]]] = [
    {"who": 0, "writes": {"en": "Is the white one back in stock?", "ja": "白いマグの再入荷はありますか？"}},
    {"agent": "aki", "to": 0, "presses": "take"},
    {"agent": "aki", "to": 0, "answers": {"en": "On Friday. Shall I keep one?", "ja": "金曜日に入荷します。お取り置きしましょうか？"}},
    {"wait": "until the answer bears white_check_mark"},
    {"who": 0, "writes": {"en": "Yes, please!", "ja": "お願いします！"}},
    {"wait": "until the thread has 4 messages"},
    {"who": 1, "writes": {"en": "I’d love six bowls for a wedding in May.", "ja": "5月の結婚式に花束を6つお願いしたいです。"}},
    {"agent": "ken", "to": 1, "presses": "take"},
    {"wait": "until the card says Ken"},
    {"wait": "until everything has arrived"},
    {"clock": "22h 30m"},
    {"who": 2, "writes": {"en": "Do you deliver to Berlin on Saturdays?", "ja": "土曜日の配達はできますか？"}},
    {"wait": "until the thread has 1 messages"},
    {"clock": "25m"},
    {"who": 3, "writes": {"en": "Can I visit the studio next week?", "ja": "ギフト包装はできますか？"}},
    {"wait": "until the thread has 1 messages"},
    {"clock": "15m"},
]  # fmt: skip
"""Each of the two looks after somebody; the agent's has a window that closes soon; two wait whom nobody has taken."""


def tomorrow(now: float) -> float:
    """Return the seconds until the next day's morning, so that pictures show the same hour whenever they are made."""
    here = datetime.fromtimestamp(now, ZONE)
    return (datetime.combine(here.date() + timedelta(days=1), MORNING, ZONE) - here).total_seconds()


async def part(page: Page, box: FloatRect) -> bytes:
    """Take a picture of a part of the page, without the edges that are half another's."""
    left, top = ceil(box["x"]), ceil(box["y"])
    right, low = floor(box["x"] + box["width"]), floor(box["y"] + box["height"])
    return await page.screenshot(clip={"x": left, "y": top, "width": right - left, "height": low - top})


async def box_of(it: Locator) -> FloatRect:
    """Return where something stands on the page."""
    box = await it.bounding_box()
    assert box is not None
    return box


def _address(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


async def together(chrome: Browser, rows: Sequence[Sequence[bytes]], name: str) -> None:
    """Put pictures in rows, and save them small."""
    page = await chrome.new_page(viewport={"width": 2400, "height": 300}, device_scale_factor=SCALE)
    made = ["".join(f'<img style="zoom: {1 / SCALE}" src="{_address(each)}" alt="">' for each in row) for row in rows]
    await page.set_content(f"<style>{STYLE}</style>" + "".join(f'<div class="row">{each}</div>' for each in made))
    await save(page, await page.locator("body").screenshot(), name, quality=QUALITY)
    await page.close()


async def look(page: Page, person: str) -> None:
    """Open the app's Home as somebody, with all of it before them."""
    await page.set_viewport_size({"width": HOME_WIDTH, "height": TALL})
    await page.get_by_role("radio", name=person).click()
    await page.locator(".places .direct button").click()
    await page.locator(".app-home .home-header").nth(2).wait_for()
    await page.mouse.move(5, 5)
    await page.wait_for_timeout(1500)


async def homes(up: Running, page: Page, language: str) -> None:
    """Show an agent's page, and beside it what an owner has below the same lists."""
    headings, last = page.locator(".app-home .home-header"), page.locator(".app-home > *").last
    await look(page, "Aki")
    first, home, end = await box_of(headings.nth(3)), await box_of(page.locator(".app-home")), await box_of(last)
    # So high that the tab, at its end, begins with the heading; the figures at the end are left out.
    reach = end["y"] + end["height"] + 30 - first["y"]
    await page.set_viewport_size({"width": HOME_WIDTH, "height": round(TALL - home["height"] + reach)})
    await page.locator(".app-home").evaluate("home => home.scrollTo(0, home.scrollHeight)")
    await page.wait_for_timeout(400)
    desk, after = await box_of(page.locator(".desk")), await box_of(headings.nth(4))
    shown: FloatRect = {**desk, "height": after["y"] + 8 - desk["y"]}
    owners = await part(page, shown)
    await look(page, "Ken")
    await together(up.chrome, [[await part(page, shown), owners]], f"home-{language}")


async def guide(page: Page) -> bytes:
    """Type the command alone, and show what it answers."""
    box = page.locator(".channel textarea")
    await box.fill("/bridge")
    await box.press("Enter")
    await page.locator(".channel .private .accessory .button").nth(2).wait_for()
    await page.mouse.move(5, 5)
    await page.wait_for_timeout(800)
    return await part(page, await box_of(page.locator(".channel .private")))


async def until_field(page: Page, last: int) -> None:
    """Make the page so high that a window ends right below one of its fields."""
    body, field = page.locator(".modal-body"), page.locator(".modal-body > *").nth(last)
    await body.evaluate("body => body.scrollTo(0, 0)")
    reach = (await box_of(field))["y"] + (await box_of(field))["height"] - (await box_of(body))["y"]
    size = page.viewport_size
    assert size is not None
    await page.set_viewport_size({"width": size["width"], "height": round((reach + 7) / 0.6)})
    await body.evaluate("body => body.scrollTo(0, 0)")


async def windows(page: Page) -> list[bytes]:
    """Open an account's settings, give it another one's name, and look at another part."""
    await page.locator(".channel .private .accessory .button").first.click()
    window = page.get_by_role("dialog")
    await window.locator("input[name=name]").fill("Hanako Studio")
    await window.locator("footer .primary").click()
    await window.locator(".error").wait_for()
    await until_field(page, 4)
    wrong = await part(page, await box_of(window))
    await window.locator("input[name=name]").fill("Shop Hanako")
    await window.locator("select[name=part]").select_option("automatic")
    await window.locator("input[name=hours]").fill(HOURS[await page.evaluate("document.documentElement.lang")])
    await window.locator("input[name=zone]").fill("Asia/Tokyo")
    await window.locator("input[name=zone]").blur()
    await until_field(page, 5)
    other = await part(page, await box_of(window))
    await window.locator("footer .button").first.click()
    await window.wait_for(state="hidden")
    return [other, wrong]


async def opened(up: Running, language: str, width: int) -> Page:
    """Open the demo's page as high as what is to be seen needs."""
    page = await up.chrome.new_page(
        viewport={"width": width, "height": TALL}, device_scale_factor=SCALE, locale=LOCALES[language],
        timezone_id="Asia/Tokyo", reduced_motion="reduce",
    )  # fmt: skip
    await page.goto(up.demo.url)
    await page.wait_for_selector("body.ready")
    return page


def _in(language: str, what: Any) -> Any:
    """Return somebody's key, or words, in this language."""
    if isinstance(what, int):
        return PEOPLE[language][what]
    return what[language] if isinstance(what, dict) else what


async def play(up: Running, language: str) -> None:
    """Let the story happen."""
    steps = [{verb: _in(language, what) for verb, what in step.items()} for step in STORY]
    path = up.folder / "story.yaml"
    path.write_text(yaml.safe_dump({"steps": steps}, allow_unicode=True), encoding="utf-8")
    await Play(up.stage, load(path), watched=False, tell=lambda _: None).run()


async def draw(language: str) -> None:
    """Make both pictures in one language."""
    async with running(language) as up:
        await up.stage.travel(tomorrow(up.stage.clock.time()))
        page = await opened(up, language, SETUP_WIDTH)
        first = await guide(page)
        await together(up.chrome, [[first], await windows(page)], f"setup-{language}")
        await page.close()
        await play(up, language)
        page = await opened(up, language, HOME_WIDTH)
        await homes(up, page, language)


if __name__ == "__main__":
    for each in LOCALES:
        asyncio.run(draw(each))

"""Connecting an account on a phone, step by step; and the picture of it for the documents.

Usage: python -m tests.browser.connecting; it needs a Chromium.
"""

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Page, async_playwright

from bridge.store.migrations import migrate
from tests.browser.sheets import LOCALES, save
from tests.conftest import find_chromium
from tests.connect.stage import Office, office

PAGE, INSTAGRAM, LONELY = "104857600000077", "17841400000000077", "104857600000078"
NAMES: Final = {
    "en": ("Hanako Bakery", "hanako_bakery", "Hanako Garden"),
    "ja": ("はなこベーカリー", "hanako_bakery", "はなこガーデン"),
}
PHONE: Final = {"width": 390, "height": 844}
STYLE: Final = """
body { margin: 0; padding: 26px; width: 1720px; display: grid; grid-template-columns: repeat(4, 390px); gap: 26px; justify-content: center;
  align-items: start; background: #e9e5df; }
img { display: block; width: 390px; border-radius: 26px; box-shadow: 0 2px 14px rgb(40 20 50 / 22%); }
"""
Shoot = Callable[[str], Awaitable[None]]


async def nothing(_: str) -> None:
    """Take no picture."""


@asynccontextmanager
async def phone(chromium: str, language: str, *, dark: bool = False) -> AsyncIterator[Page]:
    """Open a phone's browser; whatever it complains about fails."""
    async with async_playwright() as driver:
        chrome = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await chrome.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            device_scale_factor=2,
            has_touch=True,
            is_mobile=True,
            java_script_enabled=False,
        )
        page = await context.new_page()
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
        page.set_default_timeout(15_000)
        try:
            yield page
        finally:
            await chrome.close()
        assert wrong == [], wrong


def furnish(house: Office, language: str) -> None:
    """Two Pages, one of them with an Instagram account."""
    meta, (name, handle, other) = house.world.meta, NAMES[language]
    house.world.meta.login.people.known["1220000000000001"].tasks = {
        PAGE: ("MESSAGING", "MODERATE"),
        LONELY: ("MESSAGING", "MODERATE"),
    }
    meta.add_page(PAGE, name)
    meta.add_instagram(INSTAGRAM, name, username=handle, page=PAGE)
    meta.add_page(LONELY, other)


async def walk(page: Page, house: Office, shoot: Shoot = nothing) -> None:
    """From the link to *done*, tapping as a person would."""
    await page.goto(house.link())
    await shoot("start")
    await page.locator("#facebook").tap()
    await page.locator("#grant").tap()
    await page.locator("h1").wait_for()
    for key in (f"messenger:{PAGE}", f"instagram:{INSTAGRAM}"):
        await page.locator(f"input[value='{key}']").check()
        await page.locator(f"select[name='channel {key}']").select_option(label="#support")
    await page.locator("select[name=alerts]").select_option(label="#support-alerts")
    await shoot("pick")
    await page.locator("button[value=pick]").tap()
    await page.locator("button[value=finish]").wait_for()
    for item in ("tools", "live", "access"):
        await page.locator(f"input[value={item}]").check()
    await shoot("check")
    await page.locator("button[value=finish]").tap()
    await page.locator("li").first.wait_for()
    await shoot("done")


async def fits(page: Page) -> None:
    """Nothing is wider than the phone, and nothing to tap is smaller than a finger (WCAG 2.2, 2.5.8)."""
    for element in await page.locator("a.do, button, select, input[type=text], label.tick").all():
        box = await element.bounding_box()
        if box is not None:
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE["width"], await element.inner_text()
            assert box["height"] >= 24, await element.inner_text()


# ── the picture ───────────────────────────────────────────────────────────────────────────────────────────


async def together(chrome: Browser, pictures: list[bytes], name: str) -> None:
    """Put the phones side by side, and save them small."""
    page = await chrome.new_page(viewport={"width": 1772, "height": 1000})
    images = "".join(f'<img src="data:image/png;base64,{base64.b64encode(each).decode()}" alt="">' for each in pictures)
    await page.set_content(f"<style>{STYLE}</style>{images}")
    await save(page, await page.locator("body").screenshot(), name)
    await page.close()


async def draw(language: str) -> None:
    """Walk through it in one language, and keep what was seen."""
    chromium = find_chromium()
    assert chromium
    pictures: list[bytes] = []
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bridge.db'}"
        migrate(url)
        async with office(url, language=language) as house, phone(chromium, language) as page:
            furnish(house, language)

            async def shoot(_: str) -> None:
                pictures.append(await page.screenshot(full_page=True))

            await walk(page, house, shoot)
    async with async_playwright() as driver:
        chrome = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        await together(chrome, pictures, f"connect-{language}")
        await chrome.close()


if __name__ == "__main__":
    for each in NAMES:
        asyncio.run(draw(each))

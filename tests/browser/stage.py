"""The demo as its user starts it, and a browser that looks at it."""

import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from select import select

from playwright.async_api import Page, async_playwright

STARTS_WITHIN = 40.0
HOME = Path(__file__).parents[2]


@contextmanager
def demo(*words: str) -> Iterator[str]:
    """Run `threadbridge demo` and yield the address it prints; it must end with 0 when it is interrupted."""
    command = [sys.executable, "-m", "bridge", "demo", *words]
    with subprocess.Popen(command, cwd=HOME, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline() if select([process.stdout], [], [], STARTS_WITHIN)[0] else ""
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, f"the first line was {line!r}"
            yield found[0]
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=STARTS_WITHIN)
            assert process.returncode == 0
            assert rest == "", "the demo prints exactly one line"
        finally:
            process.kill()


@asynccontextmanager
async def browser(chromium: str, *, dark: bool = False) -> AsyncIterator[Page]:
    """Open a page; whatever it complains about fails the test."""
    async with async_playwright() as driver:
        chrome = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await chrome.new_page(
            viewport={"width": 1440, "height": 860},
            color_scheme="dark" if dark else "light",
            locale="en-GB",
            timezone_id="Asia/Tokyo",
        )
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
        page.set_default_timeout(15_000)
        try:
            yield page
        finally:
            await chrome.close()
        assert wrong == []


async def open_page(page: Page, address: str) -> list[str]:
    """Open the demo, and return the list of every address the page asks for from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(address)
    await page.wait_for_selector("body.ready")
    return asked

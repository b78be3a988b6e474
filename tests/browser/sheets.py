"""Draw the pictures of the documents: the demo's page, and sheets with each kind on phone, card and in the thread.

Usage: python -m tests.browser.sheets; it runs the demo's own bridge in both languages and needs a Chromium.
"""

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final

import yaml
from playwright.async_api import Browser, Page, Route, async_playwright

from bridge.demo import desks
from bridge.demo.scenes import SCENES, Play, Scene, load
from bridge.demo.server import Demo
from bridge.demo.stage import Stage
from tests.conftest import find_chromium

KINDS: Final = Path(__file__).with_name("kinds.yaml")
IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
PORTRAITS: Final = Path(__file__).parents[2] / "bridge" / "demo" / "page" / "portraits"
AGENTS_OWN: Final = {"answers", "presses", *desks.DEEDS}
FACES: Final = ("yuki", "ren", "mika", "oliver", "emma", "sofia", "jonas", "haruka")
FAMILY: Final = {
    "en": "Arden Birch Cole Dale Ellis Frost Gray Holt Ives Judd Keel Lund Marsh Nash Orr Penn Quill Reed Shaw Thorn Urban Vale West York Zane Byrne Crane Drew Finch Gale Hale Kerr".split(),
    "ja": "青木 井上 上田 江口 岡田 加藤 木村 久保 小林 斎藤 清水 鈴木 関口 高橋 千葉 土屋 手塚 中村 西田 野村 橋本 平野 福田 松本 三浦 村上 森田 山口 吉田 和田 渡辺 近藤".split(),
}
BEFORE: Final = {
    "ren": "営業時間を教えてください。",
    "mika": "ギフト包装はできますか？",
    "oliver": "Is the white one back?",
}
LOCALES: Final = {"en": "en-GB", "ja": "ja-JP"}
GIVEN: Final = {"en": "Robin", "ja": "光"}
HEADS: Final = {
    "en": ("On the phone", "The card", "In the thread"),
    "ja": ("お客様の画面", "カード", "スレッド"),
}
LOADED: Final = """() => Promise.all([
  ...[...document.querySelectorAll(".thread img, .phone img")].map((each) => each.decode()),
  ...[...document.querySelectorAll(".thread video, .phone video")].map((each) => each.readyState > 1
    || new Promise((resolve) => each.addEventListener("loadeddata", resolve))),
]).then(() => true)"""
STYLE: Final = """
body { margin: 0; padding: 18px 22px 8px; width: 1160px; background: #f4f2ee; font: 600 14px system-ui, "Noto Sans CJK JP", sans-serif; color: #4a4450; }
.row { display: grid; grid-template-columns: 290px 415px 415px; gap: 14px; align-items: start; margin-bottom: 12px; }
.cell { overflow: hidden; border-radius: 12px; background: #fff; box-shadow: 0 1px 3px rgb(40 20 50 / 14%); }
.cell img { display: block; max-width: 100%; }
"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind to be shown; `steps` as in a scene, in one language; without a `sheet` it is played only."""

    sheet: str
    key: str
    platform: str
    steps: list[dict[str, Any]]


def kinds(language: str) -> list[Kind]:
    """Return what is to be shown, in order."""
    return [
        Kind(sheet=group["sheet"], key=one["key"], platform=_in(language, one.get("platform", "instagram")),
             steps=[{verb: _in(language, what) for verb, what in step.items()} for step in one["steps"]])
        for group in yaml.safe_load(KINDS.read_text(encoding="utf-8"))
        for one in group["kinds"]
    ]  # fmt: skip


def _in(language: str, what: Any) -> Any:
    return what[language] if isinstance(what, dict) else what


def scene_of(kind: Kind, language: str, folder: Path) -> Scene:
    """Make a scene of a kind, checked as every scene is."""
    agent = "aki" if language == "ja" else "ken"
    steps = [
        step
        | ({} if "wait" in step or AGENTS_OWN & step.keys() else {"who": kind.key})
        | ({"agent": agent, "to": kind.key} if AGENTS_OWN & step.keys() else {})
        for step in kind.steps
    ]
    path = folder / f"{kind.key}.yaml"
    path.write_text(yaml.safe_dump({"name": kind.key, "steps": steps}, allow_unicode=True), encoding="utf-8")
    return load(path)


async def portrait(route: Route) -> None:
    """Give everybody a face of ours in place of the pattern that the stand-in makes."""
    number = int(route.request.url.rpartition("/")[2].partition(".")[0])
    svg = (PORTRAITS / f"{FACES[number % len(FACES)]}.svg").read_bytes()
    await route.fulfill(body=svg, content_type="image/svg+xml")


async def crop(page: Page, pane: str, selector: str, *, first: int = 0, last: int | None = None) -> str:
    """Take a picture of what these elements cover in a pane, across its whole width, and return it as an address."""
    across = await page.locator(pane).bounding_box()
    boxes = [box for each in (await page.locator(selector).all())[first:last] if (box := await each.bounding_box())]
    assert across is not None
    top, low = min(box["y"] for box in boxes), max(box["y"] + box["height"] for box in boxes)
    marks = [box for each in await page.locator(".phone .mark").all() if (box := await each.bounding_box())]
    low = max([low, *(box["y"] + box["height"] for box in marks if pane == ".bubbles")])
    clip = {"x": across["x"], "y": top - 5, "width": across["width"], "height": low - top + 10}
    return "data:image/png;base64," + base64.b64encode(await page.screenshot(clip=clip)).decode()  # type: ignore[arg-type]


async def row(page: Page, name: str) -> str:
    """Show somebody's conversation and return its three pictures as a row."""
    await page.evaluate("name => document.querySelector(`.story[title^='${name} ']`).click()", name)
    await page.locator(".thread .message").nth(1).wait_for()
    await page.mouse.move(700, 20)
    await page.evaluate(LOADED)
    await page.wait_for_timeout(700)
    pictures = [
        await crop(page, ".bubbles", ".bubbles > li:not(.moment), .bubbles > li.moment ~ li.moment"),
        await crop(page, ".thread .messages", ".thread .message", last=1),
        await crop(page, ".thread .messages", ".thread .message", first=1),
    ]
    cells = "".join(f'<div class="cell"><img src="{each}" alt=""></div>' for each in pictures)
    return f'<div class="row">{cells}</div>'


async def sheet(chrome: Browser, name: str, language: str, rows: list[str]) -> None:
    """Put rows together, and save them small."""
    page = await chrome.new_page(viewport={"width": 1204, "height": 800})
    heads = "".join(f"<span>{escape(each)}</span>" for each in HEADS[language])
    await page.set_content(f'<style>{STYLE}</style><div class="row">{heads}</div>{"".join(rows)}')
    await save(page, await page.locator("body").screenshot(), f"kinds-{name}-{language}")
    await page.close()


async def save(page: Page, picture: bytes, name: str, *, quality: float = 0.82) -> None:
    """Keep a picture as WebP, which a page that asks nobody else packs; about a third of a PNG.

    quality: 0 to 1.
    """
    webp = await page.evaluate(
        """async ([png, quality]) => {
          const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
          const canvas = new OffscreenCanvas(image.width, image.height);
          canvas.getContext("2d").drawImage(image, 0, 0);
          const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/webp", quality })).arrayBuffer());
          return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
        }""",
        [base64.b64encode(picture).decode(), quality],
    )
    target = IMAGES / f"{name}.webp"
    target.write_bytes(base64.b64decode(webp))
    print(target.name, f"{target.stat().st_size // 1024} kB")  # noqa: T201


async def cover(stage: Stage, demo: Demo, chrome: Browser, folder: Path) -> None:
    """Show the whole page in the middle of a scene, by day and by night."""
    given = yaml.safe_load((SCENES / "instagram_day.yaml").read_text(encoding="utf-8"))
    steps = given["steps"]
    upto = next(number for number, step in enumerate(steps) if "unsends" in step)
    before = [{"who": who, "writes": words} for who, words in BEFORE.items()]
    path = folder / "cover.yaml"
    path.write_text(yaml.safe_dump({"steps": [*before, *steps[:upto]]}, allow_unicode=True), encoding="utf-8")
    await Play(stage, load(path), watched=False, tell=lambda _: None).run()
    for scheme in ("light", "dark"):
        page = await chrome.new_page(
            viewport={"width": 1440, "height": 860}, locale="en-GB", timezone_id="Asia/Tokyo", color_scheme=scheme
        )
        await page.goto(demo.url)
        await page.wait_for_selector("body.ready")
        await page.evaluate("() => document.querySelector(`.story[title^='Emma']`).click()")
        await page.locator(".thread .sound").wait_for()
        await page.wait_for_timeout(2500)
        picture = await page.screenshot()
        blank = await chrome.new_page()
        await save(blank, picture, f"demo-{scheme}")
        await blank.close()
        await page.close()


@dataclass(frozen=True, kw_only=True)
class Running:
    """A demo that runs: its stage, its page, a browser, and a folder for what is only needed meanwhile."""

    stage: Stage
    demo: Demo
    chrome: Browser
    folder: Path


@asynccontextmanager
async def running(language: str) -> AsyncIterator[Running]:
    """Put up the demo with its own bridge in one language, and a browser beside it."""
    stage = Stage(language=language)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        await stack.enter_async_context(stage.open())
        driver = await stack.enter_async_context(async_playwright())
        chrome = await driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        async with asyncio.TaskGroup() as tasks:
            demo = Demo(stage, tasks)
            sides = (("slack", stage.slack), ("meta", stage.meta))
            followers = [tasks.create_task(stage.hub.follow(kind, origin.url)) for kind, origin in sides]
            await demo.open(0, stack)
            await stack.enter_async_context(stage.bridged(folder, f"{demo.url}/clock"))
            yield Running(stage=stage, demo=demo, chrome=chrome, folder=folder)
            for each in followers:
                each.cancel()
        await chrome.close()


async def shoot(language: str) -> None:
    """Play every kind in one language and save its sheets."""
    async with running(language) as up:
        if language == "en":
            await cover(up.stage, up.demo, up.chrome, up.folder)
        await _sheets(up.stage, up.demo, up.chrome, up.folder, language)


async def _sheets(stage: Stage, demo: Demo, chrome: Browser, folder: Path, language: str) -> None:
    rows: dict[str, list[str]] = {}
    page = await chrome.new_page(
        viewport={"width": 1440, "height": 1500},
        locale=LOCALES[language],
        timezone_id="Asia/Tokyo",
        reduced_motion="reduce",
    )
    await page.route("**/of/meta/cdn/avatar/**", portrait)
    await page.goto(demo.url)
    await page.wait_for_selector("body.ready")
    wanted = kinds(language)
    for kind, family in zip(wanted, FAMILY[language][: len(wanted)], strict=True):
        name = f"{family} {GIVEN[language]}" if language == "ja" else f"{GIVEN[language]} {family}"
        account = stage.cast.accounts["shop" if kind.platform == "instagram" else "flowers"]
        handle = f"hikari_{len(stage.cast.customers)}" if language == "ja" else f"robin.{family.lower()}"
        stage.cast.customers[kind.key] = stage.meta.add_customer(account, name=name, username=handle)
        await Play(stage, scene_of(kind, language, folder), watched=False, tell=lambda _: None).run()
        if kind.sheet:
            rows.setdefault(kind.sheet, []).append(await row(page, name))
    for name, drawn in rows.items():
        await sheet(chrome, name, language, drawn)


if __name__ == "__main__":
    for each in ("en", "ja"):
        asyncio.run(shoot(each))

"""Draw what the demo's customers send: pictures, a sticker, a clip and a voice message, all our own.

Usage: python scripts/sample_media.py; it needs Playwright and a Chromium.
"""

import asyncio
import base64
import shutil
from pathlib import Path
from typing import Final

from playwright.async_api import Page, async_playwright

TARGET: Final = Path(__file__).parents[1] / "bridge" / "demo" / "samples"
QUALITY: Final = 72


def table(wall: str, wood: str, more: str) -> str:
    """A square picture of something on a table, in soft light."""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 480" width="480" height="480"><defs>
    <linearGradient id="w" x1="0" x2="1" y2="1"><stop stop-color="#fff" stop-opacity=".55"/><stop offset=".7" stop-color="#fff" stop-opacity="0"/></linearGradient>
    <linearGradient id="s" x2="1"><stop stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".28"/></linearGradient></defs>
    <rect width="480" height="480" fill="{wall}"/><path d="M0 0h330L90 480H0z" fill="url(#w)"/>
    <rect y="338" width="480" height="142" fill="{wood}"/><path d="M0 338h480v5H0z" fill="#000" opacity=".12"/>
    <path d="M0 386h480M0 432h480" stroke="#000" stroke-opacity=".07" stroke-width="3"/>{more}</svg>"""


def mug(x: int, y: int, scale: float, body: str, glaze: str, *, broken: bool = False) -> str:
    """A mug with a glazed rim; its foot stands at x, y."""
    crack = (
        '<path d="M22-168l-12 30 18 8 14-34z" fill="#ded8e2"/><path d="M16-134l-12 22 20 26-16 30 12 26" fill="none" stroke="#33261f" stroke-width="4"/>'
        if broken
        else ""
    )
    return f"""<g transform="translate({x} {y}) scale({scale})"><ellipse cx="8" cy="2" rx="104" ry="15" fill="#000" opacity=".2"/>
    <path d="M70-120c62-14 72 78-2 84" fill="none" stroke="{body}" stroke-width="21"/>
    <path d="M-80-152h160l-10 138q-2 14-18 14h-104q-16 0-18-14z" fill="{body}"/>
    <path d="M-80-152h160l-4 54q-22 26-44 4t-42 6-40-8-27 10z" fill="{glaze}"/>
    <path d="M-80-152h160l-10 138q-2 14-18 14h-104q-16 0-18-14z" fill="url(#s)"/>
    <ellipse cy="-152" rx="80" ry="17" fill="{glaze}"/><ellipse cy="-150" rx="68" ry="12" fill="#4b2f20"/>{crack}</g>"""


def petals(x: int, y: int, size: float, ink: str, heart: str = "#f6c453", more: str = "") -> str:
    """A flower of six petals."""
    each = "".join(
        f'<ellipse cy="-46" rx="29" ry="40" fill="{ink}" transform="rotate({turn})"/>' for turn in range(0, 360, 60)
    )
    return f'<g transform="translate({x} {y}) scale({size})">{each}<circle r="31" fill="{heart}"/>{more}</g>'


STEAM: Final = (
    '<g fill="none" stroke="#fff" stroke-opacity=".6" stroke-width="9" stroke-linecap="round">'
    '<path d="M208 150c-20-28 20-40 0-72"/><path d="M256 140c-20-28 20-40 0-72"/></g>'
)
FACE: Final = (
    '<circle cx="-10" cy="-4" r="4" fill="#4b2f20"/><circle cx="10" cy="-4" r="4" fill="#4b2f20"/>'
    '<path d="M-9 8q9 9 18 0" fill="none" stroke="#4b2f20" stroke-width="4" stroke-linecap="round"/>'
)
BLUE, WHITE, CLAY = ("#3d6f9e", "#7fb4d8"), ("#efe9dd", "#fffdf6"), ("#b9694a", "#e7b08e")
PICTURES: Final = {
    "mug_blue": table("#e8dccb", "#b98a5e", STEAM + mug(232, 386, 1.15, *BLUE)),
    "mug_white": table("#cfd9d2", "#8d6a4d", mug(236, 392, 1.15, *WHITE)),
    "shelf": table(
        "#ead6cd", "#a9794f", mug(118, 372, 0.66, *BLUE) + mug(252, 380, 0.66, *WHITE) + mug(384, 372, 0.66, *CLAY)
    ),
    "broken": table(
        "#ded8e2",
        "#9b7a5c",
        mug(226, 380, 1.1, *CLAY, broken=True) + '<path d="M330 402l46-16 26 22-50 14z" fill="#b9694a"/>',
    ),
    "post": table(
        "#f7dfe3",
        "#d9a9b0",
        petals(140, 190, 1.2, "#e7728f") + petals(330, 130, 0.8, "#f29fb2") + mug(282, 404, 0.95, *WHITE),
    ),
}
STORY: Final = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 270 480" width="270" height="480"><defs>
<linearGradient id="s" x2="1"><stop stop-color="#000" stop-opacity="0"/><stop offset="1" stop-color="#000" stop-opacity=".28"/></linearGradient>
<linearGradient id="d" y2="1"><stop stop-color="#5b4b8a"/><stop offset="1" stop-color="#e58f7b"/></linearGradient></defs>
<rect width="270" height="480" fill="url(#d)"/><circle cx="204" cy="96" r="34" fill="#fff3d6" opacity=".9"/>
<path d="M0 350q70-46 140-14t130-20v164H0z" fill="#3a2d55"/>{petals(74, 250, 0.8, "#ffd3dd")}{mug(150, 404, 0.8, *CLAY)}</svg>"""
STICKER: Final = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="-100 -100 200 200" width="200" height="200">
{petals(0, 0, 1.06, "#fff")}{petals(0, 0, 0.96, "#ee6f92", more=FACE)}</svg>"""

# A clip of two seconds, steam over a mug, and three seconds of humming: recorded by the browser itself.
RECORD: Final = """async ({ svg, kind }) => {
  const done = (recorder) => new Promise((resolve) => {
    const parts = [];
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
      resolve(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")));
    };
    recorder.start();
  });
  if (kind === "voice") {
    const audio = new AudioContext();
    const out = audio.createMediaStreamDestination();
    const gain = audio.createGain();
    gain.connect(out);
    gain.gain.value = 0;
    [[0, 220], [0.45, 262], [0.9, 294], [1.5, 262], [1.9, 330], [2.4, 294]].forEach(([at, pitch]) => {
      const voice = audio.createOscillator();
      voice.type = "triangle";
      voice.frequency.value = pitch;
      voice.connect(gain);
      voice.start(audio.currentTime + at);
      voice.stop(audio.currentTime + at + 0.42);
      gain.gain.setTargetAtTime(0.5, audio.currentTime + at, 0.05);
      gain.gain.setTargetAtTime(0.02, audio.currentTime + at + 0.3, 0.05);
    });
    const recorder = new MediaRecorder(out.stream, { mimeType: "audio/mp4;codecs=opus", audioBitsPerSecond: 16000 });
    setTimeout(() => recorder.stop(), 3000);
    return done(recorder);
  }
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 240, height: 240 });
  document.body.append(canvas);
  const pen = canvas.getContext("2d");
  let frame = 0;
  const draw = () => {
    pen.drawImage(image, 0, 0, 240, 240);
    pen.strokeStyle = "rgb(255 255 255 / 55%)";
    pen.lineWidth = 5;
    pen.lineCap = "round";
    for (const x of [96, 116, 136]) {
      pen.beginPath();
      for (let y = 0; y < 60; y += 4) pen.lineTo(x + Math.sin(y / 9 + frame / 6 + x) * 6, 96 - y);
      pen.stroke();
    }
    frame += 1;
  };
  draw();
  const timer = setInterval(draw, 66);
  const recorder = new MediaRecorder(canvas.captureStream(15), { mimeType: "video/mp4;codecs=avc1.42E01E", videoBitsPerSecond: 90000 });
  setTimeout(() => { clearInterval(timer); recorder.stop(); }, 2200);
  return done(recorder);
}"""


async def draw(page: Page, name: str, svg: str) -> None:
    """Save one picture: with transparency as PNG, else as JPEG."""
    clear = name.endswith(".png")
    await page.set_content(f"<style>*{{margin:0}}body{{background:none}}svg{{display:block}}</style>{svg}")
    options = {"omit_background": True} if clear else {"quality": QUALITY}
    picture = await page.locator("svg").screenshot(type="png" if clear else "jpeg", **options)
    (TARGET / name).write_bytes(picture)


async def record(page: Page, name: str, kind: str) -> None:
    """Save what the browser records."""
    told = await page.evaluate(RECORD, {"svg": table("#e8dccb", "#b98a5e", mug(232, 386, 1.15, *BLUE)), "kind": kind})
    (TARGET / name).write_bytes(base64.b64decode(told))


async def main() -> None:
    """Draw and record everything anew."""
    TARGET.mkdir(exist_ok=True)
    async with async_playwright() as driver:
        chrome = await driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        page = await chrome.new_page()
        for name, svg in PICTURES.items():
            await draw(page, f"{name}.jpg", svg)
        await draw(page, "story.jpg", STORY)
        await draw(page, "sticker.png", STICKER)
        await record(page, "clip.mp4", "clip")
        await record(page, "voice.m4a", "voice")
        await chrome.close()


if __name__ == "__main__":
    asyncio.run(main())

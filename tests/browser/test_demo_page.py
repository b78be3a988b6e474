"""The demo's page in a real browser, in front of the real bridge."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from bridge.demo.meta.samples import pdf
from tests.browser.stage import browser, demo, open_page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LOOKS = (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")
QUESTION = "こんにちは。このマグカップの在庫ありますか？"
ANSWER = "はい、青と白がございます。"


@pytest.fixture
def address() -> Iterator[str]:
    with demo() as address:
        yield address


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """A demo for tests of the page itself, to which it is one what others wrote before them."""
    with demo() as address:
        yield address


async def write_on_phone(page: Page, text: str) -> None:
    box = page.locator(".phone textarea")
    await box.fill(text)
    await box.press("Enter")


async def answer_in_thread(page: Page, text: str) -> None:
    box = page.locator(".thread textarea")
    await box.fill(text)
    await box.press("Enter")


async def test_a_question_typed_on_the_phone_is_answered_in_its_thread(
    address: str, chromium_path: str, tmp_path: Path
) -> None:
    """CT-01: both ways once, with the sign; nothing is asked of anybody but this server."""
    async with browser(chromium_path) as page:
        asked = await open_page(page, address)
        await write_on_phone(page, QUESTION)
        await expect(page.locator(".thread .message").nth(1)).to_contain_text(QUESTION)
        await expect(page.locator(".channel .message")).to_have_count(1)
        await answer_in_thread(page, ANSWER)
        await expect(page.locator(".phone .business-said")).to_contain_text(ANSWER)
        answered = page.locator(".thread .message", has_text=ANSWER)
        await expect(answered.locator("[data-name=white_check_mark]")).to_be_visible()
        await page.screenshot(path=tmp_path / "light.png")
        assert await page.evaluate(LOOKS) == []
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        await page.screenshot(path=tmp_path / "dark.png")
        assert await page.evaluate(LOOKS) == []
        assert {url for url in asked if not url.startswith((address, "data:"))} == set()


async def test_the_page_is_worked_with_the_keyboard_alone(address: str, chromium_path: str) -> None:
    async with browser(chromium_path) as page:
        await open_page(page, address)
        page_keys = page.keyboard
        await page.locator(".story.chosen").focus()
        await page_keys.press("End")
        await page_keys.press("Enter")
        await expect(page.locator(".business .names")).to_contain_text("Hanako Flowers")
        await page_keys.press("Tab")
        await expect(page.locator(".breakers button").first).to_be_focused()
        await page_keys.press("Enter")
        await expect(page.locator(".thread .message")).to_have_count(2)  # an answer may go before the words stand
        await page.locator(".thread textarea").focus()
        await page_keys.type("Welcome!")
        await page_keys.press("Enter")
        await expect(page.locator(".thread [data-name=white_check_mark]")).to_be_visible()
        await page.locator(".thread .message").last.focus()
        await page_keys.press("ArrowUp")
        await expect(page.locator(".thread .message").nth(-2)).to_be_focused()
        await page_keys.press("Escape")
        await expect(page.locator(".thread")).to_be_hidden()
        await expect(page.locator(".channel .message")).to_be_focused()


async def test_windows_are_opened_filled_in_and_sent_with_the_keyboard_alone(address: str, chromium_path: str) -> None:
    """*Reply to this* from a message's tools, and *More…* on the card: what is chosen there changes the window."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await write_on_phone(page, QUESTION)
        await expect(page.locator(".thread .message")).to_have_count(2)
        asked = page.locator(".thread .message").last
        await asked.focus()
        await asked.get_by_role("button", name="Reply to this").focus()
        await page.keyboard.press("Enter")
        window = page.get_by_role("dialog")
        await expect(window).to_contain_text(QUESTION)
        await window.locator("textarea").focus()
        await page.keyboard.type(ANSWER)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(window).to_be_hidden()
        await expect(page.locator(".phone .business-said")).to_contain_text(ANSWER)
        await expect(
            page.locator(".thread .message", has_text=ANSWER).locator("[data-name=white_check_mark]")
        ).to_be_visible()
        await page.locator(".channel .message").get_by_role("button", name="More…").press("Enter")
        await expect(window.locator("select")).to_have_count(1)
        await window.locator("select").select_option("assign")
        await expect(window.locator("select[name=whom]")).to_be_visible()
        assert await page.evaluate(LOOKS) == []
        await window.locator("select[name=whom]").select_option("U0KEN")
        await window.get_by_role("button", name="Do it").press("Enter")
        await expect(window).to_be_hidden()
        await expect(page.locator(".channel .message")).to_contain_text("Ken looks after it")


async def test_what_people_write_is_never_taken_for_markup(shared: str, chromium_path: str) -> None:
    text = "<img src=x onerror=\"document.title='taken'\"><b>bold</b> *bold* &amp; <!channel>"
    async with browser(chromium_path) as page:
        await open_page(page, shared)
        await write_on_phone(page, text)
        await expect(page.locator(".phone .own .words").last).to_have_text(text)
        await expect(page.locator(".thread .message").last).to_contain_text(text)
        assert await page.title() == "Threadbridge demo"
        assert await page.locator(".mention.loud").count() == 0


async def test_dragging_the_clock_closes_the_window_on_phone_and_card(address: str, chromium_path: str) -> None:
    """An answer 25 hours later is not sent, and its author alone is told why."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await page.locator(".story.messenger").first.click()
        await write_on_phone(page, "Do you deliver?")
        await expect(page.locator(".thread")).to_be_visible()
        slider = page.locator("#time")
        await slider.fill("25")
        await expect(page.locator(".gauge")).to_contain_text("Closed")
        await expect(page.locator("output.preview")).to_be_hidden()  # it stops where a window closes, and goes on
        await expect(slider).to_have_value("25")
        await answer_in_thread(page, "We do!")
        await expect(page.locator(".thread .private")).to_contain_text("Not sent")
        await expect(page.locator(".thread [data-name=x]")).to_be_visible()
        await page.get_by_role("radio", name="Ken").click()
        await expect(page.locator(".thread .private")).to_have_count(0)
        assert await page.locator(".phone .business-said").count() == 0


async def test_time_can_always_go_on(address: str, chromium_path: str) -> None:
    """Near its end the scale begins anew where the time stands; by mouse and by keyboard alike."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        slider = page.locator("#time")
        await slider.fill("167")
        await expect(slider).to_have_value("167")
        await expect(slider).to_have_attribute("min", "0")
        await slider.focus()
        await page.keyboard.press("ArrowRight")
        await expect(slider).to_have_attribute("min", "168")
        await expect(slider).to_have_value("168")
        await page.keyboard.press("ArrowRight")
        await expect(slider).to_have_value("169")
        await page.keyboard.press("End")
        await expect(slider).to_have_attribute("min", "360")
        await expect(slider).to_have_attribute("max", "552")
        await expect(slider).to_have_attribute("aria-valuetext", re.compile("^360 hours from the start"))
    async with browser(chromium_path) as later:
        await open_page(later, address)
        await expect(later.locator("#time")).to_have_value("360")
        await expect(later.locator("#time")).to_have_attribute("max", "552")


async def test_a_window_is_never_longer_than_a_day_however_late_the_page_was_opened(
    shared: str, chromium_path: str
) -> None:
    """The page's clock goes on from the time it was told, whatever the browser's own clock says."""
    async with browser(chromium_path) as page:
        await page.clock.install(time="2001-01-01T00:00:00Z")
        await open_page(page, shared)
        await page.locator(".story.messenger").first.click()
        await write_on_phone(page, "Do you deliver?")
        await expect(page.locator(".gauge")).to_have_text(re.compile(r"for (24 h|23 h 59 min)$"))
        await page.clock.fast_forward(600_000)
        await expect(page.locator(".gauge")).to_have_text(re.compile(r"for 23 h (50|49) min$"))


async def test_nothing_overlaps_in_a_narrow_window(shared: str, chromium_path: str) -> None:
    """Below 720 px phone and Slack stand one above the other, and the slider has a line of its own."""
    async with browser(chromium_path) as page:
        await open_page(page, shared)
        await write_on_phone(page, QUESTION)
        await expect(page.locator(".thread")).to_be_visible()
        for width in (800, 699, 420):
            await page.set_viewport_size({"width": width, "height": 900})
            await _stands_apart(page, width)


async def _stands_apart(page: Page, width: int) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [
        await page.locator(each).bounding_box()
        for each in ("h1", ".menus", ".face-of-clock", ".slide", ".customer", ".desk")
    ]
    shown = [box for box in boxes if box is not None]
    assert len(shown) == len(boxes)
    for one, other in combinations(shown, 2):
        across = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
        down = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
        assert across <= 0.5 or down <= 0.5, (one, other)
    customer, desk = shown[-2:]
    assert (desk["y"] >= customer["y"] + customer["height"]) is (width < 720)


async def test_a_picture_attached_in_slack_is_seen_on_the_phone(
    address: str, chromium_path: str, tmp_path: Path
) -> None:
    """CT-17, CT-18: a picture, a film and a paper with a word before them; what is taken away before it goes stays here."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await write_on_phone(page, QUESTION)
        await expect(page.locator(".thread .message").nth(1)).to_contain_text(QUESTION)
        samples = Path(__file__).parents[2] / "bridge/demo/samples"
        bill = tmp_path / "請求書.pdf"
        bill.write_bytes(pdf("bill"))
        files = [samples / "mug_blue.jpg", samples / "clip.mp4", bill, samples / "shelf.jpg"]
        await page.locator(".thread input[type=file]").set_input_files(files)
        await expect(page.locator(".thread .attached li")).to_have_count(4)
        await page.get_by_role("button", name="Take shelf.jpg away").click()
        await page.screenshot(path=tmp_path / "attached.png")
        assert await page.evaluate(LOOKS) == []
        await answer_in_thread(page, ANSWER)
        said = page.locator(".phone .business-said")
        await expect(said).to_have_count(4)
        await expect(said.nth(0)).to_contain_text(ANSWER)
        await expect(said.nth(1).locator("img.sent")).to_be_visible()
        await expect(said.nth(2).locator("video")).to_be_visible()
        await expect(said.nth(3)).to_contain_text("請求書.pdf")
        await expect(
            page.locator(".thread .message", has_text=ANSWER).locator("[data-name=white_check_mark]")
        ).to_be_visible()
        await page.screenshot(path=tmp_path / "sent.png")
        assert await page.evaluate(LOOKS) == []


async def command(page: Page, *typed: str) -> None:
    """Type into the channel's box, key by key where it is one."""
    await page.locator(".channel textarea").focus()
    for each in typed:
        await (page.keyboard.press(each) if each in ("ArrowDown", "Enter", "Tab") else page.keyboard.type(each))


async def test_commands_are_offered_as_they_are_typed_and_home_follows(
    address: str, chromium_path: str, tmp_path: Path
) -> None:
    """F11, I-03: help, a list that only the asker sees, and the Home tab, by keyboard; none of it in a thread."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        await write_on_phone(page, QUESTION)
        await expect(page.locator(".thread .message")).to_have_count(2)
        await answer_in_thread(page, "/bridge mine")
        await expect(page.locator("#complaint")).to_contain_text("not supported in threads")
        await page.keyboard.press("Escape")
        await command(page, "/bri")
        await expect(page.get_by_role("option").first).to_contain_text("/bridge setup")
        await command(page, "dge he")
        await expect(page.get_by_role("option")).to_have_text(
            ["/bridge helpHow the bridge to Instagram and Messenger works"]
        )
        await command(page, "ArrowDown", "Enter", "Enter")
        told = page.locator(".channel .message.private")
        await expect(told).to_contain_text("Reply in a customer’s thread, and the customer gets it.")
        await command(page, "/bridge mi", "Tab", "Enter")
        await expect(told.last).to_contain_text("You look after no conversation.")
        await page.locator(".places .direct button").press("Enter")
        home = page.get_by_role("tabpanel", name="Home")
        await expect(home).to_contain_text("Waiting for an answer")
        await expect(home).to_contain_text("Hanako Flowers")
        await page.screenshot(path=tmp_path / "home.png")
        assert await page.evaluate(LOOKS) == []
        await home.get_by_role("button", name="Take").press("Enter")
        await expect(home).to_contain_text("Aki looks after it")
        await home.get_by_role("button", name="Edit").first.press("Enter")
        window = page.get_by_role("dialog")
        await window.locator("input[name=name]").fill("Shop of Hanako")
        await window.get_by_role("button", name="Save").press("Enter")
        await expect(window).to_be_hidden()
        await expect(home).to_contain_text("Shop of Hanako · Instagram", timeout=15_000)
        await home.get_by_role("link", name="Open").first.press("Enter")
        await expect(page.locator(".thread")).to_contain_text("Aki looks after this conversation")
        await page.get_by_role("radio", name="Gina").click()
        await page.locator(".places .direct button").click()
        await expect(home).to_contain_text("You may answer none of the accounts")
        await page.get_by_role("tab", name="Messages").press("Enter")
        await expect(home).to_be_hidden()
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert await page.evaluate(LOOKS) == []


async def test_people_are_offered_after_an_at_sign_in_commands_and_in_messages(
    address: str, chromium_path: str
) -> None:
    """ZM-17, I-03: by keyboard and by mouse, as in Slack, which then says who it is; what is typed on stays as it is."""
    async with browser(chromium_path) as page:
        await open_page(page, address)
        box, options = page.locator(".channel textarea"), page.get_by_role("option")
        await command(page, "/bridge agents add @")
        await expect(options.first).to_be_visible()
        await expect(page.get_by_role("listbox", name="People")).to_contain_text("@supportuser group")
        assert await page.evaluate(LOOKS) == []
        await command(page, "adam")
        await expect(options).to_have_text(["@KenKen Adams"])
        await command(page, "Enter")
        await expect(box).to_have_value("/bridge agents add @Ken ")
        await command(page, "Hanako Studio", "Enter")
        told = page.locator(".channel .message.private")
        await expect(told).to_contain_text("From now on only @Ken may answer the customers of Hanako Studio")
        await command(page, "Ask @g")
        await options.click()
        await expect(box).to_have_value("Ask @Gina ")
        await command(page, "or mail@Ken", "Enter")
        message = page.locator(".channel .message").last
        await expect(message.locator(".mention")).to_have_text(["@Gina"])
        await expect(message).to_contain_text("or mail@Ken")


OPTIONS = [{"text": {"type": "plain_text", "text": name}, "value": name} for name in ("one", "two")]
FILLED: list[tuple[dict[str, object], object]] = [
    ({"type": "plain_text_input", "initial_value": "words"}, "words"),
    ({"type": "plain_text_input", "multiline": True, "initial_value": "more words"}, "more words"),
    ({"type": "number_input", "is_decimal_allowed": False, "initial_value": "7"}, "7"),
    ({"type": "email_text_input", "initial_value": "a@example.com"}, "a@example.com"),
    ({"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[1]}, "two"),
    ({"type": "static_select", "option_groups": [{"label": OPTIONS[0]["text"], "options": OPTIONS}]}, None),
    ({"type": "radio_buttons", "options": OPTIONS, "initial_option": OPTIONS[0]}, "one"),
    ({"type": "checkboxes", "options": OPTIONS, "initial_options": OPTIONS}, ["one", "two"]),
    ({"type": "multi_static_select", "options": OPTIONS}, []),
    ({"type": "users_select", "initial_user": "U0KEN"}, "U0KEN"),
    ({"type": "multi_users_select", "initial_users": ["U0AKI", "U0KEN"]}, ["U0AKI", "U0KEN"]),
    ({"type": "conversations_select", "initial_conversation": "C0ALERTS"}, "C0ALERTS"),
    ({"type": "multi_channels_select", "initial_channels": ["C0ALERTS"]}, ["C0ALERTS"]),
    ({"type": "file_input", "filetypes": ["png"], "max_files": 1}, None),
    ({"type": "datepicker", "initial_date": "2026-11-22"}, "2026-11-22"),
    ({"type": "timepicker", "initial_time": "09:30"}, "09:30"),
    ({"type": "datetimepicker", "initial_date_time": 1_795_336_200}, 1_795_336_200),
]
"""Each kind of Slack's fields with what stands in it at first."""
DRAWN = """async (filled) => {
  const { control } = await import("/page/js/inputs.js");
  const shapes = filled.map(([shape], number) => ({ ...shape, action_id: `a${number}` }));
  const made = shapes.map((shape) => control(shape, undefined, { label: shape.action_id }));
  document.querySelector(".channel .note").replaceChildren(...made.map((each) => each.root));
  return made.map((each) => each.read() ?? null);
}"""


async def test_every_field_that_slack_has_is_drawn_and_read(shared: str, chromium_path: str) -> None:
    """I-03: what people fill in to set the bridge up."""
    async with browser(chromium_path) as page:
        await open_page(page, shared)
        assert await page.evaluate(DRAWN, FILLED) == [value for _, value in FILLED]
        assert await page.evaluate(LOOKS) == []


CHOOSER = """async () => {
  const { control } = await import("/page/js/inputs.js");
  window.chooser = control({ type: "file_input", action_id: "icon", filetypes: ["png"], max_files: 1 }, undefined, { label: "icon" });
  document.querySelector(".channel .note").replaceChildren(window.chooser.root);
}"""


async def test_a_file_is_chosen_in_a_window_and_told_of_as_slack_tells_it(shared: str, chromium_path: str) -> None:
    """ZI-12: an account's icon can be tried in the demo."""
    async with browser(chromium_path) as page:
        await open_page(page, shared)
        await page.evaluate(CHOOSER)
        field = page.locator("input[name=icon]")
        assert await field.get_attribute("accept") == ".png"
        await field.set_input_files({"name": "shop.png", "mimeType": "image/png", "buffer": b"\x89PNG"})
        await expect(page.locator(".files small")).to_have_text("shop.png")
        (told,) = await page.evaluate("() => window.chooser.read()")
        assert (told["name"], told["mimetype"], told["size"], told["id"][0]) == ("shop.png", "image/png", 4, "F")

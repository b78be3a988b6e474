"""The window by which a key is made that signs an account's tickets, and what stands in it once there is one.

Nobody types a key. It is made where the window is sent in, kept sealed before Slack is answered, decided like every other
change, and shown only once it counts, in the window alone: nothing of a window stays in a history.
"""

import base64
import secrets
from typing import Final

from bridge import tickets
from bridge.model.change import replace
from bridge.model.setup import Change
from bridge.model.state import Said, Wish
from bridge.slack.blocks import section, small
from bridge.slack.homes.pieces import button, text
from bridge.slack.phrase import Json, Phrase, Words, lines, phrase
from bridge.slack.setup.about import MOST, About, written
from bridge.slack.setup.confirming import said
from bridge.slack.setup.kinds import Drawing, Drawn, SetupWindow
from bridge.slack.setup.room import KEY as OPENS
from bridge.slack.windows.forms import heading
from bridge.wording import Wording

SETTING: Final = tickets.SECRET
LENGTH: Final = 32
"""Bytes of a key."""
SHOWS: Final = "setup:key_made"
"""The window's kind once it was sent in: it cannot be sent in again."""
BLOCK: Final = "ticket_secret.key"


def fresh() -> str:
    """Make a key, as Standard Webhooks writes it."""
    return f"{tickets.PREFIX}{base64.b64encode(secrets.token_bytes(LENGTH)).decode('ascii')}"


def row(drawing: Drawing) -> Json:
    """Return the line of the settings window that says whether something signs, with the button beside it."""
    sheet, wording = drawing.sheet, drawing.wording
    key = "setting.key_there" if sheet.beside.signed else "setting.key_none"
    press = button(wording.say("button.new_key"), OPENS, value=str(sheet.account.id), first=not sheet.beside.signed)
    title: Phrase = (Words(text=wording.say("setting.ticket_secret"), bold=True),)
    return {**text(lines([title, phrase(wording, key, {})]), press), "block_id": BLOCK}


def name_of(view: str) -> str:
    """Return the name under which the window is found once it was sent in; before that nothing has it.

    Without it what was decided at once could be overtaken by the answer to what was sent in, and be written over.
    """
    return f"key:{view}"


def waiting(name: str, wording: Wording) -> Json:
    """Return what stands in the window until the key counts."""
    return _without_form([section(phrase(wording, "set_up.key_waits", {}))], name, wording)


def told(words: Phrase, key: str | None, name: str, wording: Wording) -> Json:
    """Return what became of it, with the key that counts from now on."""
    if key is None:
        return _without_form([section(words)], name, wording)
    once = section(phrase(wording, "set_up.key_once", {}))
    return _without_form([section(words), _as_it_is(key), once], name, wording)


def _as_it_is(key: str) -> Json:
    """Return words to be copied."""
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": key}]}
    return {"type": "rich_text", "elements": [element]}


def _without_form(blocks: list[Json], name: str, wording: Wording) -> Json:
    return {
        "type": "modal",
        "callback_id": SHOWS,
        "external_id": name,
        "title": heading(wording.say("set_up.key_title")),
        "close": heading(wording.say("button.close_window")),
        "blocks": blocks,
    }


def _draw(drawing: Drawing) -> Drawn | Said:
    account, beside = drawing.sheet.account, drawing.sheet.beside
    if account.wish is Wish.REMOVED:
        return Said(key="set_up.is_removed", values={"account": account.name})
    before = "set_up.key_instead" if beside.signed else "set_up.key_first"
    blocks = [
        section(said(drawing, "set_up.key_what")),
        section(said(drawing, before)),
        small(said(drawing, "set_up.key_soon")),
    ]
    about = replace(drawing.about, seen={**drawing.about.seen, SETTING: beside.signer})
    alone = About(account=about.account, language=about.language, place=about.place, handle=about.handle)
    fits = len(written(about)) <= MOST
    return Drawn(blocks=blocks, about=about if fits else replace(alone, seen={SETTING: beside.signer}))


KEY = SetupWindow(
    name=OPENS,
    title="set_up.key_title",
    submit="button.make_key",
    change=Change.KEY,
    draw=_draw,
    typed=lambda _, __: {SETTING: ""},
)

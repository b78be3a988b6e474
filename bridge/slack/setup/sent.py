"""Windows that set something up, as they come back: whether one is meant, and what stands in its fields. Pure."""

from datetime import datetime

from bridge.slack.setup import disclosing
from bridge.slack.setup.about import About
from bridge.slack.setup.kinds import SetupWindow
from bridge.slack.setup.table import WINDOWS
from bridge.slack.shapes import Json, items, thing
from bridge.slack.windows import forms
from bridge.wording import Wording


def opens(payload: Json) -> bool:
    """Whether a press opens such a window, or changes one that is open."""
    if payload.get("type") != "block_actions":
        return False
    if sent_in(payload):
        return True
    action = (items(payload.get("actions")) or [{}])[0]
    return action.get("action_id") in WINDOWS


def sent_in(payload: Json) -> bool:
    """Whether it is about such a window, which is sent in or changed."""
    return thing(payload.get("view")).get("callback_id") in WINDOWS


def is_question(payload: Json) -> bool:
    """Whether it is about a window that stands over another one, so that both are to close."""
    return thing(payload.get("view")).get("callback_id") == disclosing.UNDISCLOSED.name


def there_in(window: SetupWindow, about: About, shown: Json) -> list[forms.AnyField]:
    """Return a window's fields, of those that it may have."""
    state = thing(thing(shown.get("state")).get("values"))
    return [each for each in (*window.fields(about), *window.rows(tuple(state))) if each.name in state]


def read_in(window: SetupWindow, about: About, shown: Json, now: datetime) -> forms.Read:
    """Return what stands in a window's fields."""
    wording = Wording(about.language)
    state = thing(thing(shown.get("state")).get("values"))
    given = forms.read(there_in(window, about, shown), state, wording, now)
    unfit = {name: wording.say(key) for name, key in window.unfit(given.values).items()}
    return forms.Read(values=given.values, wrong={**unfit, **given.wrong})

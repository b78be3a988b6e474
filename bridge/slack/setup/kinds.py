"""What a window is that sets something up: what it shows, and what is wanted by sending it in. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from bridge.model.setup import Change, SetupSheet
from bridge.model.state import Said
from bridge.model.word import Word, field
from bridge.slack.phrase import Json
from bridge.slack.setup.about import About, written
from bridge.slack.windows.forms import AnyField, Given, heading
from bridge.wording import Wording


class Drawing(Word, kw_only=True):
    """What a window is drawn from. groups: those of the workspace, by their ids, for a window that asks for them."""

    sheet: SetupSheet
    about: About
    wording: Wording
    now: datetime
    groups: Mapping[str, str] = field(default_factory=dict)


class Drawn(Word, kw_only=True):
    """The blocks of a window, and what it is about now."""

    blocks: Sequence[Json]
    about: About


class SetupWindow(Word, kw_only=True):
    """One kind of window. Its name is the id of the button that opens it.

    title, submit: keys of the catalogue. draw: what it shows, or why it is not opened. wants_groups: whether it is drawn from
    the workspace's groups. fields: those that may be shown; rows: those besides, by the names of all that stands in it. unfit:
    by field, the key of what is wrong with several of them together. typed: by setting, what is wanted with these values.
    """

    name: str
    title: str
    submit: str
    change: Change
    draw: Callable[[Drawing], Drawn | Said]
    wants_groups: Callable[[About], bool] = lambda _: False
    fields: Callable[[About], Sequence[AnyField]] = lambda _: ()
    rows: Callable[[Collection[str]], Sequence[AnyField]] = lambda _: ()
    unfit: Callable[[Mapping[str, Given]], Mapping[str, str]] = lambda _: {}
    typed: Callable[[About, Mapping[str, Given]], Mapping[str, str]] = lambda _, __: {}


def view(window: SetupWindow, made: Drawn, wording: Wording) -> Json:
    """Return a whole view (docs.slack.dev, Modals)."""
    return {
        "type": "modal",
        "callback_id": window.name,
        "private_metadata": written(made.about),
        "title": heading(wording.say(window.title)),
        "submit": heading(wording.say(window.submit)),
        "close": heading(wording.say("button.cancel")),
        "blocks": list(made.blocks),
    }

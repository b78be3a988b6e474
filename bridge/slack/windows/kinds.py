"""What a window is: how it is drawn, which fields it has, and what is asked for by sending it in. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bridge.model.asked import Asked
from bridge.model.decision import Job
from bridge.model.effects import AnyEffect
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Platform, Said
from bridge.model.word import Word, field
from bridge.slack.phrase import Json
from bridge.slack.windows.about import About, written
from bridge.slack.windows.forms import AnyField, Read, heading
from bridge.split import WireLimit
from bridge.wording import Wording


class Drawing(Word, kw_only=True):
    """What a window is drawn from. reader: who has it before them.

    chosen: what stands in its fields already, when it is drawn anew. groups: the workspace's groups that may be chosen, by
    their ids, for a window that asks for them. wire: what one message on each network may hold.
    """

    asked: Asked
    about: About
    wording: Wording
    now: datetime
    chosen: Read
    reader: PersonRef
    groups: Mapping[str, str] = field(default_factory=dict)
    wire: Mapping[Platform, WireLimit] = field(default_factory=dict)


class Drawn(Word, kw_only=True):
    """The blocks of a window, and what it is about now."""

    blocks: Sequence[Json]
    about: About


Draw = Callable[[Drawing], Drawn | Said]
"""Draws a window; or says why there is none to be opened here."""


Weigh = Callable[[Asked, About, Read], Mapping[str, str]]
"""What is wrong with values as things stand now: a key of the catalogue, by field."""


class Window(Word, kw_only=True):
    """One kind of window. Its name is what opens it: a message shortcut, or a button.

    title, submit: keys of the catalogue; without a submit it is only read. fields: all that it can ever have.
    act: what is asked for by sending it in with these values. check: what is wrong with them together: a key of the
    catalogue, by field. weigh: what else looks at them, with what the store says. wants_groups: whether it is drawn from the workspace's groups.
    """

    name: str
    title: str
    draw: Draw
    submit: str | None = None
    shortcut: bool = True
    """Whether it is in the menu of every message."""
    fields: Callable[[About], Sequence[AnyField]] = lambda _: ()
    act: Callable[[About, Read], Act | None] = lambda _, __: None
    check: Callable[[About, Read], Mapping[str, str]] = lambda _, __: {}
    weigh: Callable[[Read], Weigh | None] = lambda _: None
    wants_newest: bool = False
    """Whether it shows what its message says on the desk by now."""
    wants_groups: Callable[[Read], bool] = lambda _: False


class Form(Word, kw_only=True):
    """A part of a window: its fields, how they are drawn, and what may be wrong with them together, or as things stand."""

    fields: Callable[[About], Sequence[AnyField]]
    draw: Callable[[Drawing], Drawn]
    check: Callable[[About, Read], Mapping[str, str]] = lambda _, __: {}
    weigh: Weigh | None = None


def view(window: Window, made: Drawn, wording: Wording) -> Json:
    """Return a whole view (docs.slack.dev, Modals)."""
    drawn: Json = {
        "type": "modal",
        "callback_id": window.name,
        "private_metadata": written(made.about),
        "title": heading(wording.say(window.title)),
        "close": heading(wording.say("button.cancel" if window.submit else "button.close_window")),
        "blocks": list(made.blocks),
    }
    return drawn | ({"submit": heading(wording.say(window.submit))} if window.submit else {})


def job(drawing: Drawing, effect: AnyEffect) -> Job:
    """Return what an effect of the same conversation would be drawn from, for this reader."""
    asked = drawing.asked
    return Job(
        row=0, effect=effect, attempts=0, scene=asked.scene, workspace=asked.scene.workspace, names=dict(asked.names),
        language=asked.language,
    )  # fmt: skip

"""An answer in a window: a saved reply or words of one's own, and what goes of them, before they go. Pure."""

from collections.abc import Mapping, Sequence

from bridge import aliases
from bridge.model.change import replace
from bridge.model.facts import Act
from bridge.model.saved import SavedReply
from bridge.model.state import Said
from bridge.rules.acts import saved
from bridge.slack.text import inert_name
from bridge.slack.windows import preview
from bridge.slack.windows.about import About
from bridge.slack.windows.forms import TEXT, AnyField, Choice, Read, Typed, anew, draw, text_of
from bridge.slack.windows.kinds import Drawing, Drawn, Form, Window
from bridge.wording import NAME, Wording, languages, load

SAVED = Choice(name="saved", label="window.saved", optional=True, redraws=True)
OTHER = "other"


def options(drawing: Drawing) -> list[tuple[str, str]]:
    """Return the saved replies by their ids: name and language."""
    return [(str(each.id), called(each, drawing.wording)) for each in drawing.asked.saved]


def called(reply: SavedReply, wording: Wording) -> str:
    """Return a saved reply's name with its language."""
    return f"{reply.name} · {dict(tongues(wording)).get(reply.language, wording.say('language.other'))}"


def tongues(wording: Wording) -> list[tuple[str, str]]:
    """Return the languages that a saved reply may be in, each by its own name, and *other*."""
    return [*((each, load(each)[NAME]) for each in languages()), (OTHER, wording.say("language.other"))]


def _text(about: About) -> Typed:
    return Typed(name=anew(TEXT, about.pick), label="window.answer", lines=True)


def _fields(about: About) -> Sequence[AnyField]:
    return (SAVED, _text(about))


def _drawn(drawing: Drawing) -> Drawn:
    asked, wording, chosen = drawing.asked, drawing.wording, drawing.chosen
    pick = next((each for each in asked.saved if str(each.id) == chosen.values.get(SAVED.name)), None)
    about = replace(drawing.about, pick="" if pick is None else str(pick.id))
    typed = text_of(chosen.values)
    if pick is not None and about.pick != drawing.about.pick:
        typed = saved.filled(pick.text, _known(drawing))
    choice = [draw(SAVED, wording, about.pick or None, options(drawing))] if asked.saved else []
    sizes = preview.sizes(drawing, typed, asked.scene.account.platform)
    blocks = [*choice, draw(_text(about), wording, typed), preview.button(drawing), *sizes]
    return Drawn(blocks=blocks, about=about)


def _known(drawing: Drawing) -> dict[str, str | None]:
    """Return what placeholders stand for: of a customer without a name nothing."""
    scene = drawing.asked.scene
    customer = scene.customer
    names = [inert_name(each or "") for each in (customer.name, customer.username)]
    agent = aliases.called(scene.account.settings, drawing.reader, scene.known.people)
    return {"customer": next(filter(None, names), None), "agent": agent}


def _check(about: About, read: Read) -> Mapping[str, str]:
    return {_text(about).name: "window.unfilled"} if saved.unfilled(text_of(read.values) or "") else {}


FORM = Form(fields=_fields, draw=_drawn, check=_check)


def _window(drawing: Drawing) -> Drawn | Said:
    return FORM.draw(drawing)


REPLY_WITH = Window(
    name="reply_with",
    title="window.reply_with.title",
    submit="button.send",
    draw=_window,
    fields=_fields,
    check=_check,
    act=lambda _, __: Act.ANSWER,
)
"""*Reply with…*: the same by itself, in the menu of every message of a thread."""

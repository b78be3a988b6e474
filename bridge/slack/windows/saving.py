"""Saved replies: kept from a message or written anew, changed, deleted. Pure."""

from collections.abc import Mapping, Sequence

from bridge.model.asked import Asked
from bridge.model.change import replace
from bridge.model.facts import Act
from bridge.model.state import Platform, Said
from bridge.rules.acts import saved
from bridge.slack.windows import preview
from bridge.slack.windows.about import About
from bridge.slack.windows.answering import options, tongues
from bridge.slack.windows.forms import TEXT, AnyField, Choice, Read, Typed, anew, draw, standing, text_of
from bridge.slack.windows.kinds import Drawing, Drawn, Form, Window

WHICH = Choice(name="saved", label="window.saved_which", redraws=True)
DELETED = Choice(name="saved", label="window.saved_delete")
LANGUAGE = "language"
"""The name of a field."""
NEW = "0"
"""In the place of an id: a new one."""


def _name(about: About) -> Typed:
    return Typed(name=anew("name", about.pick), label="window.saved_name", most=60)


def _language(about: About) -> Choice:
    return Choice(name=anew(LANGUAGE, about.pick), label="window.saved_language")


def _text(about: About) -> Typed:
    return Typed(name=anew(TEXT, about.pick), label="window.saved_text", hint="window.saved_hint", lines=True)


def _fields(about: About) -> Sequence[AnyField]:
    choice = (WHICH,) if about.step else ()
    return (*choice, _name(about), _language(about), _text(about))


def _drawn(drawing: Drawing) -> Drawn:
    """Draw a saved reply to be changed, or an empty one."""
    asked, wording, values = drawing.asked, drawing.wording, drawing.chosen.values
    pick = next((each for each in asked.saved if str(each.id) == values.get("saved")), None)
    about = replace(drawing.about, pick="" if pick is None else str(pick.id))
    fresh = about.pick != drawing.about.pick
    values = {} if fresh else values
    name = pick.name if pick and fresh else standing(values, "name")
    language = pick.language if pick and fresh else standing(values, LANGUAGE) or about.language
    text = pick.text if pick and fresh else text_of(values)
    if text is None and not about.step and asked.scene.message is not None:
        text = asked.scene.message.text
    languages = tongues(wording)
    known = [(NEW, wording.say("window.saved_new")), *options(drawing)]
    choice = [draw(WHICH, wording, about.pick or NEW, known)] if about.step else []
    fields = (draw(_name(about), wording, name), draw(_language(about), wording, language, languages))
    sizes = preview.sizes(drawing, text, *Platform)
    blocks = [*choice, *fields, draw(_text(about), wording, text), preview.button(drawing), *sizes]
    return Drawn(blocks=blocks, about=about)


def _check(about: About, read: Read) -> Mapping[str, str]:
    return {_text(about).name: "window.no_placeholder"} if saved.unknown(text_of(read.values) or "") else {}


def _weigh(asked: Asked, about: About, read: Read) -> Mapping[str, str]:
    """Say at the name that it is another one's, which a colleague may have written."""
    name, language = standing(read.values, "name") or "", standing(read.values, LANGUAGE) or ""
    same = saved.called(asked.saved, name, language, but=saved.chosen(read.values))
    # Sent in twice, because Slack had not heard of the first time, it is the very same.
    taken = same is not None and same.text != text_of(read.values)
    return {_name(about).name: "window.name_taken"} if taken else {}


FORM = Form(fields=_fields, draw=_drawn, check=_check, weigh=_weigh)


def _deleting(drawing: Drawing) -> Drawn:
    """Draw which one is to be deleted."""
    known = options(drawing) or [(NEW, drawing.wording.say("window.saved_none"))]
    return Drawn(blocks=[draw(DELETED, drawing.wording, options=known)], about=drawing.about)


DELETING = Form(fields=lambda _: (DELETED,), draw=_deleting)


def _window(drawing: Drawing) -> Drawn | Said:
    message = drawing.asked.scene.message
    if message is None or not message.text:
        return Said(key="window.nothing_to_save")
    return FORM.draw(replace(drawing, about=replace(drawing.about, message=message.id)))


SAVE = Window(
    name=Act.SAVE_REPLY,
    title="window.save.title",
    submit="button.save",
    draw=_window,
    fields=_fields,
    check=_check,
    weigh=lambda _: _weigh,
    act=lambda _, __: Act.SAVE_REPLY,
)
"""*Save as reply*: from a message, in whose menu it stands."""

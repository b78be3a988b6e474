"""*Reply to this*: an answer that shows the customer which of their messages it answers. Pure."""

from collections.abc import Sequence

from bridge.model.change import replace
from bridge.model.facts import Act
from bridge.model.state import Message, Said
from bridge.rules.acts.windows import NOT_QUOTABLE, quotable
from bridge.slack import messages, names
from bridge.slack.blocks import small
from bridge.slack.phrase import Words, flat, phrase
from bridge.slack.windows.about import About
from bridge.slack.windows.forms import AnyField, Choice, Typed, draw
from bridge.slack.windows.kinds import Drawing, Drawn, Window

MOST_QUOTED = 150
TEXT = Typed(name="text", label="window.answer", hint="window.answer_hint", lines=True)
WHICH = Choice(name="which", label="window.which")


def _fields(about: About) -> Sequence[AnyField]:
    return (TEXT,) if about.message is not None else (WHICH, TEXT)


def _drawn(drawing: Drawing) -> Drawn | Said:
    scene, wording = drawing.asked.scene, drawing.wording
    possible = [each for each in scene.shown if quotable(each) is not None]
    if not possible:
        return NOT_QUOTABLE
    text = draw(TEXT, wording, drawing.chosen.values.get("text"))
    if len(possible) == 1:
        values = {**names.standing(scene, wording), "quoted": Words(text=_quote(drawing, possible[0]))}
        about = replace(drawing.about, message=possible[0].id)
        return Drawn(blocks=(small(phrase(wording, "window.reply_about", values)), text), about=about)
    options = [(str(each.id), _quote(drawing, each)) for each in possible]
    return Drawn(blocks=(draw(WHICH, wording, options=options), text), about=drawing.about)


def _quote(drawing: Drawing, message: Message) -> str:
    """Return a message's first words, or what it was, on one line."""
    act, words = messages.gist(drawing.asked.scene, message, drawing.wording, MOST_QUOTED)
    return " ".join(filter(None, (flat(act), words)))


REPLY = Window(
    name=Act.REPLY_TO,
    title="window.reply.title",
    submit="button.send",
    draw=_drawn,
    fields=_fields,
    act=lambda _, __: Act.REPLY_TO,
)

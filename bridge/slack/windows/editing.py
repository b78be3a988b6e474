"""An answer in other words: one that was too long, or the correction of one that has gone. Pure."""

from bridge.model.facts import Act
from bridge.model.state import Author, Message, PartState, ReplyState, Said
from bridge.rules.acts.pressed import OVER
from bridge.slack.blocks import small
from bridge.slack.phrase import Phrase, Words, phrase
from bridge.slack.text import inert_name
from bridge.slack.windows.forms import Typed, draw
from bridge.slack.windows.kinds import Drawing, Drawn, Window
from bridge.wording import Wording

MOST_NAME = 60
"""Characters of a file's name."""
TEXT = Typed(name="text", label="window.answer", lines=True)


def _edited(drawing: Drawing) -> Drawn | Said:
    """Draw an answer that was refused, to be written anew."""
    message = drawing.asked.scene.message
    gone = message is not None and any(part.state is not PartState.READY for part in message.parts)
    if message is None or message.state is not ReplyState.REFUSED or gone:
        return OVER
    most = drawing.asked.scene.account.settings.ceiling
    lines = [phrase(drawing.wording, "window.ceiling", {"maximum": most}), *_files(message, drawing.wording)]
    return Drawn(blocks=(*map(small, lines), draw(TEXT, drawing.wording, message.text)), about=drawing.about)


def _files(message: Message, wording: Wording) -> list[Phrase]:
    """Return a line for the files that go with the words, by their names; none without any."""
    if not message.attachments:
        return []
    titles = [inert_name(each.title or "", MOST_NAME) or wording.say("thing.other") for each in message.attachments]
    return [phrase(wording, "window.with_files", {"count": len(titles), "names": Words(text=wording.listed(titles))})]


def _corrected(drawing: Drawing) -> Drawn | Said:
    """Draw what an answer says now, whose earlier words the customer has."""
    message = drawing.asked.scene.message
    if message is None or message.author is not Author.AGENT:
        return OVER
    line = small(phrase(drawing.wording, "window.correction", {}))
    return Drawn(blocks=(line, draw(TEXT, drawing.wording, drawing.asked.newest)), about=drawing.about)


EDIT = Window(
    name=Act.EDIT,
    title="window.edit.title",
    submit="button.send",
    draw=_edited,
    shortcut=False,
    fields=lambda _: (TEXT,),
    act=lambda _, __: Act.EDIT,
)
CORRECT = Window(
    name=Act.CORRECT,
    title="window.correct.title",
    submit="button.send",
    draw=_corrected,
    shortcut=False,
    fields=lambda _: (TEXT,),
    act=lambda _, __: Act.CORRECT,
    wants_newest=True,
)

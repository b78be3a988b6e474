"""*Details* of an answer: what became of each part of it, in the network's own numbers, for whoever looks into it. Pure."""

from collections.abc import Iterator

from bridge.model.effects import TellPerson
from bridge.model.facts import Act
from bridge.model.state import Author, Message, Part, PartState, Said
from bridge.rules.acts.pressed import happened
from bridge.slack import names, render
from bridge.slack.blocks import section
from bridge.slack.phrase import At, Phrase, Words, phrase
from bridge.slack.windows.kinds import Drawing, Drawn, Window, job

STATES = {
    PartState.READY: "window.part_ready",
    PartState.SENT: "window.part_sent",
    PartState.UNSURE: "window.part_unsure",
}


def _drawn(drawing: Drawing) -> Drawn | Said:
    message = drawing.asked.scene.message
    if message is None or message.author is not Author.AGENT:
        return Said(key="whats_up.unknown")
    paragraphs = [_said(drawing, message), phrase(drawing.wording, "window.written", {"when": At(moment=message.at)})]
    lines = [line for part in message.parts for line in _part(drawing, part)]
    return Drawn(blocks=(section(*paragraphs), *([section(*lines)] if lines else [])), about=drawing.about)


def _said(drawing: Drawing, message: Message) -> Phrase:
    """Return what *What happened?* says."""
    scene = drawing.asked.scene
    told = TellPerson(
        workspace=scene.workspace.id,
        person=drawing.reader,
        said=happened(message),
        about=drawing.about.root,
        root=None,
        at=drawing.now,
    )
    return render.said(job(drawing, told), told.said)


def _part(drawing: Drawing, part: Part) -> Iterator[Phrase]:
    """Yield how far a part came, and what the network said of it last."""
    scene, wording = drawing.asked.scene, drawing.wording
    known = names.standing(scene, wording)
    came = phrase(wording, STATES[part.state], known)
    yield phrase(wording, "window.part", {"part": part.seq, "parts": part.of, "came": came})
    if part.answered_at is not None:
        yield phrase(wording, "window.answered", {**known, "when": At(moment=part.answered_at)})
    if part.remote_id is not None:
        yield phrase(wording, "window.remote_id", {**known, "id": Words(text=part.remote_id)})
    if (answer := part.answer) is not None:
        values = {"code": answer.code, "subcode": answer.subcode, "trace": answer.trace, "status": str(answer.status)}
        shown = {name: Words(text=value or "–") for name, value in values.items()}
        yield phrase(wording, "window.codes", shown)


DETAILS = Window(name=Act.DETAILS, title="window.details.title", draw=_drawn, shortcut=False)
"""The button on what tells of a refusal, and under *What happened?*."""

"""A conversation as a text file, for whoever asked and nobody else.

Rule 1: what is in it is read when it is made; the file stands in a direct message, and nowhere in the thread.
Rule 2: whatever a customer takes back afterwards takes the whole file with it, and whoever has it hears of that.
"""

from __future__ import annotations

from datetime import timedelta

from bridge import lanes
from bridge.model.copies import Export
from bridge.model.decision import Decision, Noted, Scene
from bridge.model.effects import GiveTranscript, Queued, RemoveFile
from bridge.model.facts import Act
from bridge.model.ids import FileRef, PersonRef
from bridge.model.outcomes import Done, Later, Outcome, Refused
from bridge.model.state import Message, Said, Value
from bridge.rules.base import Context, nothing, told_at_card

ACTS = frozenset({Act.EXPORT})
ACTION = "conversation.transcript"
UNDER_WAY = timedelta(minutes=5)
"""What was taken back so shortly before a file was made may stand in it all the same."""


def done(scene: Scene, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Have it made, and note who asked; they read nothing else, for the file itself comes."""
    thread = scene.conversation.thread
    if thread is None or thread.ref is None:
        return nothing("no thread"), Said(key="work.export_later")
    effect = GiveTranscript(workspace=scene.workspace.id, conversation=scene.conversation.id, person=person)
    noted = Noted(who=person, at=context.moment.now, action=ACTION, before={}, after={})
    given = lanes.queue(effect, position=lanes.micros(context.moment.steady))
    return Decision(effects=(given,), noted=(noted,)), Said(key="work.export_comes")


def ended(scene: Scene, effect: GiveTranscript, outcome: Outcome, context: Context) -> Decision:
    """The file stands, or cannot be made; of what was taken back meanwhile nothing may stand."""
    match outcome:
        case Done(remote_id=str(ref)):
            export = Export(person=effect.person, file=FileRef(ref), made_at=context.moment.now)
            early = context.moment.now - UNDER_WAY
            if any(message.unsent_at is not None and message.unsent_at >= early for message in scene.shown):
                return Decision(effects=_taken_back(scene, export, context))
            return Decision(exports=(export,))
        case Refused(why=why, code=code):
            values: dict[str, Value] = {"why_key": f"error.{why}" if why else f"media.{code}", "code": code}
        case Later(last=last, why=why):
            values = {"why_key": f"error.{last}", "code": why}
        case _:
            return nothing("perhaps made")
    said = Said(key="work.export_failed", values=values)
    return Decision(effects=told_at_card(scene, effect.person, said, context, direct=True))


def taken_back(scene: Scene, message: Message, context: Context) -> tuple[tuple[Queued, ...], tuple[Export, ...]]:
    """Take away every file in which a message may stand. Returned with them: the files that are no more."""
    gone = [each for each in scene.copies.exports if each.made_at >= message.at]
    return tuple(effect for each in gone for effect in _taken_back(scene, each, context)), tuple(gone)


def _taken_back(scene: Scene, export: Export, context: Context) -> tuple[Queued, ...]:
    remove = RemoveFile(workspace=scene.workspace.id, conversation=scene.conversation.id, file=export.file)
    told = told_at_card(scene, export.person, Said(key="work.export_unsent"), context, direct=True)
    return (lanes.queue(remove, position=0), *told)

"""An agent's file on its way to the network, before anything of its message goes: whether it is due, and how it ended."""

from __future__ import annotations

from bridge import policy
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Drop, Due, Go, Instead, Scene
from bridge.model.files import PrepareFile
from bridge.model.outcomes import Held, Later, Outcome, Refused, Unfit, Uploaded
from bridge.model.state import Attachment, Message, ReplyState, Said
from bridge.rules.answers import onward, outgoing, sending
from bridge.rules.base import Context, card, nothing


def due(scene: Scene, effect: PrepareFile, context: Context) -> Due:
    """Whether the file must still be brought to the network."""
    message = _on_its_way(scene)
    wanted = None if message is None else _file(message, effect)
    if message is None or wanted is None or wanted not in outgoing.to_bring(message, context.moment.now):
        return Drop(why="no longer wanted")
    ruling = policy.may_answer(scene, context.moment.now, by=message.id)
    if isinstance(ruling, Denied):
        decision = _refused(scene, message, ruling, context)
        told = replace(decision, effects=(*decision.effects, card(scene, context)))
        return Instead(decision=told, why=ruling.said.key)
    return Go(file=wanted)


def ended(scene: Scene, effect: PrepareFile, outcome: Outcome, context: Context) -> Decision:
    """The network has it, or the whole message is refused: nothing of it has gone."""
    message = _on_its_way(scene)
    wanted = None if message is None else _file(message, effect)
    if isinstance(outcome, Held):
        return sending.account_held(scene, outcome, context)
    if message is None or wanted is None:
        return nothing("no longer wanted")
    match outcome:
        case Uploaded(remote_id=remote_id, kind=kind):
            kept = replace(wanted, kind=kind, remote_id=remote_id, remote_at=context.moment.now)
            return Decision(messages=(outgoing.with_file(message, kept),))
        case Unfit(said=said, retry=retry):
            return _refused(scene, message, Denied(said=said, retry=retry), context)
        case Refused(why="not_found") if not effect.judged:
            return sending.judging(scene, message, context)
        case Refused(why=why, code=code):
            said = Said(key="reply.refused", values={"why_key": f"error.{why}", "code": code})
            return _refused(scene, message, Denied(said=said, retry=why not in sending.HOPELESS), context)
        case Later(last=last, why=code):
            said = Said(key="reply.refused", values={"why_key": f"error.{last}", "code": code})
            return _refused(scene, message, Denied(said=said, retry=True), context)
        case _:
            return nothing("ended")


def _on_its_way(scene: Scene) -> Message | None:
    message = scene.message
    return message if message is not None and message.state is ReplyState.WAITING else None


def _file(message: Message, effect: PrepareFile) -> Attachment | None:
    return next((each for each in message.attachments if each.seq == effect.attachment), None)


def _refused(scene: Scene, message: Message, why: Denied, context: Context) -> Decision:
    return replace(onward.refused(scene, message, why, context), withdrawn=(message.id,))

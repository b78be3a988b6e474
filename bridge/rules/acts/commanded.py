"""What agents ask of the bridge in a thread, where slash commands do not work: ``@Threadbridge close``."""

from __future__ import annotations

from bridge import roles
from bridge.model.change import replace
from bridge.model.decision import Decision, Denied, Scene, Wait
from bridge.model.facts import Act, AgentWrote
from bridge.model.state import Said
from bridge.rules.acts import asking, door
from bridge.rules.acts.words import Wanted, to_be_ruled
from bridge.rules.answers.reply import heard, kept_inside, missing
from bridge.rules.base import Context, nothing, tell

INSIDE = Said(key="not_relayed.mentions_bridge")


def commanded(scene: Scene, fact: AgentWrote, wanted: Wanted, context: Context, *, waited: bool) -> Decision:
    """Do it once, and keep the message inside. *waited*: the time to learn who wrote it is over."""
    if scene.message is not None:
        return nothing("known")
    message = heard(scene, fact, context)
    if fact.automatic or message.person is None:
        return kept_inside(scene, message, Said(key="not_relayed.automatic"), context)
    unknown = missing(scene, message.person, *to_be_ruled(wanted))
    if unknown and not waited:
        wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="person")
        return Decision(wait=wait, effects=unknown)
    inside = kept_inside(scene, message, INSIDE, context)
    ruling = roles.may_act(message.person, scene, roles.action_of(wanted.act))
    if isinstance(ruling, Denied):
        return replace(inside, effects=(*inside.effects, *tell(scene, message, ruling.said, context)))
    if wanted.act is Act.ASK:
        decision = asking.asked(scene, inside.messages[0], wanted, context)
        return replace(decision, effects=(*inside.effects, *decision.effects))
    decision, said = door.done(scene, wanted, message.person, context)
    followed = tell(scene, message, said, context) if decision.ignored else decision.effects
    effects = (*inside.effects, *followed)
    return replace(decision, messages=(*inside.messages, *decision.messages), effects=effects, ignored=None)

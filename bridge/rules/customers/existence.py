"""Whether a customer's message still exists: asked by a person, because not every unsend is told of."""

from __future__ import annotations

from bridge import lanes
from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.effects import LookForMessage, Queued, TellPerson
from bridge.model.facts import Pressed
from bridge.model.ids import STAND_IN, MessageId, PostRef
from bridge.model.outcomes import Existence, Outcome, Refused
from bridge.model.state import Author, Message, Said
from bridge.rules.base import Context, nothing
from bridge.rules.customers.changes import REACTION

GONE = frozenset({"history_gone", "not_found"})
"""Reasons for which the network does not show a message: taken back, or older than what it shows at all."""
TAPS = "postback"
"""How the kinds of taps on buttons begin."""
NOT_THEIRS = Said(key="exists.not_theirs")


def asked(scene: Scene, fact: Pressed, context: Context) -> tuple[Decision, Said | None]:
    """Somebody wants to know it of the message in a post, or of each of several; what they read now, if anything."""
    message = scene.message
    if message is None or fact.ref is None or not can_be_looked_for(message):
        return nothing("no customer's message"), NOT_THEIRS
    beside = (each for post in scene.posts if post.ref == fact.ref for each in post.messages)
    effects = tuple(_look(scene, fact, fact.ref, each, context) for each in dict.fromkeys((message.id, *beside)))
    return Decision(effects=effects), None


def can_be_looked_for(message: Message) -> bool:
    """Whether it is a customer's, by an id of the network's own, and stands in the record of messages.

    A tap on a button has such an id, too, but is no message: that it is not found says nothing.
    """
    said = message.kind != REACTION and not message.kind.startswith(TAPS)
    own = message.remote_id is not None and not message.remote_id.startswith(STAND_IN)
    return message.author is Author.CUSTOMER and said and own and message.unsent_at is None


def _look(scene: Scene, fact: Pressed, about: PostRef, message: MessageId, context: Context) -> Queued:
    effect = LookForMessage(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        account=scene.account.id,
        message=message,
        person=fact.person,
        about=about,
        root=fact.root,
        at=fact.at,
    )
    return lanes.queue(effect, position=lanes.micros(context.moment.steady))


def looked(scene: Scene, effect: LookForMessage, outcome: Outcome, context: Context) -> Decision:
    """What the network says is told to who asked; that it is gone comes as the customer's own act, and erases it."""
    if isinstance(outcome, Refused) and outcome.why in GONE and not effect.listed:
        again = lanes.queue(replace(effect, listed=True), position=lanes.micros(context.moment.steady))
        return Decision(effects=(again,))
    match outcome:
        case Existence(there=True):
            key = "exists.there"
        case Existence(there=False):
            key = "exists.gone"
        case Existence():
            key = "exists.unknown"
        case _:
            key = "exists.not_asked"
    return Decision(effects=(_told(scene, effect, key, context),))


def _told(scene: Scene, effect: LookForMessage, key: str, context: Context) -> Queued:
    at = effect.at if scene.message is None else scene.message.at
    told = TellPerson(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        person=effect.person,
        said=Said(key=key, values={"when": int(at.timestamp())}),
        about=effect.about,
        root=effect.root,
        at=effect.at,
        message=effect.message,
    )
    return lanes.queue(told, position=lanes.micros(context.moment.steady))

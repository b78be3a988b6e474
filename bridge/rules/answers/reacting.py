"""Agents' reactions to what customers wrote: which of them reach the network.

Rule 1: only where the account wants it, only these emoji, only on one customer's message, and only while answers may go
        without a tag: a reaction is no answer, and nobody waits for it.
Rule 2: the network shows one reaction of ours to a message: the last one put of those that still stand, whoever put it.
"""

from __future__ import annotations

from bridge import lanes, policy, roles
from bridge.model.change import replace
from bridge.model.decision import Allowed, Decision, Denied, Drop, Due, Go, Scene, Wait
from bridge.model.desk import AgentReacted
from bridge.model.effects import Queued, TellPerson
from bridge.model.gestures import ReactToCustomer
from bridge.model.ids import PersonRef
from bridge.model.outcomes import Later, Outcome, Refused
from bridge.model.pieces import Reaction
from bridge.model.state import Author, Message, Said
from bridge.rules.answers.reply import missing
from bridge.rules.base import Context, nothing

ALL = "all"
"""Among an account's emoji: every one of them."""


def agent_reacted(scene: Scene, fact: AgentReacted, context: Context, *, waited: bool) -> Decision:
    """A reaction on a post of ours. *waited*: the time to learn who it was is over."""
    message, wanted = scene.message, scene.account.settings.reactions_out
    if message is None or message.author is not Author.CUSTOMER or message.remote_id is None:
        return nothing("not on a customer's message")
    if not wanted or fact.emoji is None or (ALL not in wanted and not {fact.name, *fact.names} & {*wanted}):
        return nothing("a reaction that stays inside")
    after = _standing(message, fact, fact.emoji)
    if message.unsent_at is not None or after == message:
        return nothing("what is shown stays")
    unknown = missing(scene, fact.person)
    if unknown and not waited:
        wait = Wait(until=context.moment.steady + context.rules.fact_wait, missing="person", free=True)
        return Decision(wait=wait, effects=unknown)
    if isinstance(roles.may_act(fact.person, scene), Denied):
        return nothing("not an agent's reaction")
    if after.reacted == message.reacted:
        return Decision(messages=(after,))
    if any(len(post.messages) > 1 for post in scene.posts):
        return Decision(effects=_told(scene, fact.person, message, Said(key="reaction.several"), context))
    ruling = policy.may_answer(scene, context.moment.now)
    if not isinstance(ruling, Allowed) or ruling.tag is not None or ruling.comment is not None:
        return Decision(effects=_told(scene, fact.person, message, Said(key="reaction.too_late"), context))
    return Decision(messages=(after,), effects=(_put(scene, after, fact.person, lanes.micros(fact.at)),))


def _standing(message: Message, fact: AgentReacted, emoji: str) -> Message:
    """The message with what stands on it after that, and what of it the network is to show."""
    stand = tuple(each for each in message.reactions if (each.person, each.emoji) != (fact.person, emoji))
    if not fact.removed:
        put = Reaction(person=fact.person, emoji=emoji, at=fact.at)
        return _showing(message, (*stand, put))
    unknown = stand == message.reactions and message.reacted != emoji
    return message if unknown else _showing(message, stand)


def _showing(message: Message, stand: tuple[Reaction, ...]) -> Message:
    stand = tuple(sorted(stand, key=lambda each: each.at))
    return replace(message, reactions=stand, reacted=stand[-1].emoji if stand else None)


def _put(scene: Scene, message: Message, person: PersonRef, position: int) -> Queued:
    effect = ReactToCustomer(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        account=scene.account.id,
        message=message.id,
        person=person,
        emoji=message.reacted,
    )
    return lanes.queue(effect, position=position)


def due(scene: Scene, effect: ReactToCustomer) -> Due:
    """Only the last one is put."""
    message = scene.message
    if message is None or message.unsent_at is not None or message.reacted != effect.emoji:
        return Drop(why="no longer true")
    return Go()


def ended(scene: Scene, effect: ReactToCustomer, outcome: Outcome, context: Context) -> Decision:
    """Whoever reacted hears that the network did not take it; what stands besides is shown instead."""
    message = scene.message
    if message is None or not isinstance(outcome, Refused | Later) or message.reacted != effect.emoji:
        return nothing("done")
    told = _told(scene, effect.person, message, Said(key="reaction.refused"), context)
    left = tuple(each for each in message.reactions if each.emoji != effect.emoji)
    after = _showing(message, () if effect.emoji is None else left)
    if after.reacted is None:
        return Decision(messages=(after,), effects=told)
    again = _put(scene, after, after.reactions[-1].person, lanes.micros(context.moment.now))
    return Decision(messages=(after,), effects=(*told, again))


def _told(scene: Scene, person: PersonRef, message: Message, said: Said, context: Context) -> tuple[Queued, ...]:
    """Privately in the thread."""
    thread = scene.conversation.thread
    if thread is None or thread.ref is None:
        return ()
    effect = TellPerson(
        workspace=scene.workspace.id,
        conversation=scene.conversation.id,
        person=person,
        said=said,
        about=thread.ref,
        root=thread.ref,
        at=context.moment.now,
        message=message.id,
    )
    return (lanes.queue(effect, position=lanes.micros(context.moment.steady)),)

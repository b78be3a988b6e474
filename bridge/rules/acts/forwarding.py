"""Conversations that another account's people look after, in their channel.

Rule 1: only where it is shown changes: answers go by its own account, in its own windows; agents of both may answer.
Rule 2: the new thread and the old one lead to each other, and nothing that was said is copied.
Rule 3: where that account takes nothing any more, the conversation goes on where it came from, and says why.
"""

from __future__ import annotations

from bridge.model.change import replace
from bridge.model.decision import Decision, Scene
from bridge.model.facts import Act
from bridge.model.ids import PersonRef
from bridge.model.state import Account, Said, Value, Window, Wish, Work
from bridge.policy import window_at
from bridge.prefixes import folded
from bridge.rules.acts import work
from bridge.rules.acts.words import Wanted
from bridge.rules.base import Context, card, is_current, line, nothing, retold, with_thread

ACTS = frozenset({Act.FORWARD, Act.UNFORWARD})


def done(scene: Scene, wanted: Wanted, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    """Forward it, or have it back; and what whoever wanted it reads where nothing changes."""
    if wanted.act is Act.UNFORWARD:
        if scene.forwarded is None:
            return nothing("not forwarded"), Said(key="work.not_forwarded")
        return _forwarded(scene, None, person, context)
    target = _target(scene, wanted)
    if isinstance(target, Said):
        return nothing("nowhere to forward to"), target
    return _forwarded(scene, None if target.id == scene.account.id else target, person, context)


def _target(scene: Scene, wanted: Wanted) -> Account | Said:
    """The account that is meant, by its channel or its name; its own: back."""
    usable = [each for each in scene.others if each.wish is Wish.ON]
    if wanted.place is not None:
        found = [each for each in usable if each.settings.channel == wanted.place]
    else:
        name = folded(wanted.words or "").strip()
        whole = [each for each in usable if folded(each.name).strip() == name]
        found = whole or [each for each in usable if name and folded(each.name).strip().startswith(name)]
    places = {each.settings.channel for each in found}
    if scene.place in places:
        return Said(key="work.forwarded_already", values={"channel": scene.place})
    if len(places) == 1:
        return found[0]
    names = [each.name for each in usable if each.settings.channel != scene.place]
    if not names:
        return Said(key="work.forward_nobody")
    return Said(key="work.forward_where", values={"names": ", ".join(dict.fromkeys(names))})


def _forwarded(scene: Scene, target: Account | None, person: PersonRef, context: Context) -> tuple[Decision, Said]:
    by: dict[str, Value] = {"agent": person}
    here = Said(key="thread.forwarded_from", values={**by, "channel": scene.place})
    place = scene.account.settings.channel if target is None else target.settings.channel
    there = Said(key="thread.forwarded", values={**by, "channel": place})
    act = Act.UNFORWARD if target is None else Act.FORWARD
    decision = _moved(scene, target, (here, there), context)
    after = decision.conversation or scene.conversation
    return replace(decision, noted=(work.noted(scene, after, act, person, context),)), there


def come_back(scene: Scene, context: Context) -> Decision:
    """The account it was forwarded to is paused or removed; what is over comes back without a word, when it goes on."""
    if scene.forwarded is None:
        return nothing("not forwarded")
    over = scene.conversation.work is Work.CLOSED
    if over or window_at(scene.account, scene.conversation, context.moment.now) is Window.LAPSED:
        return Decision(conversation=replace(scene.conversation, forwarded_to=None))
    values: dict[str, Value] = {"name": scene.forwarded.name}
    here = Said(key="thread.came_back", values={**values, "channel": scene.place})
    there = Said(key="thread.goes_back", values={**values, "channel": scene.account.settings.channel})
    return _moved(scene, None, (here, there), context)


def _moved(scene: Scene, target: Account | None, link: tuple[Said, Said], context: Context) -> Decision:
    """The conversation where it is shown from now on. link: what is said there, and where it was."""
    after = replace(scene.conversation, forwarded_to=None if target is None else target.id)
    there = replace(scene, forwarded=target, conversation=after)
    if is_current(after.thread, there.place):
        told = (*line(there, link[1], context.moment.now), card(there, context))
        return Decision(conversation=retold(there, after, context), effects=told)
    conversation, threads, effects = with_thread(there, context, link=link)
    return Decision(conversation=retold(there, conversation, context), threads=threads, effects=effects)

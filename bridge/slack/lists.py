"""``/bridge queue``, ``mine``, ``closing`` and ``find``: lists for whoever asks, answered at once and kept nowhere.

https://docs.slack.dev/interactivity/implementing-slash-commands: three seconds, and what nobody else sees.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol

import structlog

from bridge.model.decision import Scene
from bridge.model.facts import PersonLearnt
from bridge.model.ids import PersonRef, WorkspaceId
from bridge.model.listed import Found, Listed, Which
from bridge.model.state import Person, Window, Work, Workspace
from bridge.model.word import Word
from bridge.policy import last_close, window_at
from bridge.ports import Clock
from bridge.slack import names
from bridge.slack.blocks import section
from bridge.slack.calls import ClientFor
from bridge.slack.learnt import person_learnt
from bridge.slack.phrase import At, Filling, Group, Json, Link, Phrase, Words, joined, lines, mentioned, phrase, told
from bridge.slack.refs import permalink
from bridge.slack.shapes import thing
from bridge.split import head
from bridge.wording import Wording

log = structlog.get_logger(__name__)

WITHIN = 2.2
"""Seconds (real time) for the whole answer."""
MOST_WORDS, AROUND = 80, 30
"""Characters that are shown of a message, and so many of them before what was looked for."""

TITLES = {
    Which.QUEUE: "list.queue",
    Which.MINE: "list.mine",
    Which.CLOSING: "list.closing",
    Which.FIND: "list.find",
}
NONE = {
    Which.QUEUE: "list.queue_none",
    Which.MINE: "list.mine_none",
    Which.CLOSING: "list.closing_none",
    Which.FIND: "list.find_none",
}


class Reader(Protocol):
    """What this needs of the store, which only looks."""

    async def person(self, workspace: WorkspaceId, person: PersonRef) -> Person | None:
        """Who asks, as far as that was learnt."""
        ...

    async def listed(self, workspace: WorkspaceId, person: Person, which: Which, words: str, now: datetime) -> Listed:
        """What they asked for."""
        ...


class Lists(Word, kw_only=True):
    """Answers who asks for a list."""

    reader: Reader
    client_for: ClientFor
    clock: Clock

    async def answer(self, workspace: Workspace, person: PersonRef, which: Which, words: str) -> Json:
        """Return the answer's ``text`` and ``blocks``; when it cannot be looked up in time, just that."""
        if which is Which.FIND and not words.strip():
            return _said(Wording(await self.language(workspace, person)), "list.find_what")
        language = workspace.language
        try:
            async with asyncio.timeout(WITHIN):
                who = await self._person(workspace, person)
                if who is None:
                    return _said(Wording(language), "list.away")
                language, now = who.language or language, self.clock.now()
                found = await self.reader.listed(workspace.id, who, which, " ".join(words.split()), now)
        except Exception as error:  # noqa: BLE001 - whoever asked must hear of it, whatever it is
            log.warning("slack.list_not_made", error=type(error).__name__)
            return _said(Wording(language), "list.away")
        return drawn(workspace, found, which, " ".join(words.split()), now)

    async def language(self, workspace: Workspace, person: PersonRef) -> str:
        """Return what somebody reads the bridge in: their own language in Slack where it is known, else the workspace's."""
        try:
            async with asyncio.timeout(WITHIN):
                who = await self._person(workspace, person)
        except Exception as error:  # noqa: BLE001 - help comes in any case
            log.warning("slack.language_unknown", error=type(error).__name__)
            return workspace.language
        return workspace.language if who is None or who.language is None else who.language

    async def _person(self, workspace: Workspace, person: PersonRef) -> Person | None:
        known = await self.reader.person(workspace.id, person)
        learnt = known is not None and known.admin is not None
        client = None if learnt else await self.client_for(workspace.id)
        if client is None:
            return known
        user = (await client.users_info(user=person, include_locale=True)).get("user")
        fact = person_learnt(thing(user), self.clock.now(), workspace)
        return fact.person if isinstance(fact, PersonLearnt) else None


def drawn(workspace: Workspace, listed: Listed, which: Which, words: str, now: datetime) -> Json:
    """Return a list as ``text`` and ``blocks``. Pure."""
    wording = Wording(listed.language)
    if not listed.yours:
        said = nothing_yours(listed, wording)
        return {"text": told(said), "blocks": [section(said)]}
    looked_for: dict[str, Filling] = {"text": Words(text=head(words, MOST_WORDS))}
    if not listed.found:
        return _said(wording, NONE[which], looked_for)
    title = phrase(wording, TITLES[which], looked_for)
    rows = [line(workspace, listed, each, words, wording, now) for each in listed.found]
    last = [phrase(wording, "list.more", {"count": len(rows)})] if listed.more else []
    blocks: list[dict[str, Any]] = [section(title)]
    if which is Which.QUEUE:
        for key, some in _by_owner(listed, rows):
            blocks += [section(phrase(wording, key, {})), *map(section, some)]
    else:
        blocks += [section(row) for row in rows]
    blocks += [section(each) for each in last]
    return {"text": told(lines([title, *rows, *last])), "blocks": blocks}


def nothing_yours(listed: Listed, wording: Wording) -> Phrase:
    """Say to somebody that they may answer nothing, and whom to ask."""
    if not listed.connected:
        return phrase(wording, "list.nothing_connected", {})
    if not listed.ask:
        return phrase(wording, "list.nothing_yours", {})
    return phrase(wording, "list.nothing_yours_ask", {"people": mentioned(listed.ask, wording)})


def _said(wording: Wording, key: str, values: dict[str, Filling] | None = None) -> Json:
    words = phrase(wording, key, values or {})
    return {"text": told(words), "blocks": [section(words)]}


def _by_owner(listed: Listed, rows: list[Phrase]) -> Iterator[tuple[str, list[Phrase]]]:
    """Yield those that nobody looks after, then the others, each under its heading."""
    talks = [each.scene.conversation for each in listed.found]
    owned = [talk.owner is not None or talk.owner_group is not None for talk in talks]
    for key, is_owned in (("list.queue_unowned", False), ("list.queue_owned", True)):
        some = [row for row, its in zip(rows, owned, strict=True) if its is is_owned]
        if some:
            yield key, some


def line(workspace: Workspace, listed: Listed, found: Found, words: str, wording: Wording, now: datetime) -> Phrase:
    """Return who it is, what is the matter, and the way there. words: what was looked for."""
    scene = found.scene
    who: Phrase = (Words(text=names.customer_name(scene, wording), bold=True),)
    pieces: list[Phrase] = [who, (Words(text=scene.account.name),)]
    if found.message is not None:
        values: dict[str, Filling] = {
            "text": Words(text=_around(found.message.text or "", words)),
            "when": At(moment=found.message.at),
        }
        pieces.append(phrase(wording, "list.line_found", values))
    pieces += _standing(scene, listed, wording, now)
    thread = scene.conversation.thread
    if thread is not None and thread.ref is not None and not thread.gone:
        pieces.append((Link(url=permalink(workspace.url, thread.ref), label=wording.say("button.open")),))
    return joined(pieces, " · ")


def _standing(scene: Scene, listed: Listed, wording: Wording, now: datetime) -> Iterator[Phrase]:
    talk = scene.conversation
    if talk.work is Work.WAITING and talk.waiting_since is not None:
        yield phrase(wording, "list.line_waiting", {"since": At(moment=talk.waiting_since)})
    close = last_close(scene.account, talk)
    if close is not None and talk.work is not Work.CLOSED:
        open_still = window_at(scene.account, talk, now) is not Window.LAPSED
        key = "list.line_close" if open_still else "list.line_lapsed"
        yield phrase(wording, key, {"deadline": At(moment=close)})
    if talk.owner is not None:
        name = listed.names.get(talk.owner) or wording.say("name.unknown_person")
        yield phrase(wording, "card.owner", {"agent": Words(text=name)})
    elif talk.owner_group is not None:
        yield phrase(wording, "card.owner", {"agent": Group(group=talk.owner_group)})


def _around(text: str, words: str) -> str:
    """Return the beginning of a message, or what stands around the words that were looked for, on one line."""
    flat = " ".join(text.split())
    at = flat.lower().find(words.lower())
    start = max(0, at - AROUND) if at > MOST_WORDS - AROUND else 0
    cut = flat[start:]
    shown = head(cut, MOST_WORDS)
    return ("…" if start else "") + shown + ("…" if len(shown) < len(cut) else "")

"""A ticket that stands in a channel: whose it is, since when they wait, how it stands, and the way to the thread. Pure.

It holds no word of the customer's: these stand in the thread, and go with it.
"""

from collections.abc import Iterator

from bridge.model.decision import Job, Scene
from bridge.model.ids import PlaceRef, PostRef
from bridge.model.state import Work
from bridge.model.tickets import EditTicket, PostTicket, Step, Ticket
from bridge.slack import names
from bridge.slack.blocks import section, small, with_id
from bridge.slack.phrase import At, Filling, Json, Link, Phrase, Words, lines, phrase, told
from bridge.slack.refs import EVENT_TYPE, mark, permalink, split_ref
from bridge.slack.text import inert_name
from bridge.wording import Wording

QUIET: Json = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}


def post(job: Job, scene: Scene, effect: PostTicket) -> Json:
    """Return chat.postMessage for a ticket."""
    text, blocks = _drawn(job, scene, scene.tickets[0], mark(job.row))
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"row": str(job.row)}}
    place: PlaceRef = effect.place
    return {"channel": place, "metadata": metadata, **QUIET, "text": text, "blocks": blocks}


def edited(job: Job, scene: Scene, effect: EditTicket) -> Json:
    """Return chat.update for a ticket that moved on."""
    text, blocks = _drawn(job, scene, scene.tickets[0], f"ticket:{effect.ticket}")
    channel, ts = split_ref(effect.ref)
    return {"channel": channel, "ts": ts, "parse": "none", "text": text, "blocks": blocks}


def on_card(scene: Scene, ticket: Ticket) -> Iterator[tuple[str, dict[str, Filling]]]:
    """Yield what the card says of a conversation's latest ticket."""
    if ticket.step is Step.LATE:
        yield "card.ticket_late", {}
    if ticket.step is not Step.MADE:
        return
    number = inert_name(ticket.name)
    where = ticket.link if ticket.ref is None else permalink(scene.workspace.url, ticket.ref)
    values: dict[str, Filling] = {"ticket": Words(text=number) if where is None else Link(url=where, label=number)}
    if ticket.status is None or ticket.status_at is None:
        yield "card.ticket", values
    else:
        told_at = At(moment=ticket.status_at)
        yield "card.ticket_status", values | {"status": Words(text=inert_name(ticket.status)), "when": told_at}


def _drawn(job: Job, scene: Scene, ticket: Ticket, block_id: str) -> tuple[str, list[Json]]:
    wording = Wording(job.language)
    values: dict[str, Filling] = {
        **names.standing(scene, wording),
        "number": ticket.name,
        "when": At(moment=ticket.since),
    }
    if ticket.by is not None:
        values["agent"] = Words(text=job.names.get(ticket.by) or wording.say("name.unknown_person"))
    head = phrase(wording, "on_ticket.title", values)
    whole: list[Phrase] = [head, phrase(wording, "on_ticket.waits", values), *_stands(scene, ticket, wording)]
    made = phrase(wording, "on_ticket.by_timer" if ticket.by is None else "on_ticket.by_agent", values)
    return told(lines(whole)), with_id([section(*whole, *_way(scene, wording)), small(made)], block_id)


def _stands(scene: Scene, ticket: Ticket, wording: Wording) -> list[Phrase]:
    """Return how it stands: by the words that were told of it, and by what became of the conversation since."""
    found: list[Phrase] = []
    if ticket.status is not None:
        values: dict[str, Filling] = {"status": Words(text=inert_name(ticket.status)), "when": None}
        if ticket.status_at is not None:
            values["when"] = At(moment=ticket.status_at)
        found.append(phrase(wording, "on_ticket.status", values))
    talk = scene.conversation
    if talk.work is Work.CLOSED:
        found.append(phrase(wording, "on_ticket.closed", {}))
    elif talk.answered_at is not None and talk.answered_at >= ticket.since:
        found.append(phrase(wording, "on_ticket.answered", {"when": At(moment=talk.answered_at)}))
    return found


def _way(scene: Scene, wording: Wording) -> list[Phrase]:
    thread = scene.conversation.thread
    root: PostRef | None = None if thread is None else thread.ref
    if root is None:
        return []
    return [(Link(url=permalink(scene.workspace.url, root), label=wording.say("on_ticket.open_thread")),)]

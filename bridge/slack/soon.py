"""What an alerts channel reads of conversations that close soon: who, since when, until when, who looks after them. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from bridge import hours
from bridge.model.decision import Job, Scene
from bridge.model.state import Incident
from bridge.policy import last_close
from bridge.rules.desk.board import KIND as BOARD
from bridge.rules.desk.board import UNPINNED
from bridge.rules.desk.breaks import KIND as BREAK
from bridge.rules.desk.breaks import paged
from bridge.slack import names
from bridge.slack.blocks import said
from bridge.slack.phrase import (
    At,
    Filling,
    Group,
    Json,
    Link,
    Mention,
    Phrase,
    Words,
    joined,
    lines,
    phrase,
    told,
)
from bridge.slack.refs import permalink
from bridge.wording import Wording

LISTS = (BOARD, BREAK)
"""Kinds of incidents that list conversations."""


def drawn(job: Job, incident: Incident, *, block_id: str) -> tuple[str, list[Json]]:
    """Return the text and blocks of a message that lists conversations: one block for each."""
    wording = Wording(job.language)
    lines_of = _board if incident.kind == BOARD else _before_break
    first, *others = lines_of(job, incident, wording)
    blocks: list[Json] = [said(first) | {"block_id": block_id}, *map(said, others)]
    return told(lines([first, *others])), blocks


def _board(job: Job, incident: Incident, wording: Wording) -> Iterator[Phrase]:
    """Yield who closes within a day, or that nobody does; and that it is not pinned, or not kept any more."""
    if incident.closed_at is not None:
        yield phrase(wording, "board.over", {"when": At(moment=incident.closed_at)})
        return
    yield phrase(wording, "alert.board" if job.listed else "board.none", {})
    yield from (_line(job, each, wording, mention=False) for each in job.listed)
    if (more := _number(incident.values.get("whole")) - len(job.listed)) > 0:
        yield phrase(wording, "soon.more", {"count": more})
    unpinned = incident.values.get(UNPINNED)
    if unpinned is not None:
        key = "board.unpinned_scope" if unpinned == "missing_scope" else "board.unpinned"
        yield phrase(wording, key, {"code": Words(text=str(unpinned))})
    yield phrase(wording, "alert.board_help", {})


def _before_break(job: Job, incident: Incident, wording: Wording) -> Iterator[Phrase]:
    """Yield how many will be too late, each of them with the way there, and what became of the others."""
    values = incident.values
    times: dict[str, Filling] = {"begins": _moment(values.get("begins")), "ends": _moment(values.get("ends"))}
    numbers: dict[str, Filling] = {name: _number(values.get(name)) for name in ("whole", "done", "lapsed", "early")}
    if incident.closed_at is not None:
        yield phrase(wording, "break.over_early" if values.get("early") else "break.over", times | numbers)
        return
    yield phrase(wording, "alert.break" if values.get("whole") else "break.none_left", times | numbers)
    shown = job.listed
    yield from (_line(job, each, wording, mention=paged(incident, each.conversation.id)) for each in shown)
    if (more := _number(values.get("whole")) - len(shown)) > 0:
        yield phrase(wording, "soon.more", {"count": more})
    late = _number(values.get("lapsed")) + _number(values.get("early"))
    if values.get("done") or late:
        yield phrase(wording, "break.others", numbers | {"lapsed": late})
    if shown:
        yield phrase(wording, "alert.break_help", times)
        if on_call := _on_call(shown, incident):
            yield phrase(wording, "break.on_call", {"people": joined(on_call, " ")})


def _on_call(shown: Sequence[Scene], incident: Incident) -> list[Phrase]:
    """Return whoever is to look after those that nobody does, but in their quiet hours; mentioned, not named."""
    found: dict[Mention | Group, None] = {}
    for scene in shown:
        talk, settings = scene.conversation, scene.minding.settings
        owned = talk.owner is not None or talk.owner_group is not None
        if (
            not owned
            and paged(incident, talk.id)
            and not hours.is_within(settings.quiet, settings.zone, incident.opened_at)
        ):
            found |= dict.fromkeys(Mention(person=each) for each in settings.on_call)
            found |= dict.fromkeys(Group(group=each) for each in settings.on_call_groups)
    return [(each,) for each in found]


def _line(job: Job, scene: Scene, wording: Wording, *, mention: bool) -> Phrase:
    """Return who waits for what account, since when, until when, with whom, and the way there. mention: the owner is told."""
    talk = scene.conversation
    pieces: list[Phrase] = [
        (Words(text=names.customer_name(scene, wording), bold=True),),
        (Words(text=scene.account.name),),
    ]
    if talk.waiting_since is not None:
        pieces.append(phrase(wording, "list.line_waiting", {"since": At(moment=talk.waiting_since)}))
    if (close := last_close(scene.account, talk)) is not None:
        pieces.append(phrase(wording, "list.line_close", {"deadline": At(moment=close)}))
    if talk.owner is not None:
        name = Words(text=job.names.get(talk.owner) or wording.say("name.unknown_person"))
        pieces.append(phrase(wording, "card.owner", {"agent": Mention(person=talk.owner) if mention else name}))
    elif talk.owner_group is not None:
        pieces.append(phrase(wording, "card.owner", {"agent": Group(group=talk.owner_group)}))
    if talk.thread is not None and talk.thread.ref is not None and not talk.thread.gone:
        pieces.append(
            (Link(url=permalink(job.workspace.url, talk.thread.ref), label=wording.say("button.answer_now")),)
        )
    return joined(pieces, " · ")


def _moment(seconds: object) -> At:
    return At(moment=datetime.fromtimestamp(seconds if isinstance(seconds, int | float) else 0, UTC))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0

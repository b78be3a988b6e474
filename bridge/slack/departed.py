"""What an alerts channel reads of somebody who has left: how many conversations go back to the queue, and who waits. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bridge.model.decision import Job
from bridge.model.ids import PersonRef, PostRef
from bridge.model.state import Incident
from bridge.slack.phrase import At, Filling, Group, Link, Phrase, Words, joined, phrase
from bridge.slack.refs import permalink
from bridge.wording import Wording


def lines_of(job: Job, incident: Incident, wording: Wording) -> Iterator[Phrase]:
    """Yield who has left and what of theirs goes back, a line for those who wait, and what to do."""
    values = incident.values
    count = _number(incident, "count")
    if isinstance(group := values.get("group"), str):
        yield phrase(wording, "alert.departed_group", {"group": Group(group=group), "count": count})
    elif isinstance(account := values.get("barred"), str):
        agent = Words(text=_name(job, incident, wording))
        given: dict[str, Filling] = {"agent": agent, "account": Words(text=account), "count": count}
        yield phrase(wording, "alert.departed_barred", given)
    else:
        yield phrase(wording, "alert.departed", {"agent": Words(text=_name(job, incident, wording)), "count": count})
    waiting = _number(incident, "waiting")
    if waiting:
        some = phrase(wording, "departed.waiting", {"count": waiting})
        yield joined([some, *_links(job, incident, waiting, wording)], " · ")
    else:
        yield phrase(wording, "departed.nobody_waits", {})
    yield phrase(wording, "alert.departed_help", {})


def _name(job: Job, incident: Incident, wording: Wording) -> str:
    return job.names.get(PersonRef(str(incident.values.get("person")))) or wording.say("name.unknown_person")


def _number(incident: Incident, what: str) -> int:
    number = incident.values.get(what)
    return number if isinstance(number, int) else 0


def _links(job: Job, incident: Incident, whole: int, wording: Wording) -> Iterator[Phrase]:
    """Yield since when each waits, with the way there, and how many more there are."""
    led = 0
    while isinstance(ref := incident.values.get(f"waiting_{led + 1}"), str):
        led += 1
        at = incident.values.get(f"waiting_{led}_at")
        when = At(moment=datetime.fromtimestamp(at if isinstance(at, int | float) else 0, UTC))
        yield (when, " ", Link(url=permalink(job.workspace.url, PostRef(ref)), label=wording.say("button.open")))
    if led and whole > led:
        yield phrase(wording, "day.more", {"count": whole - led})

"""What an alerts channel reads of a day: who waits, what closes, what has lapsed. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bridge.model.decision import Job
from bridge.model.ids import PostRef
from bridge.model.state import Incident
from bridge.slack.digest import length
from bridge.slack.phrase import At, Filling, Link, Phrase, Words, joined, phrase
from bridge.slack.refs import permalink
from bridge.wording import Wording

LINES = {"closing": ("day.closing", "day.none_closing"), "lapsed": ("day.lapsed", "day.none_lapsed")}
"""What is said where there are some, and where there are none."""


def lines_of(job: Job, incident: Incident, wording: Wording) -> Iterator[Phrase]:
    """Yield whose day it is, a line for those who wait, close and have lapsed, and where more is told."""
    values = incident.values
    account = None if job.account is None else Words(text=job.account.name)
    others = values.get("others")
    yield phrase(wording, "alert.day_several" if others else "alert.day", {"account": account, "others": others})
    longest = length(values.get("longest"), wording)
    yield phrase(
        wording,
        "day.waiting" if values.get("waiting") else "day.nobody_waits",
        {**_number(incident, "waiting"), "longest": longest},
    )
    for what, (some, none) in LINES.items():
        if values.get(what):
            yield joined([phrase(wording, some, _number(incident, what)), *_links(job, incident, what, wording)], " · ")
        else:
            yield phrase(wording, none, {})
    yield phrase(wording, "alert.day_help", {})


def _number(incident: Incident, what: str) -> dict[str, Filling]:
    number = incident.values.get(what)
    return {"count": number if isinstance(number, int) else 0}


def _links(job: Job, incident: Incident, what: str, wording: Wording) -> Iterator[Phrase]:
    """Yield when each closes or has lapsed, with the way there, and how many more there are."""
    led, whole = 0, incident.values.get(what)
    while isinstance(ref := incident.values.get(f"{what}_{led + 1}"), str):
        led += 1
        at = incident.values.get(f"{what}_{led}_at")
        when = At(moment=datetime.fromtimestamp(at if isinstance(at, int | float) else 0, UTC))
        link = Link(url=permalink(job.workspace.url, PostRef(ref)), label=wording.say("button.open"))
        account = incident.values.get(f"{what}_{led}_account")
        yield (Words(text=account), " ", when, " ", link) if isinstance(account, str) else (when, " ", link)
    if led and isinstance(whole, int) and whole > led:
        yield phrase(wording, "day.more", {"count": whole - led})

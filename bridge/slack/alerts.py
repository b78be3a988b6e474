"""What an alerts channel reads of an incident, from its beginning to its end. Pure."""

from datetime import UTC, datetime

from bridge.alerts import TOLD_ONCE
from bridge.model.decision import Job
from bridge.model.ids import PostRef
from bridge.model.state import Incident
from bridge.rules.desk.days import KIND as DAY
from bridge.rules.desk.digest import KIND as DIGEST
from bridge.slack import apps, days, digest, soon
from bridge.slack.names import network_name
from bridge.slack.phrase import (
    At,
    Filling,
    Json,
    Link,
    Mention,
    Phrase,
    Place,
    Words,
    flat,
    joined,
    lines,
    mrkdwn,
    phrase,
    told,
)
from bridge.slack.refs import permalink
from bridge.wording import Wording

KINDS = {"place": "desk_channel", "alerts_place": "alerts_channel", "desk": "desk_token"}
"""Kinds of incidents whose sentences stand under another name."""
CAUSES = {"alerts_channel": "desk_channel"}
"""Sentences whose causes stand under another name."""


def alert(job: Job, incident: Incident, *, block_id: str) -> tuple[str, list[Json]]:
    """Return an alert's text and blocks: what, why, since when, how many wait, what to do; or that it is over."""
    if incident.kind in soon.LISTS:
        return soon.drawn(job, incident, block_id=block_id)
    whole = lines(_lines(job, incident))
    text = {"type": "mrkdwn", "text": mrkdwn(whole), "verbatim": True}
    return told(whole), [{"type": "section", "block_id": block_id, "text": text}]


def _lines(job: Job, incident: Incident) -> list[Phrase]:
    wording = Wording(job.language)
    kind = KINDS.get(incident.kind, incident.kind)
    if incident.kind == DAY:
        return list(days.lines_of(job, incident, wording))
    values = _values(job, incident, wording, kind)
    found = [phrase(wording, f"alert.{kind}", values)]
    if incident.kind == DIGEST:
        return [*found, *digest.lines_of(job, incident, wording), phrase(wording, "alert.digest_help", values)]
    if incident.kind in TOLD_ONCE:
        return [*found, phrase(wording, f"alert.{kind}_help", values)]
    if incident.closed_at is not None:
        return [*found, _mended(incident, wording)]
    if (mend := _help(wording, kind, incident)) is not None:
        found.append(phrase(wording, mend, values))
    found.append(phrase(wording, "alert.open_since", {"when": At(moment=incident.opened_at)}))
    if job.account is not None and job.account.settings.owners:
        # Mentioned, not named: they are to hear of it.
        owners = joined([(Mention(person=owner),) for owner in job.account.settings.owners], " ")
        found.append(phrase(wording, "alert.owners", {"owners": owners}))
    return found


def _help(wording: Wording, kind: str, incident: Incident) -> str | None:
    """Return the key of what to do; a permission and a rule of the workspace are mended otherwise than a closed channel."""
    cause = incident.values.get("cause") if "code" in incident.values else None
    return next((key for key in (f"alert.{kind}_help.{cause}", f"alert.{kind}_help") if key in wording), None)


def _mended(incident: Incident, wording: Wording) -> Phrase:
    when: dict[str, Filling] = {"when": At(moment=incident.closed_at or incident.opened_at)}
    sent = incident.values.get("sent")
    if isinstance(sent, int) and sent:
        return phrase(wording, "alert.mended_sent", {**when, "count": sent})
    return phrase(wording, "alert.mended", when)


def _values(job: Job, incident: Incident, wording: Wording, kind: str) -> dict[str, Filling]:
    values: dict[str, Filling] = {
        name: Words(text=value) if isinstance(value, str) else value for name, value in incident.values.items()
    }
    if job.account is not None:
        values["account"] = Words(text=job.account.name)
        values["network"] = wording.say(f"network.{job.account.platform}")
    elif job.scene is not None:
        values["account"] = Words(text=job.scene.account.name)
        values["network"] = network_name(job.scene, wording)
    app = incident.values.get("app")
    values["app"] = apps.called(app if isinstance(app, str) else None, None, wording)
    channel = incident.values.get("channel")
    if isinstance(channel, str):
        values["channel"] = Place(channel=channel)
    link, exported = incident.values.get("link"), incident.values.get("exported")
    if isinstance(link, str):
        values["link"] = Link(url=permalink(job.workspace.url, PostRef(link)), label=wording.say("button.open"))
    if isinstance(exported, int | float):
        values["exported"] = At(moment=datetime.fromtimestamp(exported, UTC))
    why = _why(wording, kind, incident)
    values["why"] = flat(phrase(wording, why, values))
    if not isinstance(incident.values.get("count"), int):
        values["count"] = job.waiting
    values["workspace"] = Words(text=job.workspace.name)
    return values


def _why(wording: Wording, kind: str, incident: Incident) -> str:
    """Return the key of the cause: as exact as there are words for."""
    cause, kind = str(incident.values.get("cause") or ""), CAUSES.get(kind, kind)
    choices = (f"cause.{kind}.{cause}", f"cause.{cause}", f"cause.{kind}", f"error.{cause}")
    unknown = "error.desk_other" if "code" in incident.values else "error.unknown"
    return next((key for key in choices if key in wording), unknown)

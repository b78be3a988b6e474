"""What an alerts channel, and whoever is told directly, reads of an incident, from its beginning to its end. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bridge.alerts import TOLD_ONCE
from bridge.model.change import replace
from bridge.model.decision import Job
from bridge.model.facts import Act
from bridge.model.ids import PersonRef, PostRef
from bridge.model.incident import BY_LOGIN
from bridge.model.state import Incident
from bridge.rules.accounts.warnings import STAGES as WARNINGS
from bridge.rules.desk import incidents
from bridge.rules.desk.announced import KIND as CLOSING
from bridge.rules.desk.days import KIND as DAY
from bridge.rules.desk.departed import KIND as DEPARTED
from bridge.rules.desk.digest import KIND as DIGEST
from bridge.rules.desk.many import KIND as MANY
from bridge.slack import apps, buttons, closing, days, departed, digest, many, soon
from bridge.slack.blocks import with_id
from bridge.slack.names import network_name
from bridge.slack.phrase import (
    MOST_ELEMENT,
    At,
    Filling,
    Group,
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
from bridge.wording.mends import mend_of

RECONNECT = "reconnect"
"""The id of the button that leads to a login; a press of it asks nothing of us."""
KINDS = {"place": "desk_channel", "alerts_place": "alerts_channel", "desk": "desk_token"}
"""Kinds of incidents whose sentences stand under another name."""
CAUSES = {"alerts_channel": "desk_channel"}
"""Sentences whose causes stand under another name."""


MOMENTS = ("exported", "ends", "until", "heard")
"""Values that are moments, in seconds since the epoch."""
ALIKE = frozenset({"reauth", "restricted", "setup"})
"""Kinds whose heading says what they have in common, so that a line need not."""
MENDED_BY_LOGIN = frozenset({"reauth"})
"""Kinds that somebody ends by logging in again."""
IN_ONE_STAGE = frozenset({"restricted", "setup"})
"""Kinds of which nothing more is said until they are over."""
BY_THEMSELVES = frozenset(
    {
        "queue_behind",
        "events_limited",
        "reauth",
        "restricted",
        "setup",
        "history",
        "desk_moving",
        "desk_scope",
        "events_missing",
        "silence",
        "place",
        "alerts_place",
        "group",
        "group_unread",
        "ticket_failed",
    }
)
"""Kinds that may end without anybody's doing."""


def alert(job: Job, incident: Incident, *, block_id: str, reconnect: str | None = None) -> tuple[str, list[Json]]:
    """Return an alert's text and blocks: what, why, since when, how many wait, what to do; or that it is over.

    reconnect: an address where somebody logs in again, for what that mends.
    """
    if incident.kind in soon.LISTS:
        return soon.drawn(job, incident, block_id=block_id)
    if incident.kind == CLOSING:
        return closing.alert(job, incident, block_id=block_id)
    wording = Wording(job.language)
    whole = _lines(job, incident, wording, linked=reconnect is not None)
    return told(lines(whole)), [*_sections(whole, block_id), *_buttons(incident, wording, reconnect)]


def stage(job: Job, incident: Incident, *, block_id: str, reconnect: str | None = None) -> tuple[str, list[Json]]:
    """Return what stands under an alert that has come to another stage."""
    if incident.kind == CLOSING:
        return closing.alert(job, incident, block_id=block_id)
    wording = Wording(job.language)
    whole = what_and_why(job, incident, wording, linked=reconnect is not None)
    return told(lines(whole)), [*_sections(whole, block_id), *_buttons(incident, wording, reconnect)]


def directly(
    job: Job, incident: Incident, person: PersonRef, *, reconnect: str | None = None
) -> tuple[str, list[Json]]:
    """Return what one person reads of an incident directly, with a link to its alert."""
    wording = Wording(job.language)
    if incident.kind == MANY:
        mine = [
            replace(each, incident=_unnamed(each.incident))
            for each in job.members
            if person in incidents.people(each.incident)
        ]
        whole = many.lines_of(job, incident, mine, wording, in_a_line)
    else:
        whole = what_and_why(job, incident, wording, linked=reconnect is not None)
    if incident.closed_at is not None:
        whole = [*whole, _mended(job, _unnamed(incident), wording)]
    else:
        whole = [*whole, _since(incident, wording)]
    if incident.ref is not None:
        whole = [
            *whole,
            (Link(url=permalink(job.workspace.url, incident.ref), label=wording.say("button.open_alert")),),
        ]
    return told(lines(whole)), [*_sections(whole, None), *_buttons(incident, wording, reconnect)]


def to_reconnect(job: Job) -> Incident | None:
    """Return the incident that a login would mend: of several that are told together, the first that is open."""
    open_ones = [each.incident for each in job.members] if job.members else [job.incident]
    wanted = (each for each in open_ones if each is not None and each.closed_at is None)
    return next((each for each in wanted if each.kind in MENDED_BY_LOGIN), None)


def _sections(whole: Sequence[Phrase], block_id: str | None) -> list[Json]:
    """Return lines as sections, as many of them in one as it holds."""
    texts: list[str] = []
    for each in (mrkdwn(line) for line in whole):
        if texts and len(texts[-1]) + len(each) < MOST_ELEMENT:
            texts[-1] += f"\n{each}"
        else:
            texts.append(each)
    blocks: list[Json] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": each, "verbatim": True}} for each in texts
    ]
    return blocks if block_id is None else with_id(blocks, block_id)


def _buttons(incident: Incident, wording: Wording, reconnect: str | None) -> list[Json]:
    """Return *Reconnect*, where that leads somewhere, and *Snooze*, where more will be said otherwise."""
    if incident.closed_at is not None:
        return []
    found: list[Json] = []
    if reconnect is not None:
        label = {"type": "plain_text", "text": wording.say("button.reconnect")}
        found.append({"type": "button", "action_id": RECONNECT, "url": reconnect, "style": "primary", "text": label})
    more = incidents.TELL in incident.values and incident.kind not in IN_ONE_STAGE
    if more and incidents.SNOOZED not in incident.values:
        label = {"type": "plain_text", "text": wording.say("button.snooze")}
        value = buttons.of_incident(incident.id)
        found.append({"type": "button", "action_id": Act.SNOOZE_ALERT.value, "value": value, "text": label})
    return [{"type": "actions", "elements": found}] if found else []


def _lines(job: Job, incident: Incident, wording: Wording, *, linked: bool) -> list[Phrase]:
    if incident.kind == DAY:
        return list(days.lines_of(job, incident, wording))
    if incident.kind == DEPARTED:
        return list(departed.lines_of(job, incident, wording))
    if incident.kind == DIGEST:
        values = _values(job, incident, wording, DIGEST)
        opening, ending = (phrase(wording, key, values) for key in ("alert.digest", "alert.digest_help"))
        return [opening, *digest.lines_of(job, incident, wording), ending]
    if incident.kind in TOLD_ONCE:
        values = _values(job, incident, wording, incident.kind)
        return [
            phrase(wording, f"alert.{incident.kind}", values),
            phrase(wording, f"alert.{incident.kind}_help", values),
        ]
    if incident.kind == MANY:
        found = many.lines_of(job, incident, job.members, wording, in_a_line)
    else:
        found = what_and_why(job, incident, wording, linked=linked)
    if incident.closed_at is not None:
        return [*found, _mended(job, incident, wording)]
    return [*found, _since(incident, wording), *_owners(job, wording), *_snoozed(job, incident, wording)]


def what_and_why(job: Job, incident: Incident, wording: Wording, *, linked: bool = True) -> list[Phrase]:
    """Return what has happened, and, while it is so, why and what to do. linked: a button leads to a login."""
    kind = KINDS.get(incident.kind, incident.kind)
    values = _values(job, incident, wording, kind, linked=linked)
    found = [title(job, incident, wording, values)]
    if incident.closed_at is None and (mend := _help(wording, kind, incident)) is not None:
        found.append(phrase(wording, mend, values))
    return found


def title(job: Job, incident: Incident, wording: Wording, values: dict[str, Filling] | None = None) -> Phrase:
    """Return what has happened, in a line; as exact as there are words for the stage it has come to."""
    kind = KINDS.get(incident.kind, incident.kind)
    stage = incident.values.get(incidents.STAGE)
    exact = f"alert.{kind}.{stage}"
    key = exact if stage is not None and exact in wording else f"alert.{kind}"
    return phrase(wording, key, _values(job, incident, wording, kind) if values is None else values)


def in_a_line(job: Job, incident: Incident, wording: Wording) -> Phrase:
    """Return one of several: whose it is and why, where all have the same title but for that."""
    if incident.kind not in ALIKE:
        return title(job, incident, wording)
    values = _values(job, incident, wording, KINDS.get(incident.kind, incident.kind))
    return phrase(wording, "told.line", values)


def _help(wording: Wording, kind: str, incident: Incident) -> str | None:
    """Return the key of what to do; a permission and a rule of the workspace are mended otherwise than a closed channel."""
    cause = incident.values.get("cause") if "code" in incident.values else None
    stage = incident.values.get(incidents.STAGE)
    whole = [f"alert.{kind}_help.{each}" for each in (stage, cause) if each is not None] + [f"alert.{kind}_help"]
    return next((key for key in whole if key in wording), None)


def _since(incident: Incident, wording: Wording) -> Phrase:
    return phrase(wording, "alert.open_since", {"when": At(moment=incident.opened_at)})


def _owners(job: Job, wording: Wording) -> list[Phrase]:
    """Return who owns what it is about: mentioned, not named, as they are to hear of it."""
    accounts = [job.account, *(each.account for each in job.members if each.incident.closed_at is None)]
    found = dict.fromkeys(owner for each in accounts if each is not None for owner in each.settings.owners)
    if not found:
        return []
    owners = joined([(Mention(person=owner),) for owner in found], " ")
    return [phrase(wording, "alert.owners", {"owners": owners})]


def _snoozed(job: Job, incident: Incident, wording: Wording) -> list[Phrase]:
    until, by = incident.values.get(incidents.SNOOZED), incident.values.get(incidents.SNOOZED_BY)
    if not isinstance(until, int | float):
        return []
    named = Words(text=job.names.get(PersonRef(str(by))) or wording.say("name.unknown_person"))
    moment = At(moment=datetime.fromtimestamp(until, UTC))
    return [phrase(wording, "told.snoozed", {"agent": named, "until": moment})]


def _mended(job: Job, incident: Incident, wording: Wording) -> Phrase:
    """Return by whom, when, and how many replies went because of it."""
    by, sent = incident.values.get("by"), incident.values.get("sent")
    values: dict[str, Filling] = {"when": At(moment=incident.closed_at or incident.opened_at)}
    how = ""
    if isinstance(by, str) and by:
        values["agent"] = Words(text=job.names.get(PersonRef(by)) or wording.say("name.unknown_person"))
        how = "_by"
    elif by is None and incident.kind in BY_THEMSELVES:
        how = "_later" if incident.values.get(incidents.STAGE) in WARNINGS else "_itself"
    said = phrase(wording, f"alert.mended{how}", values)
    if not isinstance(sent, int) or not sent:
        return said
    return (*said, " · ", *phrase(wording, "told.sent", {"count": sent}))


def _unnamed(incident: Incident) -> Incident:
    """Without who has logged in: what is told directly cannot be taken back when they ask for erasure."""
    by = incident.values.get("by")
    named = isinstance(by, str) and by.startswith(BY_LOGIN)
    return replace(incident, values={**incident.values, "by": ""}) if named else incident


def _values(job: Job, incident: Incident, wording: Wording, kind: str, *, linked: bool = True) -> dict[str, Filling]:
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
    group = incident.values.get("group")
    if isinstance(group, str):
        values["group"] = Group(group=group)
    link = incident.values.get("link")
    if isinstance(link, str):
        values["link"] = Link(url=permalink(job.workspace.url, PostRef(link)), label=wording.say("button.open"))
    for name in MOMENTS:
        if isinstance(moment := incident.values.get(name), int | float):
            values[name] = At(moment=datetime.fromtimestamp(moment, UTC))
    why = _why(wording, kind, incident)
    values["why"] = flat(phrase(wording, why, values))
    values["way"] = flat(phrase(wording, "told.way_link" if linked else "told.way_hand", {}))
    if (mend := mend_of(wording, incident.kind, str(incident.values.get("cause") or ""))) is not None:
        values["mend"] = flat(phrase(wording, mend, values))
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

"""Effects as arguments of Web API calls. Pure; every sentence comes from the catalogue.

Customers' words stand in rich text, where nothing is read as mark-up, and never unfurl; the top-level ``text`` says the
same, escaped, for notifications and screen readers (docs.slack.dev, chat.postMessage). The first block's id and the
metadata name the outbox row, so that a post whose answer was lost can be found again.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from bridge.model.decision import Job, Scene
from bridge.model.effects import Button, PostAlert, PostAside, PostLine, PostStage, RedrawPost, ReplaceLine, TellPerson
from bridge.model.ids import PersonRef, PlaceRef, PostRef
from bridge.model.state import Author, CardField, Incident, Message, Said, Sign, Value
from bridge.rules.customers.changes import stands
from bridge.slack import alerts, apps, cards, messages, names, posts, refs
from bridge.slack.blocks import section, small, with_id
from bridge.slack.phrase import (
    MOST_TEXT,
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
    lines,
    mentioned,
    phrase,
    summary,
    told,
    words_of,
)
from bridge.slack.refs import EVENT_TYPE, mark, moment, permalink, split_ref
from bridge.slack.text import inert_name
from bridge.wording import Wording

MOST_DRAWN = 10_000
"""Characters in the blocks of one post; Slack publishes no figure. A longer text stands alone, without blocks."""
MOST_PLAIN = 39_000
"""Characters of ``text`` when it stands alone; more than 40,000 are cut off (docs.slack.dev, Truncating content)."""
MOST_LABEL = 75
MOST_QUOTED = 80
"""Characters of an answer in the question about it: enough to tell it from others."""

SIGNS = {
    Sign.SENT: "white_check_mark",
    Sign.WAITING: "hourglass_flowing_sand",
    Sign.REFUSED: "x",
    Sign.UNSURE: "grey_question",
    Sign.INSIDE: "lock",
    Sign.READ: "eyes",
}

TIMES = frozenset({"since", "deadline", "when", "until", "shown"})
"""Values that are moments, in seconds since the epoch."""
PEOPLE = frozenset({"agent", "person"})
NAMED = frozenset({"people", "left"})
"""Values that are several people and groups."""

QUIET: Json = {"unfurl_links": False, "unfurl_media": False, "parse": "none"}
"""What stands in a post is not shown once more, nor read as anything else."""

_PICTURE = re.compile(r"https?://[^\s/]+/?\S*\Z")


def root(job: Job, scene: Scene, place: PlaceRef, now: datetime, *, plain: bool, bare: bool = False) -> Json:
    """Return chat.postMessage for the root card. plain: as text alone; bare: without the picture."""
    text, blocks = cards.card(job, scene, now, block_id=mark(job.row))
    wording = Wording(job.language)
    pictured = cards.shows(scene, CardField.PICTURE) and not (plain or bare)
    author = _author(scene, names.root_author(scene, wording), picture=pictured)
    icon = {} if plain or bare else _icon(job)
    return _post(job, place) | icon | author | ({"text": text} if plain else {"text": text, "blocks": blocks})


def redrawn(job: Job, scene: Scene, ref: PostRef, now: datetime) -> tuple[Json, str]:
    """Return chat.update for the card as it should be now, and the card's fingerprint."""
    # The mark of the root stands in the metadata, which an update leaves as they are.
    text, blocks = cards.card(job, scene, now, block_id=f"card:{scene.conversation.id}")
    return _update(ref, text, blocks), cards.fingerprint(text, blocks)


def retired(job: Job, scene: Scene, ref: PostRef) -> Json:
    """Return chat.update for the card of a thread that another has followed."""
    return _update(ref, *cards.retired(job, scene, block_id=f"card:{scene.conversation.id}"))


def _update(ref: PostRef, text: str, blocks: list[Json]) -> Json:
    channel, ts = split_ref(ref)
    return {"channel": channel, "ts": ts, "text": text, "blocks": blocks, "parse": "none"}


def message(
    job: Job, scene: Scene, shown: Message, thread: PostRef, now: datetime, *, plain: bool, bare: bool = False
) -> Json:
    """Return chat.postMessage for what a customer did, or what was written elsewhere. plain, bare: as for a root."""
    place, ts = split_ref(thread)
    wording = Wording(job.language)
    call = _post(job, place) | {"thread_ts": ts}
    if shown.author is Author.CUSTOMER:
        call |= _author(scene, names.author(scene, wording), picture=not (plain or bare))
    elif shown.author is Author.AGENT and shown.person is not None:
        call |= _as(job, shown.person, wording, picture=not (plain or bare))
    looks = posts.drawn(job, scene, shown, now)
    if plain or len(looks.words) > MOST_DRAWN:
        return call | {"text": summary(looks.words, MOST_PLAIN), "mrkdwn": False}
    return call | {"text": summary(looks.words), "blocks": with_id(looks.blocks, mark(job.row))}


def several(job: Job, scene: Scene, thread: PostRef, now: datetime) -> Json:
    """Return chat.postMessage for several messages of one customer, each from a block on that bears its own row's mark."""
    place, ts = split_ref(thread)
    shown = [(job.row, scene), *((each.row, each.scene) for each in job.beside)]
    looks = [(row, posts.drawn(job, its, its.message, now)) for row, its in shown if its.message is not None]
    blocks = [block for row, each in looks for block in with_id(each.blocks, mark(row))]
    text = summary("\n".join(each.words for _, each in looks))
    author = _author(scene, names.author(scene, Wording(job.language)), picture=True)
    return _post(job, place) | {"thread_ts": ts} | author | {"text": text, "blocks": blocks}


def changed(job: Job, scene: Scene, effect: RedrawPost, now: datetime) -> Json:
    """Return chat.update for a post as it should be now, or for what it says instead of what should be gone."""
    channel, ts = split_ref(effect.ref)
    call: Json = {"channel": channel, "ts": ts, "parse": "none"}
    if effect.said is not None:
        words = said(job, effect.said)
        # Rich text, which alone may follow rich text (docs.slack.dev, chat.update, block_mismatch).
        return call | {"text": told(words), "blocks": [section(words)]}
    looks = posts.together(job, scene, [each for each in scene.shown if stands(each)], now, shown_at=moment(ts))
    if effect.plain or len(looks.words) > MOST_DRAWN:
        return call | {"text": summary(looks.words), "blocks": [posts.plainly(looks.words, MOST_TEXT)]}
    return call | {"text": summary(looks.words), "blocks": list(looks.blocks)}


def author_of(job: Job, scene: Scene) -> Json:
    """Return under whose name and picture a customer's file stands."""
    return _author(scene, names.author(scene, Wording(job.language)), picture=True)


def line(job: Job, effect: PostLine, thread: PostRef) -> Json:
    """Return chat.postMessage for one line in the thread."""
    place, ts = split_ref(thread)
    words = said(job, effect.said)
    blocks = with_id([small(words)], mark(job.row))
    return _post(job, place) | _icon(job) | {"thread_ts": ts, "text": told(words), "blocks": blocks}


def aside(job: Job, effect: PostAside) -> Json:
    """Return chat.postMessage for a question beside: the agent's own words, and nothing of the customer."""
    wording = Wording(job.language)
    asker = Words(text=job.names.get(effect.person) or wording.say("name.unknown_person"), bold=True)
    opening = phrase(wording, "aside.asks", {"agent": asker})
    whom = () if effect.whom is None else (Mention(person=effect.whom), " ")
    question = Words(text="" if job.scene is None or job.scene.message is None else job.scene.message.text or "")
    how = phrase(wording, "aside.how", {})
    blocks = with_id([section((*whom, *opening), (question,)), small(how)], mark(job.row))
    return _post(job, effect.place) | {"text": told(lines([(*whom, *opening), (question,)])), "blocks": blocks}


def private(job: Job, effect: TellPerson) -> Json:
    """Return chat.postEphemeral: a line that one person sees where they wrote."""
    place, _ = split_ref(effect.about)
    words = said(job, effect.said)
    call = {"channel": place, "user": effect.person, "parse": "none", "text": told(words)}
    thread = split_ref(effect.root)[1] if effect.root else None
    blocks = [section(words), *_buttons(job, effect)]
    return call | {"blocks": blocks} | ({"thread_ts": thread} if thread else {})


def direct(job: Job, effect: TellPerson) -> Json:
    """Return chat.postMessage to a person, with a link to what it is about."""
    wording = Wording(job.language)
    words = said(job, effect.said)
    link = Link(url=permalink(job.workspace.url, effect.about, effect.root), label=wording.say("button.open"))
    quote = _own_words(job, effect, wording)
    blocks = [section(words, *([quote] if quote else []), (link,)), *_buttons(job, effect)]
    text = told(lines([words, quote]) if quote else words)
    return {"channel": effect.person, "text": text, "blocks": blocks} | QUIET


def _own_words(job: Job, effect: TellPerson, wording: Wording) -> Phrase:
    """Return the first words of what somebody is asked about, for whoever wrote it; none for what has no words."""
    message = None if job.scene is None else job.scene.message
    if message is None or not (effect.question and effect.buttons) or message.person != effect.person:
        return ()
    short = messages.shortened(message.text or "", MOST_QUOTED)
    return phrase(wording, "card.preview", {"text": Words(text=short)}) if short else ()


def replacement(job: Job, effect: ReplaceLine) -> Json:
    """Return what stands in the place of a line with buttons, once it asks no longer."""
    words = said(job, effect.said)
    if effect.about is None:
        return {"text": told(words), "blocks": [section(words)]}
    label = Wording(job.language).say("button.open")
    link = Link(url=permalink(job.workspace.url, effect.about, effect.root), label=label)
    return {"text": told(words), "blocks": [section(words, (link,))]}


def alert(job: Job, incident: Incident, effect: PostAlert, reconnect: str | None) -> Json:
    """Return chat.postMessage for an incident. reconnect: where a login mends it."""
    text, blocks = alerts.alert(job, incident, block_id=mark(job.row), reconnect=reconnect)
    return _post(job, effect.place) | (
        {"text": text} if effect.plain else {**_icon(job), "text": text, "blocks": blocks}
    )


def edited_alert(job: Job, incident: Incident, ref: PostRef, reconnect: str | None) -> Json:
    """Return chat.update for an incident that moved on."""
    return _update(ref, *alerts.alert(job, incident, block_id=f"incident:{incident.id}", reconnect=reconnect))


def stage(job: Job, incident: Incident, effect: PostStage, ref: PostRef, reconnect: str | None) -> Json:
    """Return chat.postMessage for a reply under an alert that has come to another stage."""
    text, blocks = alerts.stage(job, incident, block_id=mark(job.row), reconnect=reconnect)
    place, ts = split_ref(ref)
    call = _post(job, place) | {"thread_ts": ts, "text": text}
    return call if effect.plain else call | {"blocks": blocks}


def to_owner(job: Job, incident: Incident, person: PersonRef, reconnect: str | None) -> Json:
    """Return chat.postMessage to a person who is to hear of an incident."""
    text, blocks = alerts.directly(job, incident, person, reconnect=reconnect)
    return {"channel": person, "text": text, "blocks": blocks} | QUIET


def to_owner_again(job: Job, incident: Incident, person: PersonRef, ref: PostRef, reconnect: str | None) -> Json:
    """Return chat.update for what a person was told of an incident."""
    return _update(ref, *alerts.directly(job, incident, person, reconnect=reconnect))


def said(job: Job, sentence: Said) -> Phrase:
    """Return a sentence of the rules in the reader's language."""
    wording = Wording(job.language)
    known: dict[str, Filling] = {}
    if job.scene is not None:
        known = names.standing(job.scene, wording)
        known["channel"] = Place(channel=job.scene.place)
        known["inbox"] = messages.inbox(job.scene, wording)
    return phrase(wording, sentence.key, known | _values(job, sentence.values, known, wording))


def _file(job: Job, values: Mapping[str, Value], wording: Wording) -> Phrase:
    """Return which file of a message is meant: by its name, for whoever wrote that message and as long as it is kept."""
    message = None if job.scene is None else job.scene.message
    attached = () if message is None or message.author is not Author.AGENT else message.attachments
    name = next((each.title for each in attached if each.seq == values.get("file")), None)
    told_author = isinstance(job.effect, TellPerson) and message is not None and job.effect.person == message.person
    numbers: dict[str, Filling] = {each: values[each] for each in ("file", "files")}
    alone = values["files"] == 1
    if not name or not told_author:
        return phrase(wording, "file.only" if alone else "file.numbered", numbers)
    return phrase(
        wording, "file.only_named" if alone else "file.named", numbers | {"name": Words(text=inert_name(name))}
    )


def _people(job: Job, name: str, value: str, wording: Wording) -> Filling:
    """Return one person by name; several, whom somebody may turn to, by mention."""
    if name in NAMED:
        some = value.split(",")
        return mentioned(some, wording, groups=[each for each in some if refs.group(each) is not None])
    shown = {str(person): called for person, called in job.names.items()}
    return Words(text=shown.get(value) or wording.say("name.unknown_person"))


def _values(
    job: Job, values: Mapping[str, Value], known: Mapping[str, Filling], wording: Wording
) -> dict[str, Filling]:
    """Return the rules' values as what they are: moments, people, places, links, reasons, words."""
    filled: dict[str, Filling] = {}
    for name, value in values.items():
        match value:
            case int() | float() if name in TIMES:
                filled[name] = _at(value)
            case str() if name in NAMED or name in PEOPLE or value in job.names:
                filled[name] = _people(job, name, value, wording)
            case str() if name == "app":
                filled[name] = apps.called(value, _apps(job), wording)
            case str() if name == "via" and job.scene is not None:
                filled[name] = apps.through(value or None, job.scene, names.network_name(job.scene, wording), wording)
            case str() if name == "group":
                filled[name] = Group(group=value)
            case str() if name == "channel":
                filled[name] = Place(channel=value)
            case str() if name == "link":
                filled[name] = _link(job, value, wording)
            case str() if name == "what_key":
                filled["what"] = _file(job, values, wording)
            case str() if name.endswith("_key"):
                others = {other: given for other, given in values.items() if other != name}
                inner = phrase(wording, value, {**known, **_values(job, others, known, wording)})
                filled[name.removesuffix("_key")] = inner
            case str():
                filled[name] = words_of(name, value, wording)
            case _:
                filled[name] = value
    return filled


def _apps(job: Job) -> Mapping[str, str | None] | None:
    return None if job.scene is None else job.scene.apps


def _at(seconds: float) -> Filling:
    try:
        return At(moment=datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return str(seconds)


def _link(job: Job, target: str, wording: Wording) -> Filling:
    url = target
    if not target.startswith(("https://", "http://")):
        try:
            url = permalink(job.workspace.url, PostRef(target))
        except ValueError:
            return Words(text=target)
    return Link(url=url, label=wording.say("button.open"))


def _post(job: Job, place: PlaceRef) -> Json:
    """Return what every post of ours has."""
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"row": str(job.row)}}
    return {"channel": place, "metadata": metadata, **QUIET}


def _author(scene: Scene, name: str, *, picture: bool) -> Json:
    shown: Json = {"username": name}
    address = scene.customer.picture or ""
    if picture and len(address) <= 3_000 and _PICTURE.match(address):
        shown["icon_url"] = address
    return shown


def _icon(job: Job) -> Json:
    """Return the picture of the account that a post of the bridge's own is about."""
    account = job.scene.account if job.scene is not None else job.account
    return {"icon_url": f"{job.rules.icons}{account.icon}"} if job.rules.icons and account and account.icon else {}


def _as(job: Job, person: PersonRef, wording: Wording, *, picture: bool) -> Json:
    """Return the name and picture of somebody in whose name the bridge posts."""
    shown: Json = {"username": inert_name(job.names.get(person, "")) or wording.say("name.unknown_person")}
    address = job.pictures.get(person)
    return shown | ({"icon_url": address} if address and picture else {})


def _buttons(job: Job, effect: TellPerson) -> list[Json]:
    if not effect.buttons:
        return []
    return [{"type": "actions", "elements": [_button(job, effect, button) for button in effect.buttons]}]


def _button(job: Job, effect: TellPerson, button: Button) -> Json:
    label = flat(said(job, button.label))[:MOST_LABEL]
    drawn: Json = {"type": "button", "action_id": button.act, "text": {"type": "plain_text", "text": label}}
    if effect.message is not None:
        drawn["value"] = str(effect.message)
    return drawn | ({"style": button.style} if button.style else {})

"""A conversation as a text file, uploaded for one person into their direct messages.

https://docs.slack.dev/messaging/working-with-files: an address, the bytes, and then where they are to stand.
"""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.model.decision import Job, Scene
from bridge.model.effects import GiveTranscript
from bridge.model.files import Fetched
from bridge.model.ids import FileRef
from bridge.model.outcomes import Done, Later, Outcome, Refused, Scope, Stored
from bridge.model.state import Author, Message, ReplyState, Said
from bridge.slack import messages, names
from bridge.slack.blocks import section
from bridge.slack.calls import Calls
from bridge.slack.errors import Kind
from bridge.slack.files import AGAIN, Files
from bridge.slack.phrase import Filling, Json, Link, flat, phrase, told
from bridge.slack.refs import permalink
from bridge.slack.shapes import thing
from bridge.wording import Wording

GONE = Refused(code="message_not_found", why="desk_message_gone")
TO_BRIDGE = Said(key="not_relayed.mentions_bridge")
"""Of what was said to the bridge itself, the lines it made of it stand in the thread."""

STATES = {
    ReplyState.NOTE: "export.note",
    ReplyState.REFUSED: "export.not_sent",
    ReplyState.WITHDRAWN: "export.not_sent",
    ReplyState.WAITING: "export.waiting",
    ReplyState.ASKING: "export.waiting",
    ReplyState.UNSURE: "export.unsure",
}
"""What stands beside an answer that has not, or not surely, reached the customer."""


async def give(job: Job, effect: GiveTranscript, calls: Calls, files: Files, now: datetime) -> Outcome:
    """Make the file and put it into a direct message: `Done(remote_id)` is Slack's id of it."""
    scene = job.scene
    thread = None if scene is None else scene.conversation.thread
    if scene is None or thread is None or thread.ref is None:
        return GONE
    known = await calls.ask(job, Kind.LOOK, lambda client: client.users_info(user=effect.person))
    zone = _zone(thing(known.get("user")).get("tz") if isinstance(known, dict) else None)
    data = transcript(job, scene, now, zone).encode()
    name = file_name(scene, now.astimezone(zone))
    kept = await files.upload(job, Fetched(file=io.BytesIO(data), length=len(data), mime="text/plain", name=name))
    if not isinstance(kept, Stored) or kept.remote_id is None:
        return kept if isinstance(kept, Refused | Later) else Later(after=AGAIN, why="lost", scope=Scope.ROW)
    file = FileRef(kept.remote_id)
    wording = Wording(job.language)
    said = phrase(wording, "export.here", names.standing(scene, wording))
    way = Link(url=permalink(job.workspace.url, thread.ref), label=wording.say("button.open"))
    call: Json = {"channel": effect.person, "text": told(said), "blocks": [section(said, (way,))], "parse": "none"}
    answer = await calls.ask(job, Kind.CHANGE, lambda client: client.chat_postMessage(**call))
    if not isinstance(answer, dict):
        return answer
    where: Json = {
        "files": [{"id": file}],
        "channel_id": str(answer.get("channel")),
        "thread_ts": str(answer.get("ts")),
    }
    show = partial(calls.ask, job, Kind.CHANGE)
    shown = await show(lambda client: client.files_completeUploadExternal(**where))
    return Done(remote_id=file) if isinstance(shown, dict) else shown


def file_name(scene: Scene, now: datetime) -> str:
    """Return what the file is called: by the account, the day and the conversation, never by the customer. Pure."""
    account = re.sub(r"\W+", "-", scene.account.name).strip("-").lower() or "conversation"
    return f"{account}-{now:%Y-%m-%d}-{scene.conversation.id}.txt"


def transcript(job: Job, scene: Scene, now: datetime, zone: tzinfo) -> str:
    """Return a conversation's messages as text, in the reader's language and time. Pure."""
    wording = Wording(job.language)
    account = f"{scene.account.name} ({names.network_name(scene, wording)})"
    head: dict[str, Filling] = {"when": _time(now, zone), "zone": _zone_name(now, zone)}
    top = [names.customer_name(scene, wording), account, flat(phrase(wording, "export.made", head)), ""]
    seen = [each for each in scene.shown if not each.withheld and each.reason != TO_BRIDGE]
    lines = [line for each in seen for line in _lines(job, scene, each, wording, zone)]
    return "\n".join([*top, *lines]) + "\n"


def _lines(job: Job, scene: Scene, message: Message, wording: Wording, zone: tzinfo) -> Iterator[str]:
    who = _who(job, scene, message, wording)
    if message.unsent_at is not None:
        gone: dict[str, Filling] = {"when": _time(message.unsent_at, zone)}
        yield f"{_time(message.at, zone)}  {who}: {flat(phrase(wording, 'export.unsent', gone))}"
        return
    first, *rest = _words(scene, message, wording).splitlines() or [""]
    state = STATES.get(message.state) if message.state is not None else None
    mark = f" ({wording.say(state)})" if state else ""
    yield f"{_time(message.at, zone)}  {who}{mark}: {first}"
    yield from (f"    {line}" for line in rest)


def _words(scene: Scene, message: Message, wording: Wording) -> str:
    if message.author is Author.CUSTOMER or message.author is Author.ELSEWHERE:
        line, text = messages.gist(scene, message, wording, messages.ALL)
        return "\n".join(filter(None, [flat(line), message.text if text else ""])) or wording.say("export.forgotten")
    attached = [each.title or each.kind for each in message.attachments]
    return "\n".join(filter(None, [message.text, *attached])) or wording.say("export.forgotten")


def _who(job: Job, scene: Scene, message: Message, wording: Wording) -> str:
    if message.author is Author.CUSTOMER:
        return names.customer_name(scene, wording)
    if message.person is not None:
        return job.names.get(message.person) or wording.say("name.unknown_person")
    return scene.account.name


def _zone(name: object) -> tzinfo:
    try:
        return ZoneInfo(name) if isinstance(name, str) and name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _zone_name(now: datetime, zone: tzinfo) -> str:
    return zone.key if isinstance(zone, ZoneInfo) else now.astimezone(zone).tzname() or "UTC"


def _time(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"

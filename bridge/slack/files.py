"""Customers' files on Slack: uploaded where nobody sees them, then shown in the thread, and looked for until they stand.

Three steps, of which Slack finishes the last in its own time: it may answer before the file stands anywhere, and now and
then it never does (docs.slack.dev, Working with files). So it counts as shown only once Slack says where.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final

import aiohttp

from bridge.media.spool import pieces
from bridge.model.change import replace
from bridge.model.decision import Job, Scene
from bridge.model.ids import PostRef
from bridge.model.outcomes import Done, Held, Later, Outcome, Refused, Scope, Stored, Unsure
from bridge.model.state import Attachment, Author
from bridge.ports import Fetched
from bridge.rules.customers.media import LOST, NOT_THERE
from bridge.slack import errors, names, render
from bridge.slack.calls import Calls, Json
from bridge.slack.errors import Kind
from bridge.slack.refs import post_ref, split_ref
from bridge.slack.shapes import items, thing
from bridge.wording import Wording

UPLOAD: Final = aiohttp.ClientTimeout(total=60, sock_connect=10)
ASKED_AFTER: Final = (0.4, 1.0, 2.0)
"""Seconds between asking for a file to be shown and looking whether it is, look by look."""
LOOKS: Final = 4
"""How often it is looked for once nobody knows: for some twenty seconds."""
VAIN_LOOKS: Final = 5
"""How often, where Slack does not say: for about a minute."""
AGAIN: Final = timedelta(seconds=3)
AWAY: Final = timedelta(seconds=30)
"""The file is fetched anew for each try: not often while Slack takes nothing."""
MOST_ALT: Final = 1_000

NEVER: Final = Refused(code="never_shared", why="")
ABSENT: Final = Refused(code=NOT_THERE, why="")
DELETED: Final = Refused(code=LOST, why="")
NOTHING: Final = Refused(code="other", why="")

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "file_uploads_disabled": "desk_uploads_off",
        "slack_connect_file_upload_sharing_blocked": "desk_uploads_off",
        "file_uploads_except_images_disabled": "desk_images_only",
        "file_type_not_allowed": "desk_type",
        "slack_connect_blocked_file_type": "desk_type",
        "slack_connect_canvas_sharing_blocked": "desk_policy",
        "slack_connect_file_link_sharing_blocked": "desk_policy",
        "restricted_action": "desk_policy",
        "posting_to_channel_denied": "desk_policy",
        "posting_to_general_channel_denied": "desk_policy",
        "storage_limit_reached": "desk_full",
        "file_upload_size_restricted": "desk_too_large",
        "missing_scope": "desk_scope",
        "no_permission": "desk_scope",
        "file_not_found": LOST,
        "file_deleted": LOST,
        "file_update_failed": LOST,
    }
)
"""What Slack says of a file, as the reason that the thread gives.

Rules of the workspace are here too: where they close the channel to everything, the next post says so for itself.
"""


class Files:
    """What of the desk concerns files."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    # -- bringing

    async def keep(self, job: Job, file: Fetched) -> Outcome:
        """Upload a file for nobody yet: `Stored(remote_id)` is Slack's id of it."""
        attachment = attachment_of(job)
        if attachment is None:
            return NOTHING
        return await self.upload(job, file, _alt(job, attachment))

    async def upload(self, job: Job, file: Fetched, alt: str | None = None) -> Outcome:
        """The same of any file. alt: what a screen reader says of it."""
        said = {"alt_txt": alt[:MOST_ALT]} if alt else {}
        announced = await self._calls.ask(
            job,
            Kind.CHANGE,
            lambda client: client.files_getUploadURLExternal(filename=file.name, length=file.length, **said),
        )
        if not isinstance(announced, dict):
            return _unkept(announced)
        url, name = str(announced.get("upload_url") or ""), str(announced.get("file_id") or "")
        sent = await self._sent(job, url, file)
        return Stored(remote_id=name, seconds=file.seconds) if sent is None else sent

    async def _sent(self, job: Job, url: str, file: Fetched) -> Outcome | None:
        """Send the bytes, piece by piece; None: Slack has them."""
        session = await self._calls.session(job.workspace.id)
        if session is None:
            return Later(after=AWAY, why="no_token", scope=Scope.TARGET)
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(file.length)}
        try:
            async with session.post(url, data=pieces(file.file), headers=headers, timeout=UPLOAD) as answer:
                if answer.status == 200:
                    return None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return Later(after=AGAIN, why=type(error).__name__, scope=Scope.ROW)
        if answer.status == 429 or answer.status >= 500:
            return Later(after=AGAIN, why=f"HTTP {answer.status}", scope=Scope.ROW)
        return Refused(code="desk_refused", why="")

    # -- showing

    async def show(self, job: Job) -> Outcome:
        """Show an uploaded file in the thread, under the customer's name: `Done(remote_id)` is the post's ref."""
        scene, attachment = job.scene, attachment_of(job)
        thread = None if scene is None else scene.conversation.thread
        if scene is None or attachment is None or attachment.file is None or thread is None or thread.ref is None:
            return NOTHING
        call = _completion(job, scene, attachment, thread.ref)
        answer = await self._completed(job, call)
        if isinstance(answer, Refused) and answer.code == "picture" and "icon_url" in call:
            answer = await self._completed(job, {name: value for name, value in call.items() if name != "icon_url"})
        if isinstance(answer, (Refused, Held)) and answer.code in REASONS:
            if REASONS[answer.code] == LOST and isinstance(
                found := await self._found(job, attachment, thread.ref), Done
            ):
                return found  # it was asked for before, and the answer was lost
            return Refused(code=REASONS[answer.code], why="")
        if isinstance(answer, Refused):
            return Refused(code="desk_refused", why="")
        if not isinstance(answer, dict):
            return answer
        return _standing(answer.get("files"), thread.ref) or await self._seen(job, attachment, thread.ref)

    async def _completed(self, job: Job, call: Json) -> Json | Outcome:
        channel = str(call["channel_id"])
        return await self._calls.ask(
            job, Kind.POST, lambda client: client.files_completeUploadExternal(**call), channel=channel
        )

    async def _seen(self, job: Job, attachment: Attachment, root: PostRef) -> Outcome:
        """Wait until Slack says where it stands: what was written after it must not stand before it."""
        for seconds in ASKED_AFTER:
            await asyncio.sleep(seconds)
            found = await self._found(job, attachment, root)
            if isinstance(found, Done) or found == DELETED:
                return found
            if not isinstance(found, Refused):
                break
        return Unsure(why="not shared yet", quiet=AGAIN)

    # -- looking

    async def look(self, job: Job) -> Outcome:
        """Look where a file stands of which nobody knows whether it was shown: `Done(remote_id)` is the post's ref."""
        scene, attachment = job.scene, attachment_of(job)
        thread = None if scene is None else scene.conversation.thread
        if attachment is None or attachment.file is None or thread is None or thread.ref is None:
            return NEVER
        found = await self._found(job, attachment, thread.ref)
        if isinstance(found, Refused) and found.code == NEVER.code and job.attempts < LOOKS:
            return Later(after=AGAIN, why="not shared yet", scope=Scope.ROW)
        if isinstance(found, Later) and found.scope is Scope.TARGET and not errors.is_limit(found):
            # What was written after it waits for the answer.
            return replace(found, scope=Scope.ROW) if job.attempts < VAIN_LOOKS else NEVER
        return found

    async def _found(self, job: Job, attachment: Attachment, root: PostRef) -> Outcome:
        file = str(attachment.file)
        answer = await self._calls.ask(job, Kind.LOOK, lambda client: client.files_info(file=file))
        if isinstance(answer, dict):
            return _standing([answer.get("file")], root) or NEVER
        if isinstance(answer, Refused):
            return {"file_not_found": ABSENT, "file_deleted": DELETED}.get(answer.code, NEVER)
        return answer


def attachment_of(job: Job) -> Attachment | None:
    """Return the attachment that an effect names."""
    message = None if job.scene is None else job.scene.message
    seq = getattr(job.effect, "attachment", None)
    return None if message is None else next((each for each in message.attachments if each.seq == seq), None)


def _unkept(outcome: Outcome) -> Outcome:
    """Say how an upload ended before it began; nothing waits for a permission that may never come."""
    match outcome:
        case Refused(code=code):
            reason = REASONS.get(code, "desk_refused")
            return Refused(code="desk_refused" if reason == LOST else reason, why="")
        case Held(scope=Scope.TOP, code=code):
            return Later(after=AWAY, why=code, scope=Scope.TARGET)
        case Held(code=code, cause=cause):
            return Refused(code=REASONS.get(code, "desk_scope" if cause == "desk_scope" else "desk_refused"), why="")
        case Later(after=after, why=why, scope=scope):
            return Later(after=max(after, AWAY), why=why, scope=Scope.ROW if scope is Scope.ROW else Scope.TARGET)
        case _:
            return Later(after=AWAY, why="lost", scope=Scope.ROW)


def _completion(job: Job, scene: Scene, attachment: Attachment, root: PostRef) -> Json:
    """Return the arguments of files.completeUploadExternal."""
    channel, ts = split_ref(root)
    file = {"id": str(attachment.file)} | ({"title": title} if (title := _title(job, attachment)) else {})
    customers = scene.message is not None and scene.message.author is Author.CUSTOMER
    author = render.author_of(job, scene) if customers else {}
    return {"files": [file], "channel_id": channel, "thread_ts": ts, **author}


def _standing(files: object, root: PostRef) -> Done | None:
    """Return where Slack says that a file stands in the thread."""
    channel, ts = split_ref(root)
    for file in items(files):
        shares = thing(file.get("shares"))
        for places in (thing(shares.get("public")), thing(shares.get("private"))):
            for share in items(places.get(channel)):
                if share.get("thread_ts") == ts:
                    try:
                        return Done(remote_id=post_ref(channel, str(share.get("ts"))))
                    except ValueError:
                        continue
    return None


def _title(job: Job, attachment: Attachment) -> str | None:
    """Return what stands over the file: of a voice message how long it lasts, of a file its own name."""
    wording = Wording(job.language)
    if attachment.kind != "audio":
        return attachment.title if attachment.kind == "file" else None
    name = wording.say("thing.audio")
    if attachment.seconds is not None:
        minutes, seconds = divmod(attachment.seconds, 60)
        name = wording.say("attached.timed", thing=name, length=f"{minutes}:{seconds:02d}")
    return name[:1].upper() + name[1:]


def _alt(job: Job, attachment: Attachment) -> str | None:
    """Return what a screen reader says of a picture."""
    if attachment.kind not in {"image", "sticker"} or job.scene is None:
        return None
    wording = Wording(job.language)
    customers = job.scene.message is not None and job.scene.message.author is Author.CUSTOMER
    who = names.customer_name(job.scene, wording) if customers else job.scene.account.name
    return wording.say("attached.by", thing=wording.say(f"thing.{attachment.kind}"), customer=who)

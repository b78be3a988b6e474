"""What the desk asks of Slack, and what it learns: a post whose answer was lost, people, groups, threads, credentials.

Looks change nothing, so a lost answer means asking again later. Pages are read one after another, each within its own
time, and all of a look within `WITHIN`: a row in hand for longer than its lease would be taken for a dead process's.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from bridge.model.decision import Job
from bridge.model.effects import LookForPost, ReadThread
from bridge.model.ids import GroupRef, PersonRef, PlaceRef
from bridge.model.outcomes import Done, Held, Later, Outcome, RawItem, Refused, Scope
from bridge.slack import sift
from bridge.slack.calls import Ask, Json
from bridge.slack.errors import NO_PERSON
from bridge.slack.refs import moment, split_ref, stamp

Asking = Callable[[Ask], Awaitable[Json | Outcome]]

PAGE = 200
MOST_PAGES = 20
WITHIN = timedelta(seconds=25)
EARLIER = timedelta(minutes=5)
"""How far before the attempt a look begins: Slack's clock and ours differ."""
NO_GROUP = frozenset(["no_such_subteam", "subteam_not_found", "subteam_is_disabled"])
NO_GROUPS = frozenset(["plan_upgrade_required", "paid_teams_only", "paid_only"])


async def for_post(job: Job, effect: LookForPost, ask: Asking, now: datetime) -> Outcome:
    """Look for the mark of a row in the thread, or in the channel for a root; both ways something is learnt."""
    return await _for_post(job, effect, _Patient(ask), now)


async def _for_post(job: Job, effect: LookForPost, ask: Asking, now: datetime) -> Outcome:
    since = effect.since - EARLIER
    root = split_ref(effect.root)[1] if effect.root else None
    ended: Outcome | None = None
    async for page in _pages(ask, effect.place, root, since):
        if not isinstance(page, list):
            ended = page
            break
        if found := next((each for each in page if effect.row in sift.rows_of(each)), None):
            return _post_found(job, effect, found, now)
    if isinstance(ended, Refused) and ended.code == "thread_gone" and root is not None:
        # What is sent to a thread that is gone lands in the channel.
        return await _for_post(job, _without_root(effect), ask, now)
    if ended is not None:
        return ended
    return Done(learnt=(sift.learnt(job.workspace, "absent", job.row, now, row=effect.row),))


async def at_person(job: Job, person: PersonRef, ask: Asking, now: datetime) -> Outcome:
    """Ask who somebody is."""
    answer = await ask(lambda client: client.users_info(user=person, include_locale=True))
    match answer:
        case dict():
            return _learnt(job, "person", now, ref=person, user=sift.person(answer.get("user")))
        case Refused(code=code) if code in NO_PERSON:
            return _learnt(job, "person", now, ref=person, user=None)
        case _:
            return _unanswered(answer)


async def at_group(job: Job, group: GroupRef, ask: Asking, now: datetime) -> Outcome:
    """Ask who belongs to a group; one that does not exist has nobody in it."""
    answer = await ask(lambda client: client.usergroups_users_list(usergroup=group))
    match answer:
        case dict():
            return _learnt(job, "group", now, group=group, people=answer.get("users"))
        case Refused(code=code) if code in NO_GROUP:
            return _learnt(job, "group", now, group=group, people=[], why="gone")
        case Refused(code=code) if code in NO_GROUPS:
            return _learnt(job, "group", now, group=group, people=[], why="plan")
        case Held(cause="desk_scope"):
            return _learnt(job, "group", now, group=group, people=None, why="desk_scope")
        case _:
            return _unanswered(answer)


def _unanswered(outcome: Outcome) -> Outcome:
    """Say that we do not know yet: what Slack says besides tells nothing of who may answer."""
    if isinstance(outcome, Refused):
        return Later(after=timedelta(minutes=1), why=outcome.code, scope=Scope.ROW)
    return outcome


async def at_thread(job: Job, effect: ReadThread, ask: Asking, now: datetime) -> Outcome:
    """Read what was written, and deleted, in a thread while nobody listened."""
    root = split_ref(effect.root)[1]
    learnt, standing = [], set[object]()
    async for page in _pages(_Patient(ask), effect.place, root, effect.since):
        if isinstance(page, Refused) and page.code == "thread_gone":
            return Done(learnt=(sift.gone(job.workspace, effect.root, now),))
        if not isinstance(page, list):
            return page
        if any(each.get("ts") == root and sift.tombstone(each) for each in page):
            return Done(learnt=(sift.gone(job.workspace, effect.root, now),))
        learnt += [
            sift.found(job.workspace, effect.place, each)
            for each in page
            if sift.in_thread(each) and not sift.own(each, job.workspace)
        ]
        standing.update(each.get("ts") for each in page)
    return Done(learnt=(*learnt, *_deleted(job, effect, standing, now)))


def _deleted(job: Job, effect: ReadThread, standing: Collection[object], now: datetime) -> Iterator[RawItem]:
    """Yield what stood there when the reading was asked for, lies within the time that was read, and is not there.

    What is newer than the asking cannot be among it; Slack leaves out the first moment itself.
    """
    for ref in effect.stood:
        ts = split_ref(ref)[1]
        written = moment(ts)
        if ts not in standing and written is not None and written > effect.since:
            yield sift.gone(job.workspace, effect.root, now, reply=ref)


async def at_credentials(job: Job, ask: Asking, now: datetime) -> Outcome:
    """Ask whether our token counts."""
    answer = await ask(lambda client: client.auth_test())
    return _learnt(job, "alive", now) if isinstance(answer, dict) else answer


async def at_token(ask: Asking) -> Outcome:
    """Ask whether our token still counts; that it does is nothing new."""
    answer = await ask(lambda client: client.auth_test())
    return Done() if isinstance(answer, dict) else answer


async def at_place(job: Job, place: PlaceRef, ask: Asking, now: datetime) -> Outcome:
    """Ask whether we may post into a channel again; that we may not is known already."""
    answer = await ask(lambda client: client.conversations_info(channel=place))
    if not isinstance(answer, dict):
        return answer
    channel = answer.get("channel")
    shown: Json = channel if isinstance(channel, dict) else {}
    usable = shown.get("is_member") is True and shown.get("is_archived") is not True
    return _learnt(job, "usable", now, channel=place) if usable else Done()


class _Patient:
    """Asks for page after page as long as there is time."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask
        self._until = asyncio.get_running_loop().time() + WITHIN.total_seconds()

    async def __call__(self, call: Ask) -> Json | Outcome:
        try:
            async with asyncio.timeout_at(self._until):
                return await self._ask(call)
        except TimeoutError:
            return Later(after=timedelta(minutes=1), why="slower than can be waited for", scope=Scope.ROW)


async def _pages(
    ask: Asking, place: PlaceRef, root: str | None, since: datetime
) -> AsyncIterator[list[Json] | Outcome]:
    """Yield the pages of a thread, or of a channel, since a moment; an outcome ends them."""
    more: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        answer = await ask(_reading(place, root, since, more))
        if not isinstance(answer, dict):
            yield answer
            return
        messages = answer.get("messages")
        yield [each for each in messages if isinstance(each, dict)] if isinstance(messages, list) else []
        metadata = answer.get("response_metadata")
        cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
        if not cursor and answer.get("has_more") is True:
            yield Later(after=timedelta(minutes=1), why="more pages, and no way to them", scope=Scope.ROW)
        if not cursor:
            return
        more = {"cursor": cursor}
    yield Later(after=timedelta(minutes=1), why="more pages than can be read at once", scope=Scope.ROW)


def _reading(place: PlaceRef, root: str | None, since: datetime, more: dict[str, Any]) -> Ask:
    stretch: dict[str, Any] = {"oldest": stamp(since), "limit": PAGE, "include_all_metadata": True, **more}
    if root is None:
        return lambda client: client.conversations_history(channel=place, **stretch)
    return lambda client: client.conversations_replies(channel=place, ts=root, **stretch)


def _post_found(job: Job, effect: LookForPost, message: Json, now: datetime) -> Outcome:
    where = {"channel": effect.place, "ts": message.get("ts"), "thread_ts": message.get("thread_ts")}
    rows = [effect.row, *(row for row in sift.rows_of(message) if row != effect.row)]
    return Done(learnt=(sift.learnt(job.workspace, "post", job.row, now, row=effect.row, rows=rows, **where),))


def _without_root(effect: LookForPost) -> LookForPost:
    return LookForPost(
        workspace=effect.workspace,
        row=effect.row,
        place=effect.place,
        root=None,
        since=effect.since,
        conversation=effect.conversation,
    )


def _learnt(job: Job, what: str, now: datetime, **values: object) -> Outcome:
    return Done(learnt=(sift.learnt(job.workspace, what, job.row, now, **values),))

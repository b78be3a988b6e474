"""Conversations as operators see them: listed without words, shown and exported with them, erased for good.

Rule 1: only `shown` and what is made of it hold words or names.
Rule 2: an erasure keeps the rows, so that figures stay true, and leaves nothing in them that somebody said or is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bridge.model.change import replace
from bridge.model.decision import Moment, Scene
from bridge.model.effects import Queued
from bridge.model.ids import AccountId, ConversationId, FileRef, PostRef, WorkspaceId
from bridge.model.state import Account, Author, Customer, Message, Window, Work
from bridge.model.word import Word
from bridge.policy import window_at
from bridge.rules.answers.lines import LINE
from bridge.store import closing, identities, rows, schema, tickets
from bridge.store.copies import EXPORT, exported
from bridge.store.reading import scene_of, with_parts
from bridge.store.scenes import SqlScenes
from bridge.store.schema import Instant, inbox, outbox, post
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import message as messages
from bridge.store.schema import thread as threads

Heard = Callable[[Account, Customer, Sequence[PostRef]], Iterable[str]]
"""Names the lanes of the inbox in which a customer's items, and those of these threads, stand; the adapters know them."""

_now = sa.bindparam("now", type_=Instant)
_feature = accounts.c.settings["human_agent"].as_boolean()
_human = sa.and_(_feature, conversations.c.human_close > _now)
WINDOW = sa.case(
    (conversations.c.standard_close > _now, Window.STANDARD.value),
    (_human, Window.HUMAN.value),
    else_=Window.LAPSED.value,
)
"""`bridge.policy.window_at` in SQL."""


def rfc3339(at: datetime | None) -> str | None:
    """A time as commands print it, in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def listed(
    conn: sa.Connection,
    now: datetime,
    *,
    account: AccountId | None = None,
    work: Work | None = None,
    window: Window | None = None,
    customer: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Conversations as JSON, the latest active first. customer: the network's id of one."""
    joined = conversations.join(accounts, accounts.c.id == conversations.c.account).join(
        customers, customers.c.id == conversations.c.customer
    )
    wanted: list[sa.ColumnElement[bool] | None] = [
        None if account is None else conversations.c.account == account,
        None if work is None else conversations.c.work == work.value,
        None if window is None else sa.literal(window.value) == WINDOW,
        None if customer is None else identities.is_known_as(customer),
    ]
    query = (
        sa.select(
            *(conversations.c[name] for name in ("id", "work", "standard_close", "last_at")),
            sa.case((_feature, conversations.c.human_close)).label("human_close"),
            accounts.c.platform,
            accounts.c.remote_id.label("account"),
            customers.c.remote_id.label("customer"),
            WINDOW.label("window"),
        )
        .select_from(joined)
        .where(*(condition for condition in wanted if condition is not None))
        .order_by(conversations.c.last_at.desc().nulls_last(), conversations.c.id.desc())
        .limit(limit)
    )
    found = conn.execute(query, {"now": now}).all()
    stands = _threads(conn, [row.id for row in found])
    return [
        {
            "id": row.id,
            "account": f"{row.platform}:{row.account}",
            "customer": row.customer,
            "work": row.work,
            "window": row.window,
            "standard_close": rfc3339(row.standard_close),
            "human_close": rfc3339(row.human_close),
            "last_at": rfc3339(row.last_at),
            "threads": stands.get(row.id, []),
        }
        for row in found
    ]


def _threads(conn: sa.Connection, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The threads of conversations; asked for in slices, as there are limits to what one statement may name."""
    found: dict[int, list[dict[str, Any]]] = {}
    for start in range(0, len(ids), 500):
        query = threads.select().where(threads.c.conversation.in_(ids[start : start + 500])).order_by(threads.c.id)
        for row in conn.execute(query):
            found.setdefault(row.conversation, []).append({"channel": row.place, "ref": row.ref, "gone": row.gone})
    return found


def shown(conn: sa.Connection, conversation: ConversationId, now: datetime) -> dict[str, Any] | None:
    """One conversation with its words and names, nothing of what was said in an erased one; None: there is no such one."""
    scene = scene_of(conn, conversation)
    if scene is None:
        return None
    talk, customer = scene.conversation, scene.customer
    erased = customer.remote_id == _nobody(customer)
    query = messages.select().where(messages.c.conversation == conversation).order_by(messages.c.at, messages.c.id)
    said = () if erased else with_parts(conn, conn.execute(query).all()).values()
    names = _names(conn, scene, said)
    return {
        "id": talk.id,
        "account": f"{scene.account.platform.value}:{scene.account.remote_id}",
        "account_name": scene.account.name,
        "customer": customer.remote_id,
        "customer_name": customer.name,
        "customer_username": customer.username,
        "work": talk.work.value,
        "blocked": None if customer.blocked is None else customer.blocked.value,
        "window": window_at(scene.account, talk, now).value,
        "standard_close": rfc3339(talk.standard_close),
        "human_close": rfc3339(talk.human_close) if scene.account.settings.human_agent else None,
        "last_at": rfc3339(talk.last_at),
        "threads": _threads(conn, [talk.id]).get(talk.id, []),
        "erased": erased,
        "messages": [_message_json(message, names) for message in said],
    }


def _names(conn: sa.Connection, scene: Scene, said: Iterable[Message]) -> dict[str, str]:
    person = schema.person
    refs = {message.person for message in said if message.person is not None}
    query = sa.select(person.c.ref, person.c.name).where(
        person.c.workspace == scene.workspace.id, person.c.ref.in_(refs)
    )
    return {row.ref: row.name for row in conn.execute(query)}


def _message_json(message: Message, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": message.id,
        "author": message.author.value,
        "person": message.person,
        "person_name": None if message.person is None else names.get(message.person),
        "at": rfc3339(message.at),
        "kind": message.kind,
        "text": message.text,
        "state": None if message.state is None else message.state.value,
        "reason": None if message.reason is None else message.reason.key,
        "remote_id": message.remote_id,
        "attachments": [
            {"kind": each.kind, "title": each.title, "address": each.address, "state": each.state.value}
            for each in message.attachments
        ],
        "parts": [
            {"seq": part.seq, "of": part.of, "state": part.state.value, "remote_id": part.remote_id}
            for part in message.parts
        ],
    }


def as_text(document: dict[str, Any]) -> str:
    """A shown conversation as plain text, a line for each line that was said; of an erased one, that it is."""
    if document["erased"]:
        return f"{document['account']} ({document['account_name']})\nConversation {document['id']} was erased.\n"
    customer = document["customer_name"] or document["customer_username"] or document["customer"]
    head = [
        f"{document['account']} ({document['account_name']})",
        f"{customer} [{document['customer']}]",
        f"{document['work']}, {document['window']} window",
        "",
    ]
    return "\n".join([*head, *(line for message in document["messages"] for line in _lines(message, customer))]) + "\n"


def _lines(message: dict[str, Any], customer: str) -> list[str]:
    if message["author"] == Author.CUSTOMER.value:
        who = customer
    else:
        who = message["person_name"] or message["person"] or message["author"]
    state = f" ({message['state']})" if message["state"] else ""
    wordless = "" if message["kind"] == "text" and message["attachments"] else f"[{message['kind']}]"
    first, *rest = (message["text"] or wordless).splitlines() or [""]
    attached = (
        " ".join(filter(None, (f"[{each['kind']}]", each["title"], each["address"]))) for each in message["attachments"]
    )
    return [f"{message['at']}  {who}{state}: {first}", *(f"    {line}" for line in (*rest, *attached))]


def leaves(conn: sa.Connection, moment: Moment, chosen: Sequence[ConversationId], *, who: str) -> None:
    """Keep a line for each conversation that is exported: of what is taken back later, whoever has it must hear."""
    line = {"at": moment.now, "who": who, "action": EXPORT, "before": {}, "after": {}}
    for start in range(0, len(chosen), 500):
        of = sa.select(conversations.c.id, conversations.c.workspace).where(
            conversations.c.id.in_(chosen[start : start + 500])
        )
        found = conn.execute(of).all()
        lines = [{**line, "workspace": row.workspace, "object": exported(row.id)} for row in found]
        conn.execute(sa.insert(schema.audit), lines)


# ── erasing ───────────────────────────────────────────────────────────────────────────────────────────────


class Erased(Word, kw_only=True):
    """What was erased. *posts* and *files* still stand on the desk, and must be taken away there; *redrawn*: alerts."""

    workspace: WorkspaceId
    posts: tuple[PostRef, ...]
    files: tuple[FileRef, ...]
    messages: int
    items: int
    redrawn: tuple[Queued, ...]


def erase(
    conn: sa.Connection, conversation: ConversationId, moment: Moment, *, who: str, heard: Heard
) -> Erased | None:
    """Forget everything that was said in a conversation, and who the customer is; None: there is no such one.

    Keys of the inbox stay, so that what is delivered again is not shown again. Who writes again is somebody new.
    Afterwards the caller empties the log: `SqlStore.checkpoint`.
    """
    scene = SqlScenes(conn).of_conversation(conversation)
    if scene is None:
        return None
    roots = conn.execute(sa.select(threads.c.ref).where(threads.c.conversation == conversation)).scalars().all()
    known_as = identities.others_of(conn, scene.customer.id)
    lanes = list(heard(scene.account, scene.customer, [PostRef(ref) for ref in roots if ref is not None]))
    for each in known_as:
        lanes += heard(scene.account, replace(scene.customer, remote_id=each), ())
    own = sa.select(messages.c.id).where(messages.c.conversation == conversation)
    conn.execute(sa.delete(schema.saved_reply).where(schema.saved_reply.c.source.in_(own)))
    refs = _forget_posts(conn, conversation)
    erased = Erased(
        workspace=scene.workspace.id,
        posts=refs,
        files=_files(conn, conversation),
        messages=_forget_words(conn, conversation),
        items=_forget_items(conn, scene.customer, known_as, lanes),
        redrawn=(
            *closing.erased(conn, scene.workspace.id, conversation, moment.steady),
            *tickets.erased(conn, scene, moment),
        ),
    )
    _stop(conn, scene, moment)
    _forget_customer(conn, scene)
    conn.execute(
        sa.insert(schema.audit).values(
            workspace=scene.workspace.id,
            at=moment.now,
            who=who,
            action="conversation.erase",
            object=exported(conversation),
            before={},
            after={"messages": erased.messages, "items": erased.items, "posts": len(refs)},
        )
    )
    return erased


def _forget_posts(conn: sa.Connection, conversation: ConversationId) -> tuple[PostRef, ...]:
    shown_in = schema.message_post
    own = sa.select(messages.c.id).where(messages.c.conversation == conversation)
    conn.execute(sa.delete(shown_in).where(shown_in.c.message.in_(own)))
    beside = schema.side_thread
    conn.execute(sa.delete(beside).where(beside.c.conversation == conversation))
    gone = conn.execute(sa.delete(post).where(post.c.conversation == conversation).returning(post.c.ref)).scalars()
    return tuple(sorted({*map(PostRef, gone), *_questions(conn, conversation)}))


def _questions(conn: sa.Connection, conversation: ConversationId) -> list[PostRef]:
    """Direct messages that still ask an author about an answer, whose first words they quote."""
    open_still = sa.and_(messages.c.conversation == conversation, messages.c.state.in_(("asking", "unsure", "waiting")))
    reasons = conn.execute(sa.select(messages.c.reason).where(open_still)).scalars()
    return [PostRef(each["values"][LINE]) for each in reasons if each and LINE in each["values"]]


def _files(conn: sa.Connection, conversation: ConversationId) -> tuple[FileRef, ...]:
    """Ours alone: an agent's own file is not for us to take away."""
    attached = schema.attachment
    of = (
        sa.select(attached.c.file)
        .join(messages, messages.c.id == attached.c.message)
        .where(
            attached.c.conversation == conversation,
            attached.c.file.is_not(None),
            messages.c.author != Author.AGENT.value,
        )
    )
    exports = schema.export
    given = conn.execute(
        sa.delete(exports).where(exports.c.conversation == conversation).returning(exports.c.file)
    ).scalars()
    return tuple(sorted({*map(FileRef, conn.execute(of).scalars()), *map(FileRef, given)}))


def _forget_words(conn: sa.Connection, conversation: ConversationId) -> int:
    """Answers that were not sent yet are withdrawn."""
    attached = schema.attachment
    conn.execute(sa.update(attached).where(attached.c.conversation == conversation).values(title=None, address=None))
    open_states = messages.c.state.in_(["waiting", "asking"])
    changes = {"text": None, "signature": None, "state": sa.case((open_states, "withdrawn"), else_=messages.c.state)}
    left = sa.and_(messages.c.conversation == conversation, sa.or_(messages.c.text.is_not(None), open_states))
    return conn.execute(sa.update(messages).where(left).values(changes)).rowcount


def _forget_items(conn: sa.Connection, customer: Customer, known_as: Sequence[str], lanes: Sequence[str]) -> int:
    """Empty the raw items; those whose very key names the customer go altogether."""
    if not lanes:
        return 0
    theirs = inbox.c.lane.in_(lanes)
    ids = [name for name in (customer.remote_id, customer.comments_as, *known_as) if name is not None]
    named = sa.or_(*(inbox.c.key.contains(name, autoescape=True) for name in ids))
    gone = conn.execute(sa.delete(inbox).where(theirs, named)).rowcount
    emptied = {"body": b"", "lane": "erased", "state": "applied", "reason": "erased"}
    return gone + conn.execute(sa.update(inbox).where(theirs).values(emptied)).rowcount


def _stop(conn: sa.Connection, scene: Scene, moment: Moment) -> None:
    """Nothing that waits is done any more; the threads are no longer ours to write in."""
    talk = scene.conversation.id
    lanes = [f"{kind}:{talk}" for kind in ("desk", "network", "card", "read", "reread", "eyes", "typing")]
    conn.execute(
        sa.update(outbox)
        .where(sa.text("outbox.state = 'ready'"), outbox.c.lane.in_([*lanes, f"profile:{scene.customer.id}"]))
        .values(state="dropped", reason="erased", finished_at=moment.steady)
    )
    conn.execute(sa.update(threads).where(threads.c.conversation == talk).values(gone=True))
    times = (
        "read_up_to",
        "written_at",
        "told_until",
        "alert_at",
        "ticket_at",
        "waiting_since",
        "heard_at",
        "heard_from",
        "ad_at",
        "opens_at",
        "standard_close",
        "human_close",
    )
    empty = (
        "thread",
        "preview",
        "card",
        "comments",
        "owner",
        "worked_by",
        "worked_at",
        "snoozed_until",
        "written_by",
        "eyes",
        "forwarded_to",
        "alerted",
        "ticket",
        *times,
    )
    changes = dict.fromkeys(empty) | {"work": Work.CLOSED.value, "unsure": 0}
    conn.execute(sa.update(conversations).where(conversations.c.id == talk).values(changes))


def _forget_customer(conn: sa.Connection, scene: Scene) -> None:
    identities.forget(conn, scene.customer.id)
    changes = rows.CUSTOMER.of(Customer(id=scene.customer.id, remote_id=""))
    nobody = {"remote_id": _nobody(scene.customer), "comments_as": None}
    conn.execute(sa.update(customers).where(customers.c.id == scene.customer.id).values(changes | nobody))


def _nobody(customer: Customer) -> str:
    """What an erased customer goes by, in place of the network's id."""
    return f"erased:{customer.id}"

"""What the rules look at, in as few statements as there can be.

Rule 1: a scene is read after its conversation's row is locked, never in the same statement: a statement that had to wait
for the lock would show the conversation as it is and its thread as it was. SQLite has one writer, and needs no lock.
Rule 2: statements are built once, here at the top; what they are asked for are bound values.
Rule 3: the conditions of partial indexes stand in them literally, or no database would use the index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bridge.lanes import place_target
from bridge.model.act import Act
from bridge.model.change import replace
from bridge.model.decision import Scene, Sending
from bridge.model.earlier import Earlier
from bridge.model.ids import (
    AccountId,
    ConversationId,
    GroupRef,
    MessageId,
    PersonRef,
    PlaceRef,
    PostRef,
    RemoteId,
    WorkspaceId,
)
from bridge.model.state import Account, Incident, Known, Message, Platform, Thread, Wish, Workspace
from bridge.model.word import Word
from bridge.ports import About, Needs, OutboxRow, Scenes
from bridge.store import identities, incidents, rows, schema
from bridge.store.about import about
from bridge.store.alike import asked_of
from bridge.store.apps import names_of
from bridge.store.copies import with_copies
from bridge.store.held import told_of
from bridge.store.identities import meant_account
from bridge.store.reading import (
    SCENE,
    account_of,
    answering,
    by_word,
    on_the_wire,
    onward,
    private_replies,
    read_messages,
    read_thread,
    scene,
    with_parts,
    withheld,
)
from bridge.store.schema import account as accounts
from bridge.store.schema import conversation as conversations
from bridge.store.schema import customer as customers
from bridge.store.schema import message as messages
from bridge.store.schema import outbox, part
from bridge.store.schema import thread as threads
from bridge.store.schema import workspace as workspaces
from bridge.store.sql import Question


class Finder(Word, kw_only=True):
    """One way to a conversation: how to lock it, and how to read it."""

    lock: sa.Select[Any]
    read: sa.Select[Any]


def _finder(condition: sa.ColumnElement[bool]) -> Finder:
    joined = conversations.join(customers, customers.c.id == conversations.c.customer)
    lock = sa.select(conversations.c.id).select_from(joined).where(condition).order_by(conversations.c.id)
    return Finder(lock=lock.with_for_update(of=conversations), read=SCENE.where(condition))


BY_ID = _finder(conversations.c.id.in_(sa.bindparam("ids", expanding=True)))
BY_CUSTOMER = _finder(
    sa.and_(customers.c.account == meant_account().scalar_subquery(), customers.c.remote_id == sa.bindparam("customer"))
)
BY_COMMENTER = _finder(
    sa.and_(
        customers.c.account == meant_account().scalar_subquery(),
        sa.text("customer.comments_as IS NOT NULL"),
        customers.c.comments_as == sa.bindparam("customer"),
    )
)
_ROOT = threads.alias("root")
BY_ROOT = _finder(
    conversations.c.id
    == sa.select(_ROOT.c.conversation)
    .where(_ROOT.c.workspace == sa.bindparam("workspace"), _ROOT.c.ref == sa.bindparam("ref"))
    .scalar_subquery()
)
_NAMED = messages.alias("named")
BY_MESSAGE = _finder(
    conversations.c.id
    == sa.select(_NAMED.c.conversation).where(_NAMED.c.id == sa.bindparam("message")).scalar_subquery()
)

FIRST_CONTACT = sa.select(accounts.c.workspace, accounts.c.id, sa.bindparam("customer", type_=sa.Text)).where(
    accounts.c.id == meant_account().scalar_subquery()
)
FIRST_CONVERSATION = sa.select(
    customers.c.workspace, customers.c.account, customers.c.id, sa.literal("answered"), sa.literal("ours")
).where(customers.c.account == meant_account().scalar_subquery(), customers.c.remote_id == sa.bindparam("customer"))

BY_REF = Question(
    messages.select().where(messages.c.workspace == sa.bindparam("w"), messages.c.ref == sa.bindparam("r"))
)
BY_REMOTE = Question(
    messages.select().where(
        messages.c.id.in_(
            sa.select(messages.c.id)
            .where(
                messages.c.conversation == sa.bindparam("conversation"), messages.c.remote_id == sa.bindparam("remote")
            )
            .union_all(
                sa.select(part.c.message).where(
                    part.c.conversation == sa.bindparam("conversation"), part.c.remote_id == sa.bindparam("remote")
                )
            )
        )
    )
)
BY_POST = Question(
    messages.select().where(
        messages.c.id.in_(
            sa.select(schema.message_post.c.message)
            .join(schema.post, schema.post.c.id == schema.message_post.c.post)
            .where(schema.post.c.workspace == sa.bindparam("w"), schema.post.c.ref == sa.bindparam("r"))
        )
    )
)
OWN_POST = sa.select(schema.post.c.id).where(
    schema.post.c.workspace == sa.bindparam("w"), schema.post.c.ref == sa.bindparam("r"), schema.post.c.kind != "root"
)
ROOTS_UNDER_WAY = [
    sa.select(outbox.c.id)
    .where(sa.text(state), outbox.c.kind.in_(["PostRoot", "PostAside"]), outbox.c.target == sa.bindparam("target"))
    .limit(1)
    for state in ("outbox.state = 'working'", "outbox.state = 'unsure'")
]


def workspaces_of(conn: sa.Connection) -> list[Workspace]:
    """All installations."""
    return [rows.workspace(row) for row in conn.execute(sa.select(*rows.labelled(workspaces, "workspace")))]


class SqlScenes(Scenes):
    """`bridge.ports.Scenes` on a connection whose transaction is open."""

    def __init__(self, conn: sa.Connection) -> None:
        self._conn = conn

    def workspace(self, id: WorkspaceId) -> Workspace | None:
        """One installation, by its id."""
        query = sa.select(*rows.labelled(workspaces, "workspace")).where(workspaces.c.id == id)
        row = self._conn.execute(query).one_or_none()
        return None if row is None else rows.workspace(row)

    def of_customer(
        self, platform: Platform, account: str, customer: str, *, create: bool, sending: bool = False
    ) -> Scene | None:
        """By the network's ids; *create* keeps a customer and a conversation on first contact."""
        given = {"platform": platform.value, "account": account, "customer": customer}
        row = self._find(BY_CUSTOMER, given)
        if row is None and (talk := identities.customer_behind(self._conn, given)) is not None:
            return self.of_conversation(talk, sending=sending)
        if row is None and create:
            self._first_contact(given)
            row = self._find(BY_CUSTOMER, given)
        return None if row is None else self._scene(row, sending=sending)

    def of_removed(self, platform: Platform, account: str, customer: str, message: RemoteId) -> Scene | None:
        """By the network's ids, where the account was removed and the message is known."""
        given = {"platform": platform.value, "account": account, "customer": customer, "message": message}
        talk = self._conn.execute(identities.OF_REMOVED, given).scalar_one_or_none()
        return None if talk is None else self.of_conversation(talk)

    def earlier(self, scene: Scene, heard: Collection[RemoteId]) -> Earlier | None:
        """Who a stranger may be of those whom the account knew by its other login."""
        return identities.earlier(self._conn, scene, heard)

    def join(self, stranger: Scene, known: Scene) -> None:
        """Let a customer take over the id of a stranger, of whom nothing is kept."""
        identities.join(self._conn, stranger, known)

    def of_commenter(self, platform: Platform, account: str, commenter: str, *, create: bool = True) -> Scene | None:
        """By the network's id of who comments; *create*: that they are is kept on first contact."""
        row = self._find(BY_COMMENTER, {"platform": platform.value, "account": account, "customer": commenter})
        return self._scene(row, sending=False) if row else self.of_customer(platform, account, commenter, create=create)

    def private_replies(self, account: AccountId) -> tuple[Sending, ...]:
        """What of an account's private replies to comments is on the wire, or unsure."""
        return private_replies(self._conn, account)

    def of_root(self, workspace: WorkspaceId, root: PostRef, *, sending: bool = False) -> Scene | None:
        """By the root of a thread, be it old."""
        row = self._find(BY_ROOT, {"workspace": workspace, "ref": root})
        if row is None:
            return None
        if row.thread_ref == root:
            return self._scene(row, sending=sending, thread=rows.thread(row))
        query = sa.select(*rows.labelled(threads, "thread")).where(
            threads.c.workspace == workspace, threads.c.ref == root
        )
        return self._scene(row, sending=sending, thread=rows.thread(self._conn.execute(query).one()))

    def of_aside(self, workspace: WorkspaceId, root: PostRef) -> Scene | None:
        """By the root of a thread beside, in which somebody was asked."""
        table = schema.side_thread
        query = sa.select(table.c.conversation).where(table.c.workspace == workspace, table.c.ref == root)
        found = self._conn.execute(query).scalar_one_or_none()
        return None if found is None else self.of_conversation(ConversationId(found))

    def of_conversation(self, conversation: ConversationId, *, sending: bool = False) -> Scene | None:
        """By our own id."""
        row = self._find(BY_ID, {"ids": [conversation]})
        return None if row is None else self._scene(row, sending=sending)

    def of_message(self, message: MessageId, *, sending: bool = False) -> Scene | None:
        """By a message of it."""
        row = self._find(BY_MESSAGE, {"message": message})
        if row is None:
            return None
        named = read_messages(self._conn, [message])[message]
        thread: Thread | None = None
        if named.thread is not None:
            current = row.thread_id == named.thread
            thread = rows.thread(row) if current else read_thread(self._conn, named.thread)
        return self._scene(row, sending=sending, message=named, thread=thread)

    def message_by_ref(self, workspace: WorkspaceId, ref: PostRef) -> Message | None:
        """An agent's message, by where it stands on the desk."""
        return self._message(BY_REF, {"w": workspace, "r": ref})

    def message_by_post(self, workspace: WorkspaceId, ref: PostRef) -> Message | None:
        """The message that a post of ours shows."""
        return self._message(BY_POST, {"w": workspace, "r": ref})

    def message_by_remote(self, conversation: ConversationId, remote_id: RemoteId) -> Message | None:
        """A message that the network knows under *remote_id*; a reply is found by any of its parts."""
        return self._message(BY_REMOTE, {"conversation": conversation, "remote": remote_id})

    def by_word(self, conversation: ConversationId) -> tuple[Sending, ...]:
        """What of its replies arrived as a person said, and of which the network's id was never heard."""
        return by_word(self._conn, conversation)

    def withheld(self, scene: Scene) -> Scene:
        """The scene with what a blocked customer wrote or changed since."""
        return withheld(self._conn, scene)

    def answering(self, conversation: ConversationId) -> bool:
        """Whether an agent's answer of late waits, is asked about, or may have arrived."""
        return bool(answering(self._conn, [conversation]))

    def with_copies(self, scene: Scene, remote_id: RemoteId, at: datetime, *, left: bool = False) -> Scene:
        """The scene with what else is made of its message; see `bridge.store.copies`."""
        return with_copies(self._conn, scene, remote_id, at, left=left)

    def is_own_post(self, workspace: WorkspaceId, ref: PostRef) -> bool:
        """Whether a post of ours that is no root stands there, or stood."""
        return self._conn.execute(OWN_POST, {"w": workspace, "r": ref}).first() is not None

    def known(self, workspace: WorkspaceId, needs: Needs) -> Known:
        """What was learnt of the persons and groups; a group that nobody has asked for is missing."""
        people: dict[PersonRef, Any] = {}
        groups: dict[GroupRef, tuple[PersonRef, ...]] = {}
        if needs.people:
            person = schema.person
            query = person.select().where(person.c.workspace == workspace, person.c.ref.in_(needs.people))
            people = {row.ref: rows.person(row) for row in self._conn.execute(query)}
        if needs.groups:
            member = schema.group_member
            members = member.select().where(member.c.workspace == workspace, member.c.group.in_(needs.groups))
            for row in self._conn.execute(members.order_by(member.c.person)):
                others = groups.get(row.group, ())
                groups[row.group] = (*others, row.person) if row.person else others
        return Known(people=people, groups=groups)

    def apps(self, ids: Collection[str]) -> dict[str, str | None]:
        """Of those that were asked for."""
        return names_of(self._conn, ids)

    def account_by_remote(self, platform: Platform, account: str) -> Account | None:
        """The account that the network means, if it is connected."""
        query = sa.select(*rows.labelled(accounts, "account")).where(accounts.c.id == meant_account().scalar_subquery())
        row = self._conn.execute(query, {"platform": platform.value, "account": account}).one_or_none()
        return None if row is None else rows.account(row)

    def account(self, account: AccountId) -> Account | None:
        """One account, removed ones too."""
        return account_of(self._conn, account)

    def accounts(self, workspace: WorkspaceId) -> tuple[Account, ...]:
        """All of a workspace, the first connected first; removed ones left out."""
        query = sa.select(*rows.labelled(accounts, "account")).where(
            accounts.c.workspace == workspace, accounts.c.wish != Wish.REMOVED.value
        )
        return tuple(rows.account(row) for row in self._conn.execute(query.order_by(accounts.c.id)))

    def asked_of(self, scene: Scene, act: Act) -> Scene:
        """The scene with what an act needs besides: other accounts, and what is like it already."""
        return asked_of(self._conn, replace(scene, others=self.accounts(scene.workspace.id)), act)

    def first_account(self, workspace: WorkspaceId | None) -> Account | None:
        """The account that was connected first, of one workspace or of all; removed ones left out."""
        query = sa.select(*rows.labelled(accounts, "account")).where(accounts.c.wish != Wish.REMOVED.value)
        if workspace is not None:
            query = query.where(accounts.c.workspace == workspace)
        row = self._conn.execute(query.order_by(accounts.c.id).limit(1)).one_or_none()
        return None if row is None else rows.account(row)

    def incident(self, workspace: WorkspaceId, key: str) -> Incident | None:
        """The open incident under *key*."""
        table = schema.incident
        query = table.select().where(table.c.workspace == workspace, table.c.key == key, table.c.closed_at.is_(None))
        query = query.with_for_update()
        row = self._conn.execute(query).one_or_none()
        return None if row is None else incidents.read(row)

    def incidents(self, workspace: WorkspaceId, key: str) -> list[Incident]:
        """The open incidents that are over with *key*, the oldest first."""
        table = schema.incident
        query = table.select().where(table.c.workspace == workspace, told_of(key), table.c.closed_at.is_(None))
        return [incidents.read(row) for row in self._conn.execute(query.order_by(table.c.id).with_for_update())]

    def about(
        self,
        rows: Sequence[OutboxRow],
        *,
        beside: Collection[ConversationId] = (),
        known: Mapping[int, About] | None = None,
        names: bool = True,
    ) -> dict[int, About]:
        """Everything a batch of claimed rows is about; see `bridge.store.about`."""
        return about(self._conn, rows, beside, known=known, names=names)

    def routed(self, workspace: WorkspaceId, place: PlaceRef) -> list[Account]:
        """The accounts whose route is that place, then those that have their alerts there; the first connected first."""
        route = schema.route
        query = (
            sa.select(*rows.labelled(accounts, "account"))
            .select_from(accounts.join(route, route.c.account == accounts.c.id))
            .where(
                route.c.workspace == workspace,
                sa.or_(route.c.place == place, route.c.alerts_place == place),
                accounts.c.wish != Wish.REMOVED.value,
            )
            .order_by(sa.case((route.c.place == place, 0), else_=1), accounts.c.id)
        )
        return [rows.account(row) for row in self._conn.execute(query)]

    def root_under_way(self, workspace: WorkspaceId, place: PlaceRef) -> bool:
        """Whether the row of a root in that place is working or unsure: only then may it stand there unknown to us."""
        given = {"target": place_target(workspace, place)}
        return any(self._conn.execute(query, given).first() is not None for query in ROOTS_UNDER_WAY)

    def _message(self, question: Question, given: Mapping[str, Any]) -> Message | None:
        return next(iter(with_parts(self._conn, question.ask(self._conn, given)).values()), None)

    def _find(self, finder: Finder, given: Mapping[str, Any]) -> rows.AnyRow | None:
        if self._conn.dialect.name == "postgresql" and self._conn.execute(finder.lock, given).first() is None:
            return None
        return self._conn.execute(finder.read, given).one_or_none()

    def _first_contact(self, given: Mapping[str, Any]) -> None:
        """Keep both rows, unless another process was quicker: then this waits for it to end, and finds its rows."""
        customer = rows.insert_into(self._conn, customers).from_select(
            ["workspace", "account", "remote_id"], FIRST_CONTACT
        )
        self._conn.execute(customer.on_conflict_do_nothing(), given)
        conversation = rows.insert_into(self._conn, conversations).from_select(
            ["workspace", "account", "customer", "work", "control"], FIRST_CONVERSATION
        )
        self._conn.execute(conversation.on_conflict_do_nothing(), given)

    def _scene(self, row: rows.AnyRow, *, sending: bool, **more: Any) -> Scene:
        if sending:
            more["sending"] = on_the_wire(self._conn, ConversationId(row.conversation_id))
        return onward(self._conn, scene(row, **more))

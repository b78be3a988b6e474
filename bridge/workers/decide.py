"""Inbox → state and outbox: each fact is read, ruled on and applied in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import assert_never

from bridge import alerts, lanes, roles, threads
from bridge.model.act import SHORTCUTS
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene, Wait
from bridge.model.errors import StoreUnavailable
from bridge.model.facts import (
    AccountJudged,
    Act,
    AgentReacted,
    AgentWrote,
    AlertDue,
    AlertOver,
    CredentialsRevoked,
    CustomerCommented,
    CustomerWrote,
    DeliveriesMissed,
    EchoHeard,
    Fact,
    FromNetwork,
    HomeOpened,
    Ignored,
    LoginWithdrawn,
    NetworkFact,
    OwnPostSeen,
    PersonLearnt,
    PlainFact,
    PostDeleted,
    PostNotFound,
    Pressed,
    QuestionStands,
    RolesChanged,
    SetupAsked,
    Submitted,
    TicketReported,
)
from bridge.model.state import Known, Message
from bridge.ports import RETRIED, InboxRow, Needs, Transaction
from bridge.rules.acts import asking, pressed
from bridge.rules.base import Context, asks_who
from bridge.rules.customers import changes, history, unsend
from bridge.rules.desk import home, places
from bridge.workers import alerting, around, meeting, news, renumbered, setting_up, ticketing, withdrawn
from bridge.workers.base import AWAY, Bell, Tools, named
from bridge.workers.news import OfTheDesk

BATCH = 64
SOON, LATER = timedelta(milliseconds=100), timedelta(seconds=2)
"""A fact that lacks something is looked at again so soon; one that has waited for long, so much later."""
UNASKED = Decision(ignored="no such answer")
EVER = datetime.max.replace(tzinfo=UTC)
PATIENCE = timedelta(seconds=2)
"""A fact that fails in the same way for so long is buried for an operator; its lane goes on."""


class Decider:
    """The loop that turns facts into state and effects."""

    def __init__(self, tools: Tools, bell: Bell) -> None:
        self._tools = tools
        self._bell = bell
        self._forgot = False
        self._counts: list[Callable[[], None]] = []
        """What is to be counted once it is committed: until then it may be decided again."""

    async def run(self) -> None:
        """Decide what is due, for ever."""
        while True:
            self._tools.told.beat("decide")
            if not await self.once():
                await self._bell.wait()

    async def once(self) -> int:
        """Decide one batch; say how many facts were due."""
        moment = self._tools.moment()
        try:
            return self._told(await self._tools.store.write(lambda tx: self._batch(tx, moment, apart=False)))
        except StoreUnavailable as error:
            self._tools.trouble("decide", error)
            await asyncio.sleep(AWAY)
            return 0
        except Exception as error:  # noqa: BLE001 - any bug in a rule or a parser: its neighbours must not suffer
            self._tools.trouble("decide", error)
        try:
            return self._told(await self._tools.store.write(lambda tx: self._batch(tx, moment, apart=True)))
        except Exception as error:  # noqa: BLE001 - nothing was decided: all of it is still due
            self._tools.trouble("decide", error)
            return 0

    def _told(self, decided: int) -> int:
        """It is committed: it counts, and what was erased the database's own log has to forget too."""
        for count in self._counts:
            count()
        self._counts.clear()
        if self._forgot:
            self._forgot = False
            self._tools.forgot.set()
        return decided

    def _batch(self, tx: Transaction, moment: Moment, *, apart: bool) -> int:
        self._counts.clear()
        rows = tx.facts.next(moment.steady, BATCH)
        for row in rows:
            if apart:
                self._apart(tx, row, moment)
            else:
                self._one(tx, row, moment)
        return len(rows)

    def _apart(self, tx: Transaction, row: InboxRow, moment: Moment) -> None:
        """One fact in a savepoint of its own; what cannot be decided is kept for `inbox retry`."""
        try:
            tx.savepoint(lambda: self._one(tx, row, moment))
        except Exception as error:
            if tx.broken(error):
                raise
            name = named(error)
            failing = row.first_tried if row.missing == name else None
            if failing is not None and moment.steady - failing >= PATIENCE:
                tx.facts.bury(row, name)
                self._counts.append(partial(self._tools.told.buried, row.item.source, name))
                self._try_to_tell_of_dead(tx, row, moment)
                return
            tx.facts.wait(row, moment.steady + timedelta(seconds=1), moment.steady, missing=name, free=False)

    def _try_to_tell_of_dead(self, tx: Transaction, row: InboxRow, moment: Moment) -> None:
        """What the fact met may be in the way of telling too; it stays buried all the same."""
        try:
            tx.savepoint(lambda: self._tell_of_dead(tx, row, moment))
        except Exception as error:
            if tx.broken(error):
                raise
            self._tools.trouble("decide", error)

    def _tell_of_dead(self, tx: Transaction, row: InboxRow, moment: Moment) -> None:
        """What a source told and nobody could decide is one incident; of an alert there is nobody to tell."""
        rules, source = self._tools.rules, row.item.source
        account = tx.scenes.first_account(row.item.workspace)
        if account is None or source == alerts.SOURCE:
            return
        place = rules.ops_place or places.alerts_place(account, rules)
        count = tx.facts.buried(source)
        told = alerts.dead_facts(source, count, account.workspace, place, account.id, moment.now)
        tx.apply(None, Decision(alerts=(told,)), moment.steady, row.item.key)

    def _one(self, tx: Transaction, row: InboxRow, moment: Moment) -> None:
        row = replace(row, item=renumbered.spelt(row.item, self._tools)) if self._tools.renumbered else row
        parser = self._tools.parsers[row.item.source]
        workspace = None if row.item.workspace is None else tx.scenes.workspace(row.item.workspace)
        needs = parser.needs(row.item.body)
        known = Known() if row.item.workspace is None else tx.scenes.known(row.item.workspace, needs)
        fact = around.named(parser.read(row.item, known, workspace), row)
        scene, decision = self._decided(tx, fact, needs, known, moment, waited=False)
        if decision.wait is not None and self._waited(row, fact, decision.wait, moment):
            scene, decision = self._decided(tx, fact, needs, known, moment, waited=True)
        if row.missing == RETRIED:
            self._tell_of_dead(tx, row, moment)
        if decision.wait is not None:
            self._wait(tx, row, scene, decision, decision.wait, moment)
            return
        tx.apply(scene, decision, moment.steady, row.item.key)
        self._forgot = self._forgot or bool(decision.forgotten)
        if not around.is_kept(scene, fact, decision):
            tx.facts.forget(row)
        elif isinstance(fact, CustomerWrote) and fact.unknown is not None:
            tx.facts.set_aside(row, f"unknown: {fact.unknown}")
        else:
            tx.facts.applied(row, decision.ignored)
        if decision.ignored is not None:
            self._counts.append(partial(self._tools.told.ignored, decision.ignored))
        elif isinstance(fact, CustomerWrote | EchoHeard) and fact.found_later and decision.messages:
            self._counts.append(partial(self._tools.told.found_later, decision.messages[0].author.value))

    def _waited(self, row: InboxRow, fact: Fact, wait: Wait, moment: Moment) -> bool:
        """Whether it has waited for this long enough."""
        limit = self._tools.rules.settle if isinstance(fact, EchoHeard) else self._tools.rules.fact_wait
        return row.missing == wait.missing and _waiting(row, moment) >= limit

    def _wait(
        self, tx: Transaction, row: InboxRow, scene: Scene | None, decision: Decision, wait: Wait, moment: Moment
    ) -> None:
        """Ask once for what is missing, and look again soon: it may be learnt long before the deadline."""
        anew = row.missing != wait.missing
        if anew or decision.messages:
            tx.apply(scene, replace(decision, wait=None), moment.steady, row.item.key)
        soon = moment.steady + (SOON if anew or _waiting(row, moment) < self._tools.rules.fact_wait else LATER)
        tx.facts.wait(row, min(wait.until, soon), moment.steady, missing=wait.missing, free=wait.free)

    def _decided(
        self, tx: Transaction, fact: Fact, needs: Needs, known: Known, moment: Moment, *, waited: bool
    ) -> tuple[Scene | None, Decision]:
        context = self._tools.context(tx, moment)
        match fact:
            case FromNetwork():
                return self._of_network(tx, fact, context, waited=waited)
            case Pressed(incident=int()):
                return None, alerting.pressed(tx, self._tools, fact, known, moment, waited=waited)
            case AgentWrote() | PostDeleted() | Pressed() | Submitted():
                return self._of_desk(tx, fact, needs, known, moment, waited=waited)
            case AgentReacted():
                return self._reacted(tx, fact, needs, known, moment, waited=waited)
            case CredentialsRevoked() | PersonLearnt() | OwnPostSeen() | PostNotFound() | Ignored():
                return None, self._plainly(fact)
            case AlertDue() | AlertOver():
                return None, alerting.decided(tx, self._tools, fact, known, moment, waited=waited)
            case HomeOpened():
                return None, home.opened(fact, known, context, waited=waited)
            case DeliveriesMissed() | LoginWithdrawn() | AccountJudged() | RolesChanged():
                return None, _of_account(tx, fact, context)
            case SetupAsked():
                return None, setting_up.decided(tx, self._tools, fact, known, moment, waited=waited)
            case TicketReported() | QuestionStands():
                return _reported(tx, fact, context)
            case _ if isinstance(fact, OfTheDesk):
                return None, news.decided(tx, self._tools, fact, moment)
            case _:
                assert_never(fact)

    def _plainly(self, fact: PlainFact) -> Decision:
        if isinstance(fact, CredentialsRevoked):
            self._counts.append(partial(self._tools.told.held, lanes.desk_target(fact.workspace), "desk_token.revoked"))
        return threads.decide_about_desk(fact)

    def _of_network(
        self, tx: Transaction, fact: NetworkFact, context: Context, *, waited: bool
    ) -> tuple[Scene | None, Decision]:
        """What the network told of one customer."""
        settled: Decision | None = None
        match fact:
            case CustomerCommented():
                scene, settled = around.commenter(tx, fact)
            case EchoHeard():
                scene, settled = around.echo(tx, fact, context, waited=waited)
            case _:
                scene = around.network(tx, fact)
        if settled is not None:
            return scene, settled
        if scene is None:
            return None, Decision(ignored=around.UNCONNECTED)
        return meeting.decided(tx, scene, fact, context, waited=waited)

    def _of_desk(
        self,
        tx: Transaction,
        fact: AgentWrote | PostDeleted | Pressed | Submitted,
        needs: Needs,
        known: Known,
        moment: Moment,
        *,
        waited: bool,
    ) -> tuple[Scene | None, Decision]:
        """What somebody did in a thread."""
        scene = self._desk_scene(tx, fact)
        if scene is None and type(fact) is AgentWrote and (beside := tx.scenes.of_aside(fact.workspace, fact.root)):
            scene = self._introduced(tx, beside, known)
            return scene, asking.answered(scene, fact, self._tools.context(tx, moment), waited=waited)
        if scene is None:
            return None, self._unknown_thread(tx, fact, waited=waited, moment=moment)
        asked = Decision()
        if isinstance(fact, PostDeleted):
            told = tx.scenes.incident(fact.workspace, changes.stale_key("stale_post", fact.ref))
            asked = unsend.post_gone(fact, told)
            if tx.scenes.is_own_post(fact.workspace, fact.ref):
                return scene, asked
        fresh = isinstance(fact, AgentWrote) and not fact.found_late and not waited
        if fresh and scene.message is None and tx.effects.rereading(scene.conversation.id):
            # After a gap: what was written before this is found by that reading, and goes before it.
            return scene, Decision(wait=Wait(until=moment.steady + SOON, missing="reading"))
        scene = self._introduced(tx, scene, known)
        if isinstance(fact, Submitted):
            scene = tx.scenes.asked_of(scene, fact.act)
        elif isinstance(fact, AgentWrote) and fact.mentions_bridge:
            scene = replace(scene, others=tx.scenes.accounts(scene.workspace.id))
        if scene.account.settings.auto_csat and around.may_close(fact):
            scene = replace(scene, answering=tx.scenes.answering(scene.conversation.id))
        decision = threads.decide(scene, fact, self._tools.context(tx, moment), waited=waited)
        decision = replace(decision, alerts=(*decision.alerts, *asked.alerts))
        return scene, decision if waited else self._with_names(scene, needs, fact, decision)

    def _reacted(
        self, tx: Transaction, fact: AgentReacted, needs: Needs, known: Known, moment: Moment, *, waited: bool
    ) -> tuple[Scene | None, Decision]:
        """A reaction on a post of ours; on anything else it is none of our business."""
        message = tx.scenes.message_by_post(fact.workspace, fact.ref)
        scene = None if message is None else tx.scenes.of_message(message.id)
        if message is None or scene is None:
            return None, Decision(ignored="not on a post of ours")
        scene = self._introduced(tx, self._with_posts(tx, scene, message), known)
        return scene, threads.decide(scene, fact, self._tools.context(tx, moment), waited=waited)

    def _desk_scene(self, tx: Transaction, fact: AgentWrote | PostDeleted | Pressed | Submitted) -> Scene | None:
        if isinstance(fact, Pressed) and fact.conversation is not None:
            scene = tx.scenes.of_conversation(fact.conversation, sending=True)
            return scene if scene is not None and scene.workspace.id == fact.workspace else None
        if isinstance(fact, Pressed | Submitted) and fact.message is not None:
            return tx.scenes.of_message(fact.message, sending=True)
        if isinstance(fact, Submitted):
            return tx.scenes.of_root(fact.workspace, fact.root, sending=True)
        message: Message | None = None
        if fact.ref is not None:
            message = tx.scenes.message_by_ref(fact.workspace, fact.ref)
            if message is None and isinstance(fact, Pressed):
                message = tx.scenes.message_by_post(fact.workspace, fact.ref)
        if message is not None:
            scene = tx.scenes.of_message(message.id, sending=True)
            asked = isinstance(fact, Pressed) and fact.act is Act.CHECK_EXISTS
            return self._with_posts(tx, scene, message) if scene is not None and asked else scene
        root = fact.root or (fact.ref if isinstance(fact, PostDeleted) else None)
        return None if root is None else tx.scenes.of_root(fact.workspace, root, sending=True)

    def _with_posts(self, tx: Transaction, scene: Scene, message: Message) -> Scene:
        """The scene with where its message stands, perhaps beside others."""
        remote_id = message.remote_id
        return scene if remote_id is None else tx.scenes.with_copies(scene, remote_id, message.at)

    def _introduced(self, tx: Transaction, scene: Scene, known: Known) -> Scene:
        """The scene with what is known of people and of the groups that the account names."""
        scene = tx.scenes.withheld(scene)
        groups = roles.groups_of(scene)
        if not groups:
            return replace(scene, known=known)
        of_groups = tx.scenes.known(scene.workspace.id, Needs(groups=groups))
        return replace(scene, known=replace(known, groups={**known.groups, **of_groups.groups}))

    def _with_names(self, scene: Scene, needs: Needs, fact: Fact, decision: Decision) -> Decision:
        """The decision, or a wait for the desk to say who everybody is of whom the fact speaks."""
        if decision.ignored is not None or not isinstance(fact, (AgentWrote, Pressed, Submitted)):
            return decision
        unknown = [person for person in needs.people if person not in scene.known.people]
        if not unknown:
            return decision
        workspace, groups = scene.workspace.id, roles.groups_of(scene)
        # Asked for together: a fact that waits asks only once.
        effects = asks_who(workspace, unknown, [each for each in groups if each not in scene.known.groups])
        if decision.wait is not None:
            return replace(decision, effects=(*decision.effects, *effects))
        return Decision(effects=effects, wait=Wait(until=EVER, missing="person"))

    def _unknown_thread(
        self, tx: Transaction, fact: AgentWrote | PostDeleted | Pressed | Submitted, *, waited: bool, moment: Moment
    ) -> Decision:
        """A thread we do not know: perhaps its root is ours and still under way; otherwise it is none of ours."""
        # A button stands on what stands already.
        button = isinstance(fact, Pressed) and fact.act not in SHORTCUTS
        if not button and tx.scenes.root_under_way(fact.workspace, fact.place):
            return Decision(wait=Wait(until=moment.steady + timedelta(seconds=1), missing="thread", free=True))
        if isinstance(fact, Pressed) and fact.act in SHORTCUTS:
            return pressed.asked_in_vain(fact)
        return Decision(ignored="not a conversation's thread" if not waited else "no conversation's thread came")


def _reported(
    tx: Transaction, fact: TicketReported | QuestionStands, context: Context
) -> tuple[Scene | None, Decision]:
    """What became of something that went out about a conversation: a ticket, a question to an answer's author."""
    if isinstance(fact, TicketReported):
        return ticketing.reported(tx, fact, context)
    scene = tx.scenes.of_message(fact.message, sending=True)
    return scene, UNASKED if scene is None else threads.decide(scene, fact, context)


def _of_account(
    tx: Transaction, fact: DeliveriesMissed | LoginWithdrawn | AccountJudged | RolesChanged, context: Context
) -> Decision:
    """What concerns an account as a whole, or whoever has logged in to it."""
    match fact:
        case DeliveriesMissed():
            return history.deliveries_missed(fact, tx.ticks.heard_of(fact.account), context)
        case LoginWithdrawn():
            return withdrawn.decided(tx, fact, context)
        case AccountJudged() | RolesChanged():
            account = tx.scenes.account_by_remote(fact.platform, fact.account)
            if account is None:
                return Decision(ignored=around.UNCONNECTED)
            return threads.decide_about_account(account, fact, context)
        case _:
            assert_never(fact)


def _waiting(row: InboxRow, moment: Moment) -> timedelta:
    """For how long a fact has waited for what it lacked last."""
    return timedelta(0) if row.first_tried is None else moment.steady - row.first_tried

"""Time → facts and effects: each tick asks the store what has become due by itself. There are no timers.

Rule 1: a tick may come late, twice, or in two processes at once; what it does is guarded by the state it looks at.
Rule 2: every question goes by an index, and every answer is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bridge import alerts, policy
from bridge.lanes import DESK, NETWORK, queue
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment
from bridge.model.effects import (
    PostAlert,
    PostLine,
    PostMessage,
    PostRoot,
    PostStage,
    ProbeDesk,
    ProbePlace,
    SendToCustomer,
    ShowFile,
)
from bridge.model.facts import AlertOver, OwnPostSeen
from bridge.model.ids import WorkspaceId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Wish
from bridge.ports import OutboxRow, Transaction
from bridge.rules.acts import pressed
from bridge.rules.answers import sending
from bridge.rules.customers import history, media
from bridge.rules.desk import places, posting
from bridge.workers import (
    alerting,
    barred,
    closing,
    departed,
    digest,
    gaps,
    groups,
    minding,
    ops,
    outages,
    planner,
    renumbered,
    silence,
    ticketing,
)
from bridge.workers.base import Tools
from bridge.workers.finish import died

EVERY = 0.5
"""Seconds (real time) between ticks; a clock that was moved forward lets none of them wait."""
LIMIT = 200
COUNTS_EVERY = timedelta(seconds=5)
PROBE_EVERY = timedelta(seconds=30)
PLACES_EVERY = timedelta(minutes=5)
GROUPS_EVERY = timedelta(hours=1)
DIGEST_EVERY = timedelta(seconds=10)
LISTS_EVERY = timedelta(seconds=30)
PINS_EVERY = timedelta(hours=1)
SENT_EVERY = timedelta(seconds=2)
OPS_EVERY = timedelta(seconds=15)
OUTAGES_EVERY = timedelta(seconds=10)
QUIET_EVERY = timedelta(seconds=30)
LINKS_EVERY = timedelta(hours=1)
PUT_OFF_EVERY = timedelta(seconds=10)
WARNED_EVERY = timedelta(hours=1)
HELD_EVERY = timedelta(minutes=10)
"""An account may be let send again without a word to us: one answer behind each hold is tried."""
SUBSCRIBED_EVERY = timedelta(hours=1)
"""The network may have stopped telling us of an account, without a word."""
STRANDED_EVERY = timedelta(minutes=1)
LOST_EVERY = timedelta(seconds=20)
LONG = timedelta(days=3650)
"""Longer than any lease, also of a process whose clock was days ahead."""
LOST_WITHIN = timedelta(hours=1)


class Ticker:
    """The loop that asks what has become due."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._last: dict[str, datetime] = {}
        self._outages = outages.Watch()
        self._ops = ops.Watch()
        self._barred = barred.Watch()

    async def run(self) -> None:
        """Tick for ever."""
        while True:
            self._tools.told.beat("tick")
            try:
                await self._tools.clock.refresh()
                await self.once()
            except Exception as error:  # noqa: BLE001 - the next tick asks the same again
                self._tools.trouble("tick", error)
            await self._tools.leapt.wait(EVERY)

    async def once(self) -> None:
        """One tick: nothing is written when nothing is due."""
        moment = self._tools.moment()
        await self._tools.store.write(lambda tx: self._replies(tx, moment))
        await self._tools.store.write(lambda tx: self._unsure(tx, moment))
        await self._tools.store.write(lambda tx: self._windows(tx, moment))
        await self._tools.store.write(lambda tx: self._run_out(tx, moment))
        await self._tools.store.write(lambda tx: closing.tell(tx, self._tools, moment))
        await self._tools.store.write(lambda tx: ticketing.tell(tx, self._tools, moment))
        for what, every, work in self._now_and_then(moment):
            if self._due(what, every, moment):
                await self._tools.store.write(work)

    def _now_and_then(self, moment: Moment) -> tuple[tuple[str, timedelta, Callable[[Transaction], None]], ...]:
        """What is not asked at every tick: its name, how often, and what is done. Whoever adds a question adds a line."""
        tools = self._tools
        return (
            ("stranded", STRANDED_EVERY, lambda tx: self._stranded(tx, moment)),
            ("lost", LOST_EVERY, lambda tx: self._lost(tx, moment)),
            ("counts", COUNTS_EVERY, lambda tx: self._counts(tx, moment)),
            ("probe", PROBE_EVERY, lambda tx: self._probe(tx, moment)),
            ("places", PLACES_EVERY, lambda tx: self._places(tx, moment)),
            ("held", HELD_EVERY, lambda tx: tx.effects.try_held(NETWORK)),
            ("warned", WARNED_EVERY, lambda tx: self._warned(tx, moment)),
            ("subscribed", SUBSCRIBED_EVERY, lambda tx: self._subscribed(tx, moment)),
            ("digest", DIGEST_EVERY, lambda tx: digest.tell(tx, tools, moment)),
            ("boards", LISTS_EVERY, lambda tx: planner.boards(tx, tools, moment)),
            ("breaks", LISTS_EVERY, lambda tx: planner.breaks_ahead(tx, tools, moment)),
            ("awake", LISTS_EVERY, lambda tx: closing.awake(tx, tools, moment)),
            ("pins", PINS_EVERY, lambda tx: planner.pins(tx, moment)),
            ("ops", OPS_EVERY, lambda tx: self._ops.look(tx, tools, moment)),
            ("outages", OUTAGES_EVERY, lambda tx: self._outages.look(tx, tools, moment)),
            ("quiet desks", QUIET_EVERY, lambda tx: self._outages.ask(tx, moment)),
            ("sent", SENT_EVERY, lambda tx: alerting.count_sent(tx, tools, moment)),
            ("links", LINKS_EVERY, lambda tx: alerting.lead_anew(tx, tools, moment)),
            ("put off", PUT_OFF_EVERY, lambda tx: alerting.wake(tx, tools, moment)),
            ("renumbered", renumbered.EVERY, lambda tx: renumbered.look(tx, tools, moment)),
            ("departed", departed.EVERY, lambda tx: departed.look(tx, tools, moment)),
            ("barred", barred.EVERY, lambda tx: self._barred.look(tx, tools, moment)),
            ("owners", departed.ASKED_EVERY, lambda tx: departed.ask(tx, moment)),
            ("groups", GROUPS_EVERY, lambda tx: groups.ask(tx, moment)),
            ("groups left", LISTS_EVERY, lambda tx: groups.look(tx, tools, moment)),
            ("silence", silence.EVERY, lambda tx: silence.listen(tx, tools, moment)),
            ("upkeep", minding.EVERY, lambda tx: minding.mind(tx, tools, moment)),
        )

    def _due(self, what: str, every: timedelta, moment: Moment) -> bool:
        last = self._last.get(what)
        if last is not None and moment.steady - last < every:
            return False
        self._last[what] = moment.steady
        return True

    def _replies(self, tx: Transaction, moment: Moment) -> None:
        """Answers that wait show the hourglass; questions nobody answered keep the answer inside."""
        context = self._tools.context(tx, moment)
        rules = self._tools.rules
        for message in tx.ticks.unsigned(moment.steady - rules.sign_waiting, LIMIT):
            scene = tx.scenes.of_message(message)
            if scene is not None:
                tx.apply(scene, pressed.waits(scene, context), moment.steady)
        for message in tx.ticks.questions(moment.steady - rules.question, LIMIT):
            scene = tx.scenes.of_message(message)
            if scene is not None:
                tx.apply(scene, pressed.question_expired(scene, context), moment.steady)

    def _windows(self, tx: Transaction, moment: Moment) -> None:
        """Cards whose conversation has passed a close say so."""
        context = self._tools.context(tx, moment)
        for conversation in tx.ticks.windows(moment.now, LIMIT):
            scene = tx.scenes.of_conversation(conversation)
            if scene is not None:
                if scene.account.settings.auto_unanswered:
                    scene = replace(scene, answering=tx.scenes.answering(conversation))
                tx.apply(scene, posting.window_passed(scene, context), moment.steady)

    def _run_out(self, tx: Transaction, moment: Moment) -> None:
        """What could be seen for a time only is over."""
        context = self._tools.context(tx, moment)
        for message in tx.ticks.run_out(moment.now, LIMIT):
            scene = tx.scenes.of_message(message)
            if scene is not None:
                tx.apply(scene, media.run_out(scene, context), moment.steady)

    def _stranded(self, tx: Transaction, moment: Moment) -> None:
        """Files whose way was given up by an operator are told of in the thread."""
        for message in tx.ticks.stranded(LIMIT):
            scene = tx.scenes.of_message(message)
            if scene is not None:
                tx.apply(scene, media.stranded(scene, self._tools.context(tx, moment)), moment.steady)

    def _unsure(self, tx: Transaction, moment: Moment) -> None:
        """Rows of processes that died become unsure; unsure rows are settled by what was heard, or given to a person."""
        dead = [row for row in tx.effects.overdue(moment.steady) if row.id not in self._tools.in_hand]
        if dead:
            died(tx, self._tools, dead, moment)
        rows = tx.ticks.unsure(LIMIT)
        posts = [row for row in rows if not isinstance(row.effect, SendToCustomer)]
        self._own_posts(tx, posts, moment)
        for row in rows:
            since = row.unsure_since
            if isinstance(row.effect, SendToCustomer) and since and moment.steady - since >= self._tools.rules.settle:
                self._ask(tx, row, row.effect, moment)
        for row in tx.ticks.unlooked(moment.steady - self._tools.rules.settle, LIMIT):
            self._go_on(tx, row, moment)

    def _go_on(self, tx: Transaction, row: OutboxRow, moment: Moment) -> None:
        """Nothing will tell whether this post stands: what follows goes. An alert rather stands twice than not at all."""
        if isinstance(row.effect, PostAlert | PostStage):
            tx.apply(None, Decision(unseen_rows=(row.id,)), moment.steady, f"outbox:{row.id}")
            return
        tx.effects.asked(row)
        if isinstance(row.effect, ShowFile):
            scene = tx.scenes.of_message(row.effect.message)
            if scene is not None:
                tx.apply(scene, media.never_seen(scene, row.effect), moment.steady, f"outbox:{row.id}")
        elif isinstance(row.effect, (PostRoot, PostMessage, PostLine)):
            scene = tx.scenes.of_conversation(row.effect.conversation)
            if scene is not None:
                decision = posting.never_seen(scene, row.id, self._tools.context(tx, moment))
                tx.apply(scene, decision, moment.steady, f"outbox:{row.id}")

    def _own_posts(self, tx: Transaction, rows: Sequence[OutboxRow], moment: Moment) -> None:
        """Our own event tells that a post stands, and where."""
        seen = tx.facts.seen([f"row:{row.id}" for row in rows]) if rows else {}
        source = self._tools.desk_source
        parser = self._tools.parsers[source]
        for row in rows:
            body = seen.get(f"row:{row.id}")
            if body is None:
                continue
            item = RawItem(key="", source=source, lane="", at=moment.now, body=body, workspace=row.effect.workspace)
            fact = parser.read(item, Known(), tx.scenes.workspace(row.effect.workspace))
            if isinstance(fact, OwnPostSeen):
                # Its own first: a post goes by the row whose event it was.
                stand = tuple((key, fact.ref) for key in dict.fromkeys((row.id, *fact.keys)))
                tx.apply(None, Decision(seen_rows=stand), moment.steady, f"outbox:{row.id}")

    def _ask(self, tx: Transaction, row: OutboxRow, effect: SendToCustomer, moment: Moment) -> None:
        scene = tx.scenes.of_message(effect.message, sending=True)
        if scene is None:
            return
        for each in scene.sending:
            if each.row == row.id:
                decision = sending.unsure_for_long(scene, each, self._tools.context(tx, moment))
                tx.effects.asked(row)
                tx.apply(scene, decision, moment.steady, f"outbox:{row.id}")

    def _lost(self, tx: Transaction, moment: Moment) -> None:
        """A post of ours that never came back: the desk's events do not reach us. Once they do, what was missed is read."""
        before = moment.now - self._tools.rules.own_post
        for workspace, key in tx.ticks.heard_again(moment.now, before):
            reread = gaps.found(tx, self._tools, workspace, None, moment)
            tx.apply(None, places.events_back(workspace, key, reread, self._tools.context(tx, moment)), moment.steady)
        for workspace, key in tx.ticks.moved():
            over = AlertOver(workspace=workspace, at=moment.now, key=key)
            tx.apply(None, Decision(alerts=(over,)), moment.steady)
        context = self._tools.context(tx, moment)
        for lost in tx.ticks.lost_posts(before - LOST_WITHIN, before, LIMIT):
            scene = None if lost.conversation is None else tx.scenes.of_conversation(lost.conversation)
            if scene is not None:
                alert = places.events_missing(scene, lost.place, context)
                tx.apply(scene, Decision(alerts=(alert,)), moment.steady)
                return

    def _counts(self, tx: Transaction, moment: Moment) -> None:
        """Alerts say how many wait now."""
        for incident, waiting in tx.ticks.behind_holds():
            decision = alerts.counted(incident, waiting, moment.now)
            if decision.incidents:
                tx.apply(None, decision, moment.steady)

    def _probe(self, tx: Transaction, moment: Moment) -> None:
        """Desks whose credentials were dead are asked again."""
        effects = tuple(queue(ProbeDesk(workspace=desk), position=0) for desk in tx.ticks.dead_desks())
        if effects:
            tx.apply(None, Decision(effects=effects), moment.steady)

    def _places(self, tx: Transaction, moment: Moment) -> None:
        """Places that were closed are looked at again: nobody may have heard that they are open."""
        shut = tx.ticks.shut_places(places.MAY_RETURN)
        effects = tuple(queue(ProbePlace(workspace=desk, place=place), position=0) for desk, place in shut)
        if effects:
            tx.apply(None, Decision(effects=effects), moment.steady)
        # What else holds a part of a desk, such as a permission, only a try can find mended.
        asked = [places.place_key(place) for _, place in shut]
        tx.effects.try_held(DESK, but=[*asked, *map(places.desk_key, tx.ticks.dead_desks())])

    def _warned(self, tx: Transaction, moment: Moment) -> None:
        """A warning stops answers for as long as their window would have been open; afterwards it stops nothing."""
        for workspace, key in tx.ticks.warned(moment.now - policy.HUMAN):
            over = AlertOver(workspace=workspace, at=moment.now, key=key)
            tx.apply(None, Decision(alerts=(over,)), moment.steady)

    def _subscribed(self, tx: Transaction, moment: Moment) -> None:
        """Accounts of which the network does not tell us any more are subscribed again."""
        effects = tuple(history.keep_subscribed(each) for each in tx.ticks.connected() if each.wish is Wish.ON)
        if effects:
            tx.apply(None, Decision(effects=effects), moment.steady)


def after_start(tx: Transaction, tools: Tools, workspaces: Sequence[WorkspaceId]) -> None:
    """What a fresh start owes: what a former process had in hand, and what the desk said while nobody listened."""
    moment = tools.moment()
    tx.facts.wait_anew(moment.steady)
    if tools.store.alone:
        orphans = tx.effects.overdue(moment.steady + LONG)
        died(tx, tools, orphans, moment)
    for workspace in workspaces:
        scenes = gaps.found(tx, tools, workspace, None, moment)
        tx.apply(None, places.read_again(scenes, tools.context(tx, moment)), moment.steady, "start")

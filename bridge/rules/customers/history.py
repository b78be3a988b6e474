"""What no delivery told is read from the network's own record: after a downtime, a lost subscription, a new login.

Rule 1: that something may have been missed is kept in the inbox like all that is heard, and so outlives the process.
Rule 2: a page is kept and the next one queued in one transaction; whatever is read twice counts once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from bridge import lanes
from bridge.lanes import OfHistory
from bridge.model.change import replace
from bridge.model.decision import Decision, Moment, Scene
from bridge.model.effects import KeepSubscribed, LookForMessage, Queued, ReadConversations, ReadHistory
from bridge.model.facts import AlertDue, AlertOver, DeliveriesMissed
from bridge.model.ids import AccountId
from bridge.model.outcomes import Done, Held, Later, Outcome, Page, RawItem, Refused
from bridge.model.setup import AnswerAsker
from bridge.model.state import Account
from bridge.rules.accounts import minding
from bridge.rules.base import Context, nothing
from bridge.rules.customers import existence
from bridge.rules.desk.places import alerts_place

SOURCE = "missed"
"""The source of what was missed, as items of the inbox."""
MARGIN = timedelta(minutes=10)
"""Reading begins so much before the last that was heard: what failed then may have been told in vain."""
MOST_PAGES = 1000
"""A record that has no end is left there."""
ANEW = timedelta(hours=1)
"""What could not be read is read anew after so long."""
UNFIT = "100"
"""How the code begins by which the network refuses what was asked for, not who asked."""


def to_item(missed: DeliveriesMissed, number: int) -> RawItem:
    """Return it as the inbox keeps it; *number* makes its key its own."""
    since = None if missed.since is None else missed.since.isoformat()
    body = {"at": missed.at.isoformat(), "since": since, "account": missed.account}
    return RawItem(
        key=f"{SOURCE}:{missed.account or 'all'}:{number}", source=SOURCE, lane=SOURCE, at=missed.at, body=json.dumps(body).encode(),
    )  # fmt: skip


def from_body(body: bytes) -> DeliveriesMissed:
    """Return what `to_item` wrote."""
    read = json.loads(body)
    since, account = read["since"], read["account"]
    return DeliveriesMissed(
        at=datetime.fromisoformat(read["at"]),
        since=None if since is None else datetime.fromisoformat(since),
        account=None if account is None else AccountId(account),
    )


def deliveries_missed(
    fact: DeliveriesMissed, accounts: Sequence[tuple[Account, datetime | None]], context: Context
) -> Decision:
    """Read what each of the accounts has missed. accounts: each with the time of the last that was heard of it."""
    effects = []
    for account, heard in accounts:
        since = fact.since or heard
        if since is not None:
            effects.append(read_account(account, since - MARGIN, context.moment))
    return Decision(effects=tuple(effects))


def read_account(account: Account, since: datetime, moment: Moment) -> Queued:
    """Read an account's conversations from *since* on."""
    effect = ReadConversations(workspace=account.workspace, account=account.id, since=since)
    return lanes.queue(effect, position=lanes.micros(moment.steady))


def read_conversation(scene: Scene, since: datetime, moment: Moment) -> Queued:
    """Read one conversation from *since* on."""
    effect = ReadHistory(
        workspace=scene.workspace.id, conversation=scene.conversation.id, account=scene.account.id, since=since
    )
    return lanes.queue(effect, position=lanes.micros(moment.steady))


def keep_subscribed(account: Account, answer: AnswerAsker | None = None) -> Queued:
    """See that deliveries come; answer: as `KeepSubscribed` has it."""
    effect = KeepSubscribed(workspace=account.workspace, account=account.id, answer=answer)
    return lanes.queue(effect, position=0)


def ended(
    scene: Scene | None, effect: OfHistory, outcome: Outcome, context: Context, account: Account | None
) -> Decision:
    """What follows when something was read. account: for what belongs to no conversation."""
    if isinstance(outcome, Held):
        of = account if scene is None else scene.account
        return nothing("no account") if of is None else minding.held(of, outcome, context)
    match effect:
        case LookForMessage():
            return nothing("no conversation") if scene is None else existence.looked(scene, effect, outcome, context)
        case KeepSubscribed(answer=AnswerAsker() as answer) if isinstance(outcome, Refused | Later):
            return _unheard(answer, outcome)
        case ReadConversations() | ReadHistory() if _unfit(effect, outcome):
            return _again(replace(effect, plain=True), context)
        case ReadConversations() | ReadHistory() if isinstance(outcome, Refused | Later):
            of = account if scene is None else scene.account
            return nothing("no account") if of is None else _unread(of, effect, outcome, context)
        case ReadConversations() if isinstance(outcome, Page):
            return _next_page(effect, outcome, context)
        case ReadHistory() if isinstance(outcome, Page):
            return _read(effect, context)
        case _:
            return nothing("read" if isinstance(outcome, Done) else _why(outcome))


def _unheard(answer: AnswerAsker, outcome: Refused | Later) -> Decision:
    """Whoever has switched comments on reads that they do not come."""
    said = replace(answer.said, values={**answer.said.values, "code": _why(outcome)})
    told = replace(answer, said=said)
    return Decision(effects=(lanes.queue(told, position=lanes.micros(answer.at)),))


def _unfit(effect: ReadConversations | ReadHistory, outcome: Outcome) -> bool:
    """Whether the network refuses to tell of something that was asked for besides words."""
    return not effect.plain and isinstance(outcome, Refused) and outcome.code.partition("/")[0] == UNFIT


def _next_page(effect: ReadConversations, page: Page, context: Context) -> Decision:
    if page.following is None or page.following == effect.after or effect.page + 1 >= MOST_PAGES:
        return _read(effect, context)
    return _again(replace(effect, after=page.following, page=effect.page + 1), context)


def _again(effect: ReadConversations | ReadHistory, context: Context) -> Decision:
    return Decision(effects=(lanes.queue(effect, position=lanes.micros(context.moment.steady)),))


def _unread(
    account: Account, effect: ReadConversations | ReadHistory, outcome: Refused | Later, context: Context
) -> Decision:
    """The network does not tell what was missed, or has failed too often: say so, and begin anew in a while."""
    refused = isinstance(outcome, Refused)
    alert = AlertDue(
        workspace=account.workspace,
        at=context.moment.now,
        key=incident_key(account.id),
        kind="history",
        place=alerts_place(account, context.rules),
        account=account.id,
        values={"cause": "refused" if refused else "failed", "code": _why(outcome)},
    )
    anew = replace(effect, after=None, page=0) if isinstance(effect, ReadConversations) else effect
    then = context.moment.steady + ANEW
    # Behind whatever is read until then: a waiting head would hold that up.
    return Decision(alerts=(alert,), effects=(lanes.queue(anew, position=lanes.micros(then), not_before=then),))


def _read(effect: ReadConversations | ReadHistory, context: Context) -> Decision:
    """All of it was read: an incident about that is over."""
    over = AlertOver(workspace=effect.workspace, at=context.moment.now, key=incident_key(effect.account))
    return Decision(alerts=(over,))


def incident_key(account: AccountId) -> str:
    """The incident of an account of which the network does not tell what was missed."""
    return f"history:{account}"


def _why(outcome: Outcome) -> str:
    match outcome:
        case Refused(code=code):
            return code
        case Later(why=why):
            return why
        case _:
            return "ended"

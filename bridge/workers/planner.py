"""Messages that list who closes soon, kept up to date: boards, and before a break those who cannot be answered after it."""

from __future__ import annotations

from bridge.model.decision import Decision, Moment
from bridge.model.ids import AccountId, PlaceRef, WorkspaceId
from bridge.model.listed import listed_in
from bridge.model.state import Account, Incident
from bridge.ports import Transaction
from bridge.rules.base import Context
from bridge.rules.desk import board, breaks
from bridge.rules.desk.places import alerts_place
from bridge.workers.base import Tools


def boards(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Keep one board for each alerts channel whose accounts want one; end those that none wants any more."""
    context = tools.context(tx, moment)
    wanted: dict[tuple[WorkspaceId, PlaceRef], list[AccountId]] = {}
    for account in tx.ticks.boards():
        wanted.setdefault((account.workspace, alerts_place(account, context.rules)), []).append(account.id)
    known = {(each.workspace, each.key): each for each in tx.ticks.listings(board.KIND)}
    for (workspace, place), accounts in wanted.items():
        incident = known.pop((workspace, board.key(place)), None)
        listing = tx.ticks.closing(accounts, moment.now, moment.now + board.WITHIN)
        _apply(tx, board.kept(workspace, place, incident, listing, context), moment)
    for incident in known.values():
        _apply(tx, board.given_up(incident, context), moment)


def pins(tx: Transaction, moment: Moment) -> None:
    """Try again to pin the boards that could not be pinned."""
    for incident in tx.ticks.listings(board.KIND):
        decision = board.pinned_again(incident, moment)
        if decision.effects:
            tx.apply(None, decision, moment.steady)


def breaks_ahead(tx: Transaction, tools: Tools, moment: Moment) -> None:
    """Tell before each break who will be too late after it, once; then how they stand, until the team is back."""
    context = tools.context(tx, moment)
    told = {(each.workspace, each.key): each for each in tx.ticks.listings(breaks.KIND)}
    groups: dict[breaks.Together, list[Account]] = {}
    for account in tx.ticks.planning():
        if (pause := breaks.ahead(account.settings, moment.now)) is not None:
            groups.setdefault(breaks.together(account, pause, context), []).append(account)
    for group, accounts in groups.items():
        _, place, pause = group
        incident = told.pop((accounts[0].workspace, breaks.key(place, pause)), None)
        _apply(tx, _before(tx, group, accounts, incident, context), moment)
    for incident in told.values():
        begins, ends, named = breaks.begins(incident), breaks.ends(incident), listed_in(incident, "named")
        listing = tx.ticks.closing((), moment.now, ends, named=named, begins=begins)
        _apply(tx, breaks.still(incident, listing, context), moment)


def _before(
    tx: Transaction, group: breaks.Together, accounts: list[Account], incident: Incident | None, context: Context
) -> Decision:
    """What is said in the last hours before a break."""
    _, _, pause = group
    known = () if incident is None else listed_in(incident, "named")
    ids = [each.id for each in accounts]
    listing = tx.ticks.closing(ids, context.moment.now, pause.ends, named=known, begins=pause.begins)
    if incident is not None:
        return breaks.still(incident, listing, context)
    taken = [each for each in ids if listing.talks and tx.ticks.take_break(each, pause.begins)]
    if not taken:
        return Decision(ignored="nobody is too late, or it was told")
    shown = [scene for each in listing.talks if (scene := tx.scenes.of_conversation(each)) is not None]
    return breaks.told(accounts, pause, listing, shown, context)


def _apply(tx: Transaction, decision: Decision, moment: Moment) -> None:
    if decision.alerts:
        tx.apply(None, decision, moment.steady)

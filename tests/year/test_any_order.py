"""How an account stands after anything, in any order: what is held, what is announced, and what is never touched."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as some

from bridge import alerts
from bridge.model.change import replace
from bridge.model.decision import Decision
from bridge.model.facts import AlertDue, AlertOver
from bridge.model.state import Account, Health, Incident, Wish
from bridge.rules.accounts import minding
from bridge.rules.accounts.health import (
    Blocked,
    Connected,
    Deauthorised,
    Event,
    Kind,
    Refusal,
    Standing,
    Unblocked,
    Well,
    WentThrough,
)
from bridge.rules.base import Context
from tests.core.factories import account, at

LOGIN = (
    "token_expired",
    "password_changed",
    "permission_revoked",
    "page_removed",
    "role_lost",
    "checkpoint",
    "token_invalid",
    "page_link",
)
CAUSES = {Kind.REAUTH: LOGIN, Kind.RESTRICTED: ("", "policy", "blocked"), Kind.SETUP: ("not_eligible", "permission")}

refusals = some.sampled_from(sorted(Kind)).flatmap(
    lambda kind: some.builds(
        Refusal, kind=some.just(kind), cause=some.sampled_from(CAUSES[kind]), asked=some.booleans()
    )
)
standings = some.one_of(
    some.just(Standing(health=Health.READY)),
    some.sampled_from(LOGIN).map(lambda cause: Standing(health=Health.NEEDS_REAUTHENTICATION, cause=cause)),
    some.sampled_from([Health.PENDING, Health.NOT_ELIGIBLE, Health.RESTRICTED]).map(
        lambda health: Standing(health=health, cause="policy")
    ),
)
events = some.one_of(
    refusals,
    some.builds(Well, waiting=some.booleans()),
    some.builds(Connected, standing=standings),
    *(some.builds(each) for each in (WentThrough, Blocked, Unblocked, Deauthorised)),
)


@dataclass
class Books:
    """An account, what is held of it, and its incidents: as the store keeps them."""

    account: Account
    held: dict[str, str] = field(default_factory=dict)
    """Targets, with what holds each."""
    told: list[Incident] = field(default_factory=list)
    context: Context = field(default_factory=at)

    def open(self) -> list[Incident]:
        """What is announced and not over."""
        return [each for each in self.told if each.closed_at is None]

    def happens(self, event: Event) -> Decision:
        """Rule on it, and keep what follows."""
        decision = minding.happened(self.account, event, self.context)
        if decision.health is not None:
            health, cause = decision.health
            self.account = replace(self.account, health=health, cause=cause)
        for hold in decision.holds:
            self.held.setdefault(hold.target, hold.key)
        self.held = {target: key for target, key in self.held.items() if key not in decision.released}
        for fact in decision.alerts:
            assert isinstance(fact, AlertDue | AlertOver)
            mine = [each for each in self.open() if each.key == fact.key]
            found = alerts.decide(mine, fact, self.context).incidents
            changed = {each.id: each for each in found}
            self.told = [changed.pop(each.id, each) for each in self.told] + [*changed.values()]
        return decision


@settings(max_examples=400)
@given(some.sampled_from(list(Wish)), some.lists(events, max_size=25))
def test_whatever_happens_in_whatever_order_what_is_held_and_told_is_true(wish: Wish, happening: list[Event]) -> None:
    """CT-31, CT-33: held exactly while it cannot send; announced while anything is wrong, and over exactly when it can again."""
    books = Books(account=replace(account(), wish=wish))
    for event in happening:
        could, before = books.account.health is Health.READY, books.open()
        books.happens(event)
        can, told = books.account.health is Health.READY, [each for each in books.open() if each.kind in set(Kind)]
        assert books.account.wish is wish
        assert (books.account.cause is None) is can
        assert bool(books.held) is not can
        assert set(minding.holding(books.account, minding.standing_of(books.account))) <= {*books.held}
        assert bool(told) is not can
        assert len({each.key for each in told}) == len(told), "one open incident for each kind of trouble"
        assert can or minding.standing_of(books.account).health is not Health.READY
        if could and can:
            assert books.open() == before or isinstance(event, WentThrough | Connected), (
                "nothing is told of what stays well"
            )


@given(some.lists(events, max_size=25))
def test_in_the_end_a_login_mends_everything(happening: list[Event]) -> None:
    """CT-35: whatever came before, what waits goes and every announcement says that it is over."""
    books = Books(account=account())
    for event in [*happening, Connected(standing=Standing(health=Health.READY))]:
        books.happens(event)
    assert (books.held, [each for each in books.open() if each.kind in set(Kind)]) == ({}, [])
    assert (books.account.health, books.account.cause) == (Health.READY, None)

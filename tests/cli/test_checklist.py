"""`threadbridge check --checklist`: what a tester needs, item by item, with what is known of each."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.checklist import BY_HAND, TOOLS, Confirmed, Known, Told, items_of
from bridge.meta.login import SCOPES, Identity, Refusal, Standing, Subscription
from bridge.model.change import replace
from bridge.model.state import Account, Health, Login, Platform
from tests.cli.stage import PAGE, SHOP, Result, Stage
from tests.core.factories import NOON, account

FINE = Identity(remote_id="17", scopes=frozenset(scope for scopes in SCOPES.values() for scope in scopes))
HEARD = Subscription(fields=frozenset(), missing=())


def known(on: Account, told: Told) -> dict[str, Known]:
    return {each.item: each.known for each in items_of(on, told)}


def listed(result: Result, subject: str) -> dict[str, dict[str, Any]]:
    return {each["item"]: each for each in result.json["checklist"] if each["account"] == subject}


def test_what_meta_tells_passes_and_what_it_does_not_is_unknown(operator: Stage) -> None:
    """M-31: per account, in words and as JSON; unknown is no failure."""
    operator.add().ok()
    operator.add("instagram", SHOP).ok()
    result = operator("check", "--checklist", "--json").ok()
    page, shop = listed(result, f"messenger:{PAGE}"), listed(result, f"instagram:{SHOP}")
    asked = {
        "login",
        "webhooks",
        "conversations",
        *(f"permission {scope}" for scope in SCOPES[Platform.MESSENGER, Login.FACEBOOK]),
    }
    assert {item for item, each in page.items() if each["known"] == "pass"} == asked
    assert {item for item, each in page.items() if each["known"] == "unknown"} == set(BY_HAND)
    assert set(shop) >= {TOOLS, *BY_HAND}
    assert all(each["says"] and each["by"] for each in shop.values())
    text = operator("check", "--checklist").ok().out
    assert "ok  permission pages_messaging" in text
    assert " ?  tester: While it is being tried out" in text
    assert "→ Meta tells no app" in text


def test_what_a_tester_lacks_fails_and_ends_with_one(operator: Stage) -> None:
    """M-31, I-08, M-30: a permission that was taken away, and a login that died."""
    operator.add().ok()
    token = operator.meta.token_of(operator.meta.accounts[PAGE])
    operator.there(lambda: token.scopes.discard("pages_messaging"))
    result = operator("check", "--checklist", "--json")
    assert result.code == 1
    found = listed(result, f"messenger:{PAGE}")
    assert (found["permission pages_messaging"]["known"], found["login"]["known"]) == ("fail", "pass")
    assert "log in again" in found["permission pages_messaging"]["mend"]
    operator.there(lambda: operator.meta.revoke(operator.meta.accounts[PAGE], 460))
    found = listed(operator("check", "--checklist", "--json"), f"messenger:{PAGE}")
    assert found["login"]["known"] == "fail"
    assert found["webhooks"]["known"] == "unknown"


@pytest.mark.parametrize(
    ("told", "item", "expected"),
    [
        (Told(login=FINE, webhooks=HEARD), "conversations", Known.PASS),
        (Told(login=replace(FINE, scopes=None)), "permission instagram_basic", Known.UNKNOWN),
        (Told(login=replace(FINE, unauthorised=True)), "permission instagram_basic", Known.FAIL),
        (Told(login=FINE, webhooks=replace(HEARD, missing=("messages",))), "webhooks", Known.FAIL),
        (Told(login=FINE, reading=Refusal(why="x", standing=Standing.PENDING)), "conversations", Known.FAIL),
        (Told(login=FINE, reading=Refusal(why="x", standing=Standing.NO_ANSWER)), "conversations", Known.UNKNOWN),
        (Told(login=Refusal(why="x", standing=Standing.NO_ANSWER)), "login", Known.UNKNOWN),
        (Told(), "login", Known.FAIL),
        (Told(confirmed=Confirmed(items=frozenset({"tools"}), at=NOON, who="U1")), "tools", Known.PASS),
        (Told(confirmed=Confirmed(items=frozenset({"tools"}), at=NOON, who="U1")), "live", Known.UNKNOWN),
    ],
)
def test_each_item_is_known_by_what_tells_of_it(told: Told, item: str, expected: Known) -> None:
    """M-31, M-28"""
    assert known(account(), told)[item] is expected


@pytest.mark.parametrize("login", Login)
def test_what_cannot_be_asked_of_a_good_login_is_mended_by_no_other_login(login: Login) -> None:
    """M-31: a login of a minute ago is not told to log in again."""
    place = replace(account(), login=login)
    found = items_of(place, Told(login=replace(FINE, scopes=None), webhooks=HEARD))
    mends = {each.mend for each in found if each.item.startswith("permission")}
    assert len(mends) == 1
    assert not any("log in again" in (each or "") for each in mends)
    dead = items_of(place, Told(login=Refusal(why="x")))
    assert all("log in again" in (each.mend or "") for each in dead if each.item.startswith("permission"))


@pytest.mark.parametrize(
    ("cause", "item"), [("connected_tools", "tools"), ("permission", "access"), ("development", "access")]
)
def test_what_meta_has_refused_counts_more_than_a_tick(cause: str, item: str) -> None:
    """M-31, I-10, M-29: it was so once."""
    ticked = Confirmed(items=frozenset({item}), at=NOON, who="U1")
    refused = replace(account(), health=Health.PENDING, cause=cause)
    assert known(refused, Told(login=FINE, confirmed=ticked))[item] is Known.FAIL


def test_without_an_account_it_says_so(operator: Stage) -> None:
    """M-31, ZI-10: one line, and the way to the first."""
    told = operator("check", "--checklist").ok().out
    assert told.startswith("No account is connected: `threadbridge accounts connect`")
    assert told.count("\n") == 1
    assert operator("check", "--checklist", "--json").ok().json == {"ok": True, "checklist": []}

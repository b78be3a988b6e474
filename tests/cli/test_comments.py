"""`accounts set … comments=on`: what is asked of Meta first, and what an operator reads when it cannot be."""

from __future__ import annotations

import pytest

from tests.cli.stage import DIRECT, PAGE, SHOP, Stage

NEEDED = {SHOP: "instagram_manage_comments", DIRECT: "instagram_business_manage_comments"}


def connected(operator: Stage, id: str) -> str:
    """An account of each of the three ways, without comments."""
    platform = "messenger" if id == PAGE else "instagram"
    operator.add(platform, id, *(["--login", "instagram"] if id == DIRECT else [])).ok()
    return f"{platform}:{id}"


def subscribed(operator: Stage) -> list[set[str]]:
    """The fields of each subscription that was asked for, in order."""
    calls = [call for call in operator.meta.calls if call.method == "subscribed_apps" and call.verb == "POST"]
    return [set(str(call.arguments["subscribed_fields"]).split(",")) for call in calls]


@pytest.mark.parametrize(
    ("id", "fields"), [(PAGE, {"feed"}), (SHOP, set[str]()), (DIRECT, {"comments", "live_comments"})]
)
def test_comments_are_subscribed_to_when_they_are_wanted_and_left_out_when_not(
    operator: Stage, id: str, fields: set[str]
) -> None:
    """M-05: on a Page its feed; with Instagram Login both of Instagram's fields; through a Page the app's dashboard chooses."""
    name = connected(operator, id)
    assert operator("accounts", "show", name, "--json").ok().json["comments"] is False
    shown = operator("accounts", "set", name, "comments=on", "--json").ok().json
    assert shown["comments"] is True
    operator("accounts", "set", name, "seen=on").ok()
    operator("accounts", "set", name, "comments=off").ok()
    before, on, off = subscribed(operator)
    assert (on - before, off) == (fields, before)
    operator("accounts", "set", name, "comments=on").ok()
    connected(operator, id)
    assert fields <= subscribed(operator)[-1]


@pytest.mark.parametrize("id", [PAGE, SHOP])
def test_the_instagram_account_leaves_the_pages_feed_alone(operator: Stage, id: str) -> None:
    """M-05: both ride on one subscription, whoever of them is connected again last."""
    page, shop = connected(operator, PAGE), connected(operator, SHOP)
    operator("accounts", "set", page, "comments=on").ok()
    operator("accounts", "set", shop, "comments=on").ok()
    connected(operator, id)
    assert "feed" in subscribed(operator)[-1]


def test_a_missing_permission_is_named_and_nothing_is_changed(operator: Stage) -> None:
    """M-05: by the command that would need it, and by *check* once it is gone."""
    name = connected(operator, SHOP)
    scopes = operator.meta.token_of(operator.meta.accounts[SHOP]).scopes
    scopes.discard(NEEDED[SHOP])
    refused = operator("accounts", "set", name, "comments=on")
    assert refused.code == 1
    assert NEEDED[SHOP] in refused.err
    assert "nothing was changed" in refused.err
    assert operator("accounts", "show", name, "--json").ok().json["comments"] is False
    scopes.add(NEEDED[SHOP])
    operator("accounts", "set", name, "comments=on").ok()
    scopes.discard(NEEDED[SHOP])
    found = operator("check", "--json")
    assert found.code == 1
    assert NEEDED[SHOP] in found.out


def test_a_login_that_died_keeps_comments_off_and_lets_them_be_switched_off(operator: Stage) -> None:
    """M-05: off needs no answer of Meta's: what still comes is counted, and not shown."""
    name = connected(operator, DIRECT)
    operator("accounts", "set", name, "comments=on").ok()
    operator.meta.revoke(operator.meta.accounts[DIRECT])
    assert operator("accounts", "set", name, "comments=off", "--json").ok().json["comments"] is False
    refused = operator("accounts", "set", name, "comments=on")
    assert refused.code == 1
    assert "190" in refused.err


def test_a_subscription_that_lacks_comments_is_found(operator: Stage) -> None:
    """M-05, M-15"""
    name = connected(operator, DIRECT)
    operator("accounts", "set", name, "comments=on").ok()
    operator.meta.accounts[DIRECT].subscribed_fields -= {"comments", "live_comments"}
    found = operator("check")
    assert found.code == 1
    assert "not subscribed to: comments, live_comments" in found.out

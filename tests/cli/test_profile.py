"""`threadbridge accounts profile`."""

from __future__ import annotations

import pytest

from tests.cli.stage import DIRECT, PAGE, SHOP, Stage

ASKED = ("--ice-breaker", "When are you open?", "--ice-breaker", "Where is my order?=ORDER")
MENU = ("--menu", "Talk to us=TALK", "--menu", "Shop=https://shop.example/")


def connect(operator: Stage, platform: str, id: str) -> str:
    """An account, by its name."""
    operator.add(platform, id, *(["--login", "instagram"] if id == DIRECT else [])).ok()
    return f"{platform}:{id}"


@pytest.mark.parametrize(("platform", "id"), [("messenger", PAGE), ("instagram", SHOP), ("instagram", DIRECT)])
def test_questions_and_a_menu_are_set_shown_and_taken_away(operator: Stage, platform: str, id: str) -> None:
    """M-07: on each network and login; what is not given stays, and the audit holds no words."""
    account = connect(operator, platform, id)
    empty = operator("accounts", "profile", account, "--json").ok().json
    assert (empty["ice_breakers"], empty["menu"]) == ([], [])
    operator("accounts", "profile", account, *ASKED).ok()
    told = operator("accounts", "profile", account, *MENU, "--json").ok().json
    assert told["ice_breakers"] == [
        {"title": "When are you open?", "payload": "When are you open?"},
        {"title": "Where is my order?", "payload": "ORDER"},
    ]
    assert told["menu"] == [
        {"title": "Talk to us", "payload": "TALK"},
        {"title": "Shop", "url": "https://shop.example/"},
    ]
    gone = operator("accounts", "profile", account, "--no-ice-breakers", "--json").ok().json
    assert (gone["ice_breakers"], len(gone["menu"])) == ([], 2)
    assert "Talk to us=TALK" in operator("accounts", "profile", account, "--show").ok().out
    audit = operator("audit", "--json").ok().json
    kept = [line["after"] for line in audit if line["action"] == "account.profile"]
    assert sorted(map(str, kept)) == ["{'ice_breakers': 0}", "{'ice_breakers': 2}", "{'menu': 2}"]


def test_messenger_greets_and_instagram_does_not(operator: Stage) -> None:
    page, shop = connect(operator, "messenger", PAGE), connect(operator, "instagram", SHOP)
    assert (
        operator("accounts", "profile", page, "--greeting", "ようこそ！", "--json").ok().json["greeting"]
        == "ようこそ！"
    )
    assert operator("accounts", "profile", page, "--greeting", "", "--json").ok().json["greeting"] == ""
    refused = operator("accounts", "profile", shop, "--greeting", "Hi")
    assert (refused.code, "no greeting" in refused.err) == (2, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--greeting", "x" * 161),
        ("--menu", "x" * 31),
        ("--menu", "Shop=http://shop.example/"),
        ("--ice-breaker", "Shop=https://shop.example/"),
        ("--ice-breaker", "=X"),
        ("--menu", "A=" + "x" * 1001),
        tuple(word for number in range(5) for word in ("--ice-breaker", f"Question {number}")),
        tuple(word for number in range(21) for word in ("--menu", f"Item {number}")),
        ("--menu", "A", "--no-menu"),
        ("--show", "--no-menu"),
    ],
)
def test_what_the_network_would_not_show_is_wrong_usage(operator: Stage, options: tuple[str, ...]) -> None:
    account = connect(operator, "messenger", PAGE)
    refused = operator("accounts", "profile", account, *options)
    assert (refused.code, operator.meta.accounts[PAGE].profile) == (2, {})


def test_a_refusal_of_metas_is_told_in_one_line(operator: Stage) -> None:
    account = connect(operator, "messenger", PAGE)
    operator.there(
        lambda: operator.meta.faults.add(method="messenger_profile", kind="error", error={"code": 200}, status=400)
    )
    refused = operator("accounts", "profile", account, *MENU)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "200" in refused.err

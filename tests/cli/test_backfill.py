"""`threadbridge conversations backfill`."""

import asyncio

import pytest

from tests.cli.stage import PAGE, SHOP, Stage


def shown(operator: Stage, *words: str) -> None:
    """Wait until all of this stands in Slack."""

    async def come() -> None:
        async with asyncio.timeout(15):
            while not all(word in operator.slack.dump() for word in words):
                await operator.slack.world.changed(0.1)

    operator.wait(come())


def kinds(operator: Stage) -> list[str]:
    return [row["kind"] for row in operator("outbox", "list", "--json").ok().json]


def test_every_account_is_queued_and_it_is_said_that_nobody_reads_yet(operator: Stage) -> None:
    """M-26"""
    operator.add("messenger", PAGE).ok()
    operator.add("instagram", SHOP).ok()
    queued = operator("conversations", "backfill", "--since", "2h", "--json").ok()
    assert [row["account"] for row in queued.json] == [f"messenger:{PAGE}", f"instagram:{SHOP}"]
    assert all(row["conversation"] is None and row["since"].endswith("Z") for row in queued.json)
    assert "no service is running" in queued.err
    assert queued.err.count("\n") == 1
    assert kinds(operator) == ["ReadConversations", "ReadConversations"]
    assert operator("audit", "--json").ok().json[0]["action"] == "conversations.backfill"
    told = operator("conversations", "backfill", f"messenger:{PAGE}", f"messenger:{PAGE}").ok()
    assert told.out.count(PAGE) == 1


def test_beside_a_running_service_what_was_missed_comes_into_slack(operator: Stage) -> None:
    """M-26, CT-20"""
    operator.add("messenger", PAGE).ok()
    with operator.service():
        account = operator.meta.accounts[PAGE]
        yuki = operator.there(lambda: operator.meta.add_customer(account, name="Yuki"))
        operator.wait(operator.meta.write(yuki, "heard"))
        shown(operator, "heard")
        operator.there(lambda: operator.meta.deliveries.drop_next(2))
        operator.wait(operator.meta.write(yuki, "lost"))
        operator.wait(operator.meta.native_reply(account, yuki, "answered by hand"))
        (talk,) = operator("conversations", "list", "--json").ok().json
        queued = operator("conversations", "backfill", str(talk["id"]), "--json").ok()
        assert [row["conversation"] for row in queued.json] == [talk["id"]]
        assert queued.err == ""
        shown(operator, "lost", "answered by hand")
        assert operator.slack.dump().count("Found later") == 2


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["12345"], 1, "no such conversation"),
        (["messenger:999"], 1, "no account messenger:999"),
        (["twitter:1"], 2, "messenger:ID or instagram:ID"),
        (["--since", "yesterday"], 2, "7d"),
        (["--since", "2100-01-01"], 2, "has not come yet"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(operator: Stage, words: list[str], code: int, says: str) -> None:
    operator.add().ok()
    refused = operator("conversations", "backfill", *words)
    assert (refused.code, refused.out, refused.err.count("\n")) == (code, "", 1)
    assert says in refused.err
    assert kinds(operator) == []


def test_a_removed_account_is_not_read(operator: Stage) -> None:
    operator.add().ok()
    operator("accounts", "remove", f"messenger:{PAGE}").ok()
    assert operator("conversations", "backfill", f"messenger:{PAGE}").code == 1
    assert operator("conversations", "backfill", "--json").ok().json == []

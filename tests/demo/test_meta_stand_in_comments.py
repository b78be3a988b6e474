"""Comments in the stand-in of Meta, and its rules of private replies."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bridge.demo.meta import Account
from tests.demo.meta_stage import DAY, HOUR, NOON, Stage, error, put_up


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with put_up() as stage:
        yield stage


async def reply(stage: Stage, account: Account, comment: str, text: str = "DMで") -> tuple[int, dict[str, Any]]:
    body = {"recipient": {"comment_id": comment}, "message": {"text": text}}
    return await stage.call("POST", account, "me/messages", json=body)


async def entries(stage: Stage) -> list[dict[str, Any]]:
    await stage.meta.settle()
    return [entry for body in stage.hook.bodies for entry in json.loads(body)["entry"]]


async def test_whoever_comments_may_have_another_id_than_whoever_writes(stage: Stage) -> None:
    yuki = stage.meta.add_customer(stage.shop, username="yuki_333")
    comment = await stage.meta.comment(stage.shop, "値段は？", by=yuki, seen_as="88")
    told = (await entries(stage))[0]["changes"][0]["value"]["from"]
    assert told == {"id": "88", "username": "yuki_333"}
    status, answer = await reply(stage, stage.shop, comment)
    assert (status, answer["recipient_id"]) == (200, yuki.id)
    nobody = {"recipient": {"id": "88"}, "message": {"text": "hello"}}
    assert error(await stage.call("POST", stage.shop, "me/messages", json=nobody)).startswith("100/")
    assert [bubble.text for bubble in stage.meta.sent(yuki)] == ["DMで"]


@pytest.mark.parametrize(("after", "code"), [(7 * DAY - 1, None), (7 * DAY, "100/2534025")])
async def test_a_comment_can_be_answered_for_seven_days(stage: Stage, after: float, code: str | None) -> None:
    comment = await stage.meta.comment(stage.page, "How much?")
    stage.clock.now = NOON + after
    answer = await reply(stage, stage.page, comment)
    assert answer[0] == 200 if code is None else error(answer) == code


async def test_on_a_broadcast_only_while_it_lasts(stage: Stage) -> None:
    first, second = [await stage.meta.comment(stage.direct, text, under="LIVE") for text in ("one", "two")]
    assert (await reply(stage, stage.direct, first))[0] == 200
    stage.meta.end_broadcast(stage.direct)
    assert error(await reply(stage, stage.direct, second)) == "100/2534025"


async def test_what_was_deleted_cannot_be_answered(stage: Stage) -> None:
    comment = await stage.meta.comment(stage.page, "How much?")
    await stage.meta.change_comment(comment, "hide")
    await stage.meta.change_comment(comment, "remove")
    assert error(await reply(stage, stage.page, comment)) == "100/2534025"
    changes = [change["value"] for entry in await entries(stage) for change in entry["changes"]]
    assert [value["verb"] for value in changes] == ["add", "hide", "remove"]
    with pytest.raises(ValueError, match="Instagram"):
        await stage.meta.change_comment(await stage.meta.comment(stage.shop, "値段は？"), "remove")


async def test_an_hour_takes_750_private_replies(stage: Stage) -> None:
    comments = [await stage.meta.comment(stage.page, "How much?") for _ in range(751)]
    assert {(await reply(stage, stage.page, comment))[0] for comment in comments[:750]} == {200}
    assert error(await reply(stage, stage.page, comments[750])) == "613"
    stage.clock.now += HOUR
    assert (await reply(stage, stage.page, comments[750]))[0] == 200


async def test_instagram_wants_a_permission_of_its_own(stage: Stage) -> None:
    comment = await stage.meta.comment(stage.shop, "値段は？")
    stage.meta.token_of(stage.shop).scopes.discard("instagram_manage_comments")
    assert error(await reply(stage, stage.shop, comment)) == "10"


async def test_both_envelopes_and_what_a_boosted_post_tells_again(stage: Stage) -> None:
    comment = await stage.meta.comment(stage.direct, "値段は？", flat=True)
    again = await stage.meta.comment(stage.direct, "在庫は？", under="AD", answers=comment)
    await stage.meta.comment_again(again)
    await stage.meta.comment(stage.direct, "ありがとう", own=True)
    await stage.meta.mention(stage.direct)
    told = await entries(stage)
    (flat,) = [entry for entry in told if "changes" not in entry]
    assert (flat["field"], flat["value"]["id"]) == ("comments", comment)
    changes = [entry["changes"][0] for entry in told if "changes" in entry]
    twice = [change["value"] for change in changes if change["value"].get("id") == again]
    assert [value["parent_id"] for value in twice] == [comment] * 2
    assert [change["value"]["from"]["id"] for change in changes if "ありがとう" in str(change)] == [stage.direct.id]
    (mention,) = [change["value"] for change in changes if change["field"] == "mentions"]
    assert set(mention) == {"media_id", "comment_id"}

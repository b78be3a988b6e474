"""The stand-in of Slack, called with the real client: messages, their rules and their limits."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bridge.demo.slack import SlackStandIn
from tests.clock import MovableClock


@pytest.fixture
async def slack(clock: MovableClock) -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(clock=clock.time)
    stand_in.add_user("U1", "Aki")
    stand_in.add_channel("C1", "inbox", members=["U1"])
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient("xoxb-demo", base_url=slack.api_url, retry_handlers=[])


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return {"status": answer.status_code, "headers": answer.headers} | dict(answer.data)


def section(text: str = "hello", **more: object) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}} | more


def rich(*elements: dict[str, Any], **more: object) -> dict[str, Any]:
    run = list(elements) or [{"type": "text", "text": "hello"}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": run}]} | more


def button(**more: object) -> dict[str, Any]:
    return {"type": "button", "action_id": "take", "text": {"type": "plain_text", "text": "Take"}} | more


# --- the door


@pytest.mark.parametrize(("token", "error"), [("xoxb-other", "invalid_auth"), ("xapp-demo", "not_allowed_token_type")])
async def test_a_token_that_is_not_the_bots_is_refused(slack: SlackStandIn, token: str, error: str) -> None:
    stranger = AsyncWebClient(token, base_url=slack.api_url)
    assert (await refusal(stranger.auth_test()))["error"] == error


async def test_a_revoked_token_is_dead_until_it_is_restored(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.revoke_token()
    assert (await refusal(client.chat_postMessage(channel="C1", text="hi")))["error"] == "token_revoked"
    slack.restore_token()
    assert (await client.chat_postMessage(channel="C1", text="hi"))["ok"]


async def test_the_bot_is_told_who_it_is_what_it_may_and_what_time_it_is(
    slack: SlackStandIn, client: AsyncWebClient, clock: MovableClock
) -> None:
    answer = await client.auth_test()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0DEMO", "U0BRIDGE", "B0BRIDGE")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert "chat:write" in headers["x-oauth-scopes"].split(",")
    assert headers["date"] == clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")


async def test_a_scope_that_is_missing_is_named(clock: MovableClock) -> None:
    slack = SlackStandIn(clock=clock.time, scopes=frozenset(["chat:write"]))
    slack.add_channel("C1", "inbox")
    await slack.start()
    client = AsyncWebClient("xoxb-demo", base_url=slack.api_url)
    customised = await refusal(client.chat_postMessage(channel="C1", text="hi", username="Yuki"))
    assert (customised["error"], customised["needed"]) == ("missing_scope", "chat:write.customize")
    assert customised["provided"] == "chat:write"
    assert (await refusal(client.conversations_list()))["needed"] == "channels:read"
    await slack.stop()


async def test_what_slack_does_not_have_is_refused(slack: SlackStandIn, client: AsyncWebClient) -> None:
    assert (await refusal(client.api_call("chat.shout")))["error"] == "unknown_method"
    assert (await refusal(client.chat_postMessage(channel="C1", text="x", colour="red")))[
        "error"
    ] == "invalid_arguments"
    assert (await refusal(client.api_call("users.info")))["error"] == "invalid_arguments"


async def test_any_encoding_is_read(slack: SlackStandIn, client: AsyncWebClient) -> None:
    given = {"channel": "C1", "text": "hi"}
    for answer in (
        await client.api_call("chat.postMessage", params=given),
        await client.api_call("chat.postMessage", data=given),
        await client.api_call("chat.postMessage", json=given),
    ):
        assert answer["message"]["text"] == "hi"
    got = await client.api_call("conversations.info", http_verb="GET", params={"channel": "C1"})
    assert got["channel"]["name"] == "inbox"


# --- posting


@pytest.mark.parametrize(
    ("prepare", "channel", "error"),
    [
        (lambda _: None, "C404", "channel_not_found"),
        (lambda slack: slack.remove_bot("C1"), "C1", "not_in_channel"),
        (lambda slack: slack.add_channel("C2", "secret", private=True, bot_member=False), "C2", "channel_not_found"),
        (lambda slack: slack.archive("C1"), "C1", "is_archived"),
    ],
)
async def test_a_channel_that_cannot_be_written_to_says_why(
    slack: SlackStandIn, client: AsyncWebClient, prepare: Any, channel: str, error: str
) -> None:
    prepare(slack)
    assert (await refusal(client.chat_postMessage(channel=channel, text="hi")))["error"] == error


async def test_a_customised_author_has_no_user(slack: SlackStandIn, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(
        channel="C1", text="hi", username="Yuki · Instagram", icon_url="https://x.test/y.png"
    )
    message = posted["message"]
    assert (message["subtype"], message["username"], message["bot_id"]) == (
        "bot_message",
        "Yuki · Instagram",
        "B0BRIDGE",
    )
    assert "user" not in message
    assert message["icons"]["image_48"] == "https://x.test/y.png"


async def test_a_reply_to_a_root_that_is_gone_stands_alone(slack: SlackStandIn, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel="C1", text="root"))["ts"]
    reply = await client.chat_postMessage(channel="C1", text="one", thread_ts=root)
    assert reply["message"]["thread_ts"] == root
    await client.chat_delete(channel="C1", ts=root)
    stone = slack.message("C1", root)
    assert stone is not None
    assert stone.tombstone
    for gone in (root, "1700000000.000001"):
        stray = await client.chat_postMessage(channel="C1", text="two", thread_ts=gone)
        assert "thread_ts" not in stray["message"]
    assert [slack.plain(message) for message in slack.thread("C1", root)] == ["bridge: one"]


async def test_text_is_cut_never_refused_and_an_update_is_refused(slack: SlackStandIn, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel="C1", text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000
    long = client.chat_update(channel="C1", ts=posted["ts"], text="x" * 4_001)
    assert (await refusal(long))["error"] == "msg_too_long"
    empty = client.api_call("chat.postMessage", json={"channel": "C1", "text": ""})
    assert (await refusal(empty))["error"] == "no_text"


async def test_a_long_text_is_split_when_asked_for(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.switches.split_long_text = True
    posted = await client.chat_postMessage(channel="C1", text="x" * 4_041)
    assert [len(message.text) for message in slack.channel_messages("C1")] == [4_000, 41]
    assert len(posted["message"]["text"]) == 4_000


async def test_two_channels_may_share_a_time_stamp_and_one_never_does(
    slack: SlackStandIn, client: AsyncWebClient, clock: MovableClock
) -> None:
    clock.frozen = True
    slack.add_channel("C2", "other")
    first = await client.chat_postMessage(channel="C1", text="a")
    other = await client.chat_postMessage(channel="C2", text="b")
    second = await client.chat_postMessage(channel="C1", text="c")
    assert first["ts"] == other["ts"] < second["ts"]


async def test_who_would_be_paged_and_what_would_be_unfurled_is_seen(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    await client.chat_postMessage(channel="C1", text="<!channel> see https://x.test/", blocks=[section("@here <@U1>")])
    loud = slack.channel_messages("C1")[0]
    assert loud.notified == {"channel", "here", "U1"}
    shown = rich({"type": "text", "text": "<!channel> @here https://x.test/"})
    await client.chat_postMessage(channel="C1", text="@here", blocks=[shown], unfurl_links=False, unfurl_media=False)
    quiet = slack.channel_messages("C1")[1]
    assert (quiet.notified, quiet.unfurled) == (frozenset(), False)
    await client.chat_postMessage(channel="C1", text="https://x.test/")
    assert slack.channel_messages("C1")[2].unfurled


async def test_metadata_must_have_its_shape(slack: SlackStandIn, client: AsyncWebClient) -> None:
    good = {"event_type": "part", "event_payload": {"id": "7"}}
    root = await client.chat_postMessage(channel="C1", text="hi", metadata=good)
    found = await client.conversations_replies(channel="C1", ts=root["ts"], include_all_metadata=True)
    assert found["messages"][0]["metadata"] == good
    assert "metadata" not in (await client.conversations_replies(channel="C1", ts=root["ts"]))["messages"][0]
    bad = client.chat_postMessage(channel="C1", text="hi", metadata={"event_type": "part"})
    assert (await refusal(bad))["error"] == "invalid_metadata_schema"


# --- blocks


@pytest.mark.parametrize(
    ("block", "where"),
    [
        ({"type": "sektion"}, "/blocks/0/type"),
        (section("x" * 3_001), "/blocks/0/text/text"),
        (section(""), "/blocks/0/text/text"),
        (section(colour="red"), "/blocks/0"),
        (section(block_id="b" * 256), "/blocks/0/block_id"),
        ({"type": "section"}, "/blocks/0"),
        ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/blocks/0/text/type"),
        ({"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}, "/blocks/0/elements"),
        ({"type": "actions", "elements": [button(action_id=f"a{n}") for n in range(26)]}, "/blocks/0/elements"),
        ({"type": "actions", "elements": [button(), button()]}, "/blocks/0/elements"),
        ({"type": "actions", "elements": [button(value="v" * 2_001)]}, "/blocks/0/elements/0/value"),
        ({"type": "actions", "elements": [button(style="green")]}, "/blocks/0/elements/0/style"),
        ({"type": "actions", "elements": [button(url="x" * 10)]}, "/blocks/0/elements/0/url"),
        ({"type": "image", "alt_text": "x", "image_url": "file:///etc"}, "/blocks/0/image_url"),
        ({"type": "image", "alt_text": "x", "image_url": "https://x.test/" + "x" * 3_000}, "/blocks/0/image_url"),
        ({"type": "image", "image_url": "https://x.test/y.png"}, "/blocks/0"),
        (
            section(
                accessory={
                    "type": "static_select",
                    "action_id": "pick",
                    "options": [{"text": {"type": "plain_text", "text": "a"}, "value": "a"}],
                    "initial_option": {"text": {"type": "plain_text", "text": "b"}, "value": "b"},
                }
            ),
            "/blocks/0/accessory/initial_option",
        ),
        (rich({"type": "text", "text": ""}), "/blocks/0/elements/0/elements/0/text"),
        (rich({"type": "link", "url": "javascript:x"}), "/blocks/0/elements/0/elements/0/url"),
        (rich({"type": "shout", "text": "x"}), "/blocks/0/elements/0/elements/0/type"),
        ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "/blocks/0/elements/0/type"),
    ],
)
async def test_a_block_that_breaks_a_rule_is_refused_with_its_place(
    slack: SlackStandIn, client: AsyncWebClient, block: dict[str, Any], where: str
) -> None:
    answer = await refusal(client.chat_postMessage(channel="C1", text="x", blocks=[block]))
    assert answer["error"] == "invalid_blocks"
    assert f"[json-pointer:{where}]" in answer["response_metadata"]["messages"][0]
    assert slack.channel_messages("C1") == []


async def test_a_message_has_fifty_blocks_with_ids_of_their_own(slack: SlackStandIn, client: AsyncWebClient) -> None:
    many = client.chat_postMessage(channel="C1", text="x", blocks=[{"type": "divider"}] * 51)
    assert (await refusal(many))["error"] == "invalid_blocks"
    twins = client.chat_postMessage(channel="C1", text="x", blocks=[section(block_id="m:1"), section(block_id="m:1")])
    assert (await refusal(twins))["error"] == "invalid_blocks"
    good = await client.chat_postMessage(channel="C1", text="x", blocks=[section(block_id="m:1"), section()])
    ids = [block["block_id"] for block in good["message"]["blocks"]]
    assert ids[0] == "m:1"
    assert ids[1]


async def test_pictures_can_be_made_to_fail(slack: SlackStandIn, client: AsyncWebClient) -> None:
    picture = {"type": "image", "alt_text": "cat", "image_url": "https://x.test/cat.png"}
    slack.refuse_pictures = True
    refused = client.chat_postMessage(channel="C1", text="cat", blocks=[picture])
    assert (await refusal(refused))["error"] == "invalid_blocks"
    slack.refuse_pictures = False
    assert (await client.chat_postMessage(channel="C1", text="cat", blocks=[picture]))["ok"]


# --- changing


async def test_an_update_keeps_what_it_does_not_name(slack: SlackStandIn, client: AsyncWebClient) -> None:
    kept = {"event_type": "part", "event_payload": {"id": "7"}}
    ts = (await client.chat_postMessage(channel="C1", text="a", blocks=[section()], metadata=kept))["ts"]
    await client.api_call("chat.update", json={"channel": "C1", "ts": ts, "blocks": [section("new")]})
    message = slack.message("C1", ts)
    assert message is not None
    assert (message.text, message.metadata, message.edited) == ("a", kept, None)
    await client.chat_update(channel="C1", ts=ts, text="b")
    assert (message.text, message.blocks) == ("b", [])
    assert message.edited is not None


async def test_an_update_may_take_a_made_up_author_away(slack: SlackStandIn, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="a", username="Yuki"))["ts"]
    assert (await client.chat_update(channel="C1", ts=ts, text="b"))["message"]["username"] == "Yuki"
    slack.switches.edit_drops_author = True
    assert "username" not in (await client.chat_update(channel="C1", ts=ts, text="c"))["message"]


async def test_a_rich_message_stays_rich(slack: SlackStandIn, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="a", blocks=[rich()]))["ts"]
    assert (await refusal(client.chat_update(channel="C1", ts=ts, text="a", blocks=[section()])))["error"] == (
        "block_mismatch"
    )
    assert (await client.chat_update(channel="C1", ts=ts, text="a", blocks=[rich(), section()]))["ok"]


async def test_only_ones_own_standing_messages_change(slack: SlackStandIn, client: AsyncWebClient) -> None:
    theirs = await slack.say("U1", "C1", "mine")
    assert (await refusal(client.chat_update(channel="C1", ts=theirs, text="x")))["error"] == "cant_update_message"
    assert (await refusal(client.chat_delete(channel="C1", ts=theirs)))["error"] == "cant_delete_message"
    assert (await refusal(client.chat_delete(channel="C1", ts="1.000001")))["error"] == "message_not_found"


async def test_reactions_are_added_once_and_taken_away_once(slack: SlackStandIn, client: AsyncWebClient) -> None:
    ts = await slack.say("U1", "C1", "hello")
    where = {"channel": "C1", "timestamp": ts, "name": "white_check_mark"}
    await client.reactions_add(**where)
    assert (await refusal(client.reactions_add(**where)))["error"] == "already_reacted"
    assert slack.reactions_by("C1", ts, "U0BRIDGE") == {"white_check_mark"}
    await client.reactions_remove(**where)
    assert (await refusal(client.reactions_remove(**where)))["error"] == "no_reaction"
    for unknown in (":x:", "gray_question", "✅"):
        assert (await refusal(client.reactions_add(**where | {"name": unknown})))["error"] == "invalid_name"
    await client.reactions_add(**where | {"name": "+1::skin-tone-3"})


async def test_a_private_line_reaches_members_only(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.add_user("U2", "Ben")
    await client.chat_postEphemeral(channel="C1", user="U1", text="only you")
    assert [slack.plain(line) for line in slack.ephemerals("U1")] == ["bridge: only you"]
    outside = client.chat_postEphemeral(channel="C1", user="U2", text="hm")
    assert (await refusal(outside))["error"] == "user_not_in_channel"


async def test_a_direct_message_is_posted_to_a_user(slack: SlackStandIn, client: AsyncWebClient) -> None:
    opened = await client.conversations_open(users="U1")
    posted = await client.chat_postMessage(channel="U1", text="psst")
    assert posted["channel"] == opened["channel"]["id"]
    assert [slack.plain(message) for message in slack.dms("U1")] == ["bridge: psst"]


# --- pace


async def test_a_channel_takes_a_burst_then_one_post_a_second(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.add_channel("C2", "other")
    for _ in range(5):
        await client.chat_postMessage(channel="C1", text="x")
    answer = await refusal(client.chat_postMessage(channel="C1", text="x"))
    assert (answer["status"], answer["error"], answer["headers"]["Retry-After"]) == (429, "ratelimited", "1")
    assert (await client.chat_postMessage(channel="C2", text="x"))["ok"]


async def test_a_tier_is_counted_per_method_and_pace_can_be_lifted(slack: SlackStandIn, client: AsyncWebClient) -> None:
    for _ in range(20):
        await client.users_list()
    assert (await refusal(client.users_list()))["status"] == 429
    assert (await client.users_info(user="U1"))["ok"]
    slack.limits.pace = False
    assert (await client.users_list())["ok"]

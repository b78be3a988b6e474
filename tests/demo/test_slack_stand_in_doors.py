"""The stand-in of Slack: files, look-ups, faults to order, Socket Mode, installing, and the demo page's way in."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bridge.demo.slack import SlackStandIn, Upload
from tests.clock import MovableClock

PNG = b"\x89PNG\r\n\x1a\n not much of a picture"


@pytest.fixture
async def slack(clock: MovableClock) -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(clock=clock.time, pace=False)
    stand_in.switches.share_delay = 0.0
    stand_in.add_user("U1", "Aki", locale="ja-JP", tz="Asia/Tokyo")
    stand_in.add_user("U2", "Gus", guest=True)
    stand_in.add_channel("C1", "inbox", members=["U1"])
    await stand_in.start()
    yield stand_in
    await stand_in.stop()


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient("xoxb-demo", base_url=slack.api_url, retry_handlers=[], timeout=5)


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    return {"status": answer.status_code} | (answer.data if isinstance(answer.data, dict) else {})


# --- files


async def test_an_upload_becomes_a_message_a_little_later(slack: SlackStandIn, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel="C1", text="root"))["ts"]
    done = await client.files_upload_v2(
        channel="C1", thread_ts=root, filename="cat.png", content=PNG, initial_comment="a cat", alt_txt="a cat"
    )
    assert "shares" not in done["file"]
    [shown] = await slack.until(lambda: slack.thread("C1", root))
    assert (slack.plain(shown), shown.subtype) == ("bridge: a cat\n[cat.png]", "file_share")
    found = (await client.files_info(file=done["file"]["id"]))["file"]
    assert found["shares"]["public"]["C1"][0]["ts"] == shown.ts
    assert found["mimetype"] == "image/png"


async def test_an_upload_may_never_be_shared_and_its_length_must_be_true(
    slack: SlackStandIn, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    slack.switches.never_share = True
    done = await client.files_upload_v2(channel="C1", filename="a.txt", content="abc")
    await slack.settle()
    assert slack.channel_messages("C1") == []
    assert (await client.files_info(file=done["file"]["id"]))["file"]["shares"] == {}
    ticket = await client.files_getUploadURLExternal(filename="a.txt", length=4)
    async with http.post(ticket["upload_url"], data=b"abc") as answer:
        assert answer.status == 400
    early = client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}])
    assert (await refusal(early))["error"] == "file_update_failed"


async def test_a_picture_can_stand_in_a_block_once_slack_has_seen_it(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.switches.share_delay = 0.05
    done = await client.files_upload_v2(filename="cat.png", content=PNG)
    block = {"type": "image", "alt_text": "a cat", "slack_file": {"id": done["file"]["id"]}}
    early = client.chat_postMessage(channel="C1", text="cat", blocks=[block])
    assert (await refusal(early))["error"] == "invalid_blocks"
    await slack.settle()
    assert (await client.chat_postMessage(channel="C1", text="cat", blocks=[block]))["ok"]
    await client.files_delete(file=done["file"]["id"])
    assert (await refusal(client.files_info(file=done["file"]["id"])))["error"] == "file_deleted"


async def test_a_persons_file_needs_the_token(
    slack: SlackStandIn, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    ts = await slack.say("U1", "C1", "", files=[Upload(name="cat.png", content=PNG, mimetype="image/png")])
    message = slack.message("C1", ts)
    assert message is not None
    url = (await client.files_info(file=message.files[0]))["file"]["url_private_download"]
    async with http.get(url, headers={"Authorization": "Bearer xoxb-demo"}) as answer:
        assert (answer.content_type, await answer.read()) == ("image/png", PNG)
    async with http.get(url) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


# --- looking up


async def test_people_are_shown_as_they_are(slack: SlackStandIn, client: AsyncWebClient) -> None:
    aki = (await client.users_info(user="U1", include_locale=True))["user"]
    assert (aki["locale"], aki["tz"], aki["tz_offset"], aki["is_restricted"]) == ("ja-JP", "Asia/Tokyo", 32_400, False)
    assert (await client.users_info(user="U2"))["user"]["is_restricted"]
    assert (await refusal(client.users_info(user="U404")))["error"] == "user_not_found"


async def test_lists_come_in_pages(slack: SlackStandIn, client: AsyncWebClient) -> None:
    for number in range(5):
        slack.add_channel(f"C1{number}", f"more-{number}", members=["U1"])
    names: list[str] = []
    cursor = ""
    while True:
        page = await client.users_conversations(types="public_channel", limit=2, cursor=cursor)
        names += [channel["name"] for channel in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break
    assert names == ["inbox", "more-0", "more-1", "more-2", "more-3", "more-4"]
    assert (await refusal(client.users_conversations(cursor="?")))["error"] == "invalid_cursor"


async def test_a_thread_is_read_from_its_root(slack: SlackStandIn, client: AsyncWebClient) -> None:
    root = await slack.say("U1", "C1", "root")
    replies = [await slack.say("U1", "C1", f"reply {number}", thread_ts=root) for number in range(3)]
    found = (await client.conversations_replies(channel="C1", ts=replies[1]))["messages"]
    assert [message["ts"] for message in found] == [root, *replies]
    assert found[0]["reply_count"] == 3
    later = (await client.conversations_replies(channel="C1", ts=root, oldest=replies[0]))["messages"]
    assert [message["ts"] for message in later] == [root, *replies[1:]]
    history = (await client.conversations_history(channel="C1"))["messages"]
    assert [message["ts"] for message in history] == [root]
    link = (await client.chat_getPermalink(channel="C1", message_ts=replies[0]))["permalink"]
    assert link.endswith(f"?thread_ts={root}&cid=C1")


async def test_user_groups_are_listed_with_their_members(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.add_usergroup("S1", "support", ["U1"])
    assert (await client.usergroups_list(include_users=True))["usergroups"][0]["users"] == ["U1"]
    assert (await client.usergroups_users_list(usergroup="S1"))["users"] == ["U1"]


async def test_a_public_channel_can_be_joined_and_a_private_one_cannot(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.add_channel("C2", "open", bot_member=False)
    assert (await refusal(client.chat_postMessage(channel="C2", text="hi")))["error"] == "not_in_channel"
    await client.conversations_join(channel="C2")
    assert (await client.chat_postMessage(channel="C2", text="hi"))["ok"]
    slack.add_channel("C3", "closed", private=True)
    assert (await refusal(client.conversations_join(channel="C3")))["error"] == "method_not_supported_for_channel_type"


# --- faults


@pytest.mark.parametrize(
    ("kind", "happened"),
    [("reset_before", False), ("reset_after", True), ("drop_after", True), ("garbage_after", True)],
)
async def test_an_answer_can_be_lost_before_or_after_the_effect(
    slack: SlackStandIn, client: AsyncWebClient, kind: Any, happened: bool
) -> None:
    slack.faults.add(method="chat.postMessage", kind=kind)
    with pytest.raises((aiohttp.ClientError, SlackApiError)):
        await client.chat_postMessage(channel="C1", text="hi")
    assert bool(slack.channel_messages("C1")) is happened
    assert (await client.chat_postMessage(channel="C1", text="again"))["ok"]


async def test_errors_are_ordered_for_some_calls_and_for_some_times(
    slack: SlackStandIn, client: AsyncWebClient
) -> None:
    slack.add_channel("C2", "other")
    slack.faults.add(method="chat.postMessage", kind="error", error="fatal_error", times=2, match={"channel": "C1"})
    assert (await client.chat_postMessage(channel="C2", text="hi"))["ok"]
    for _ in range(2):
        assert (await refusal(client.chat_postMessage(channel="C1", text="hi")))["error"] == "fatal_error"
    assert (await client.chat_postMessage(channel="C1", text="hi"))["ok"]
    fault = slack.faults.add(method="*", kind="status", status=503, times=None, headers={"Retry-After": "7"})
    assert (await refusal(client.api_call("users.list")))["status"] == 503
    slack.faults.remove(fault)
    slack.faults.add(method="users.list", kind="error", error="ratelimited", headers={"Retry-After": "9"})
    with pytest.raises(SlackApiError) as caught:
        await client.users_list()
    assert caught.value.response.headers["Retry-After"] == "9"
    assert [call.error for call in slack.calls if call.error] == ["fatal_error"] * 2 + ["HTTP 503", "ratelimited"]


async def test_a_slow_call_is_only_slow(slack: SlackStandIn, client: AsyncWebClient) -> None:
    slack.faults.add(method="auth.test", kind="latency", seconds=0.05)
    slack.faults.add(method="auth.test", kind="error", error="internal_error")
    began = asyncio.get_running_loop().time()
    assert (await refusal(client.auth_test()))["error"] == "internal_error"
    assert asyncio.get_running_loop().time() - began >= 0.05


# --- other doors


async def test_waiting_ends_when_it_is_there_or_tells_what_is(slack: SlackStandIn, client: AsyncWebClient) -> None:
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(slack.until(lambda: slack.channel_messages("C1")))
        await client.chat_postMessage(channel="C1", text="hi")
    assert len(waiting.result()) == 1
    with pytest.raises(AssertionError, match="bridge: hi"):
        await slack.until(lambda: slack.dms("U1"), seconds=0.01)


async def test_the_page_sees_what_people_see_and_acts_as_they_do(
    slack: SlackStandIn, http: aiohttp.ClientSession
) -> None:
    before = await _state(http, slack, since=0)
    said = {"user": "U1", "channel": "C1", "text": "hello", "files": [{"name": "a.txt", "content": "YWJj"}]}
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(_state(http, slack, since=before["version"]))
        assert (await _act(http, slack, "say", said))[0] == 200
    after = waiting.result()
    [message] = after["messages"]["C1"]
    assert (message["author"], message["text"], message["files"][0]["name"]) == ("Aki", "hello", "a.txt")
    assert (await _act(http, slack, "edit", {"user": "U2", "channel": "C1", "ts": message["ts"], "text": "x"}))[
        0
    ] == 400
    assert (await _act(http, slack, "shout", {}))[0] == 404
    assert (await _act(http, slack, "fault", {"method": "*", "kind": "status", "status": 500}))[0] == 200
    assert len(list(slack.faults)) == 1
    async with http.post(f"{slack.url}/_drive/say", data='{"user":"U1"}') as answer:
        assert answer.status == 415


async def _state(http: aiohttp.ClientSession, slack: SlackStandIn, *, since: int) -> Any:
    async with http.get(f"{slack.url}/_drive/state", params={"since": since}) as answer:
        return await answer.json()


async def _act(http: aiohttp.ClientSession, slack: SlackStandIn, act: str, given: dict[str, Any]) -> tuple[int, Any]:
    async with http.post(f"{slack.url}/_drive/{act}", json=given) as answer:
        return answer.status, await answer.json()


async def test_events_go_over_a_socket_while_one_is_open(slack: SlackStandIn) -> None:
    heard: list[SocketModeRequest] = []

    async def hear(socket: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        heard.append(request)
        payload = {"text": "usage"} if request.type == "slash_commands" else None
        await socket.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=payload))

    web_client = AsyncWebClient("xapp-demo", base_url=slack.api_url)
    socket = SocketModeClient(app_token="xapp-demo", web_client=web_client)
    socket.socket_mode_request_listeners.append(hear)
    await socket.connect()  # type: ignore[no-untyped-call]
    await slack.say("U1", "C1", "hello")
    await slack.settle()
    assert (heard[0].type, heard[0].payload["event"]["text"]) == ("events_api", "hello")
    assert slack.deliveries.records[-1].status == 200
    status, body = await slack.command("U1", "C1", "/bridge", "help")
    assert (status, body) == (200, '{"text": "usage"}')
    assert [slack.plain(line) for line in slack.ephemerals("U1")] == ["bridge: usage"]
    await socket.close()  # type: ignore[no-untyped-call]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated")  # the client's own
async def test_an_installation_ends_with_a_token_of_its_own(
    slack: SlackStandIn, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    asked = {"client_id": "100.200", "scope": "chat:write", "state": "s1", "redirect_uri": "https://bridge.test/back"}
    async with http.get(f"{slack.url}/oauth/v2/authorize", params=asked) as answer:
        page = await answer.text()
    assert "state=s1" in page
    [code] = slack.world.codes
    login = {"client_id": "100.200", "client_secret": "slack-client-secret", "code": code}
    granted = await client.oauth_v2_access(**login)
    fresh = AsyncWebClient(granted["access_token"], base_url=slack.api_url)
    assert (await fresh.auth_test())["bot_id"] == "B0BRIDGE"
    assert (await refusal(client.auth_test()))["error"] == "token_revoked"
    assert (await refusal(client.oauth_v2_access(**login)))["error"] == "invalid_code"


async def test_a_channel_is_made_pinned_to_and_bookmarked_where_the_scopes_allow(clock: MovableClock) -> None:
    scopes = frozenset(["chat:write", "channels:manage", "pins:write", "bookmarks:write"])
    slack = SlackStandIn(clock=clock.time, scopes=scopes)
    slack.add_user("U1", "Aki")
    await slack.start()
    client = AsyncWebClient("xoxb-demo", base_url=slack.api_url)
    channel = (await client.conversations_create(name="inbox"))["channel"]["id"]
    assert (await refusal(client.conversations_create(name="inbox")))["error"] == "name_taken"
    await client.conversations_invite(channel=channel, users="U1")
    assert (await refusal(client.conversations_invite(channel=channel, users="U1")))["error"] == "already_in_channel"
    ts = (await client.chat_postMessage(channel=channel, text="board"))["ts"]
    await client.pins_add(channel=channel, timestamp=ts)
    assert (await refusal(client.pins_add(channel=channel, timestamp=ts)))["error"] == "already_pinned"
    await client.bookmarks_add(channel_id=channel, title="Help", type="link", link="https://bridge.test/help")
    assert slack.world.channels[channel].bookmarks[0]["title"] == "Help"
    await slack.stop()


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("read_only", "restricted_action_read_only_channel"),
        ("thread_only", "restricted_action_thread_only_channel"),
    ],
)
async def test_a_channels_own_rules_hold(slack: SlackStandIn, client: AsyncWebClient, rule: str, error: str) -> None:
    setattr(slack.world.channels["C1"], rule, True)
    assert (await refusal(client.chat_postMessage(channel="C1", text="hi")))["error"] == error


async def test_a_locked_thread_takes_no_replies(slack: SlackStandIn, client: AsyncWebClient) -> None:
    root = await slack.say("U1", "C1", "root")
    slack.world.channels["C1"].locked_threads.add(root)
    reply = client.chat_postMessage(channel="C1", text="hi", thread_ts=root)
    assert (await refusal(reply))["error"] == "restricted_action_thread_locked"


async def test_a_form_that_slack_would_not_send_says_so_at_its_fields(
    slack: SlackStandIn, client: AsyncWebClient, http: aiohttp.ClientSession
) -> None:
    """As in Slack the app hears nothing of it, and what an earlier try was told is gone."""
    name = {"type": "plain_text_input", "action_id": "name", "max_length": 8}
    label = {"type": "plain_text", "text": "Name"}
    view = {
        "type": "modal",
        "title": label,
        "submit": label,
        "blocks": [{"type": "input", "block_id": "name", "label": label, "element": name}],
    }
    opened = await client.views_open(trigger_id=slack.world.trigger("U1", "C1"), view=view)
    for typed, told in {"x" * 9: "At most 8 characters, please.", "": "This is empty."}.items():
        given = {"user": "U1", "view_id": opened["view"]["id"], "values": {"name": typed}}
        async with http.post(f"{slack.url}/_drive/submit_view", json=given) as answer:
            assert (answer.status, (await answer.json())["ok"]) == (200, True)
        assert slack.views("U1")[0].errors == {"name": told}

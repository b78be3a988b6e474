"""The stand-in of Slack: what it sends to the app, how it tries again, and what people's acts look like there."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from typing_extensions import override

from bridge.demo.slack import SlackStandIn
from tests.clock import MovableClock


class VerifiersClock(Clock):
    """Tells slack_sdk's verifier the time of the test."""

    def __init__(self, clock: MovableClock) -> None:
        self._clock = clock

    @override
    def now(self) -> float:
        return self._clock.time()


@dataclass
class App:
    """An app that keeps what it hears; `answers` are its next answers, `slow` makes it silent."""

    clock: MovableClock
    heard: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    slow: bool = False

    async def hear(self, request: web.Request) -> web.Response:
        raw = await request.read()
        verifier = SignatureVerifier("slack-secret", clock=VerifiersClock(self.clock))
        assert verifier.is_valid_request(raw, dict(request.headers))
        if request.content_type == "application/json":
            body = json.loads(raw)
        else:
            form = {name: values[0] for name, values in parse_qs(raw.decode()).items()}
            body = json.loads(form["payload"]) if "payload" in form else form
        self.heard.append((dict(request.headers), body))
        if self.slow:
            await asyncio.Event().wait()
        if body.get("type") == "url_verification":
            return web.json_response({"challenge": body["challenge"]})
        status, text = self.answers.pop(0) if self.answers else (200, "")
        is_json = text.startswith("{")
        return web.Response(status=status, text=text, content_type="application/json" if is_json else "text/plain")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [body["event"] for _, body in self.heard if body.get("type") == "event_callback"]


@pytest.fixture
def app(clock: MovableClock) -> App:
    return App(clock=clock)


@pytest.fixture
async def slack(clock: MovableClock, app: App) -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(clock=clock.time)
    stand_in.add_user("U1", "Aki", locale="ja-JP")
    stand_in.add_user("U9", "Sam", stranger=True)
    stand_in.add_channel("C1", "inbox", members=["U1"])
    stand_in.add_channel("C9", "shared", members=["U1", "U9"], shared=True)
    served = web.Application()
    served.router.add_post("/slack/events", app.hear)
    async with TestServer(served) as server:
        await stand_in.start()
        stand_in.request_url = str(server.make_url("/slack/events"))
        yield stand_in
        await stand_in.stop()


@pytest.fixture
def client(slack: SlackStandIn) -> AsyncWebClient:
    return AsyncWebClient("xoxb-demo", base_url=slack.api_url, retry_handlers=[])


# --- events


async def test_a_thread_reply_arrives_in_a_full_envelope(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel="C1", text="root"))["ts"]
    ts = await slack.say("U1", "C1", "Hello & <@U1> :wave: ok. aki@x.test 10:30:45", thread_ts=root)
    await slack.settle()
    _, envelope = app.heard[-1]
    event = envelope["event"]
    assert (envelope["team_id"], envelope["authorizations"][0]["user_id"]) == ("T0DEMO", "U0BRIDGE")
    assert (event["user"], event["ts"], event["thread_ts"], event["channel_type"]) == ("U1", ts, root, "channel")
    assert event["parent_user_id"] == "U0BRIDGE"
    assert event["text"] == "Hello &amp; <@U1> :wave: ok. <mailto:aki@x.test|aki@x.test> 10:30:45"
    elements = event["blocks"][0]["elements"][0]["elements"]
    assert [each["type"] for each in elements] == ["text", "user", "text", "emoji", "text", "link", "text"]
    assert len({body["event_id"] for _, body in app.heard}) == len(app.heard) == 2


async def test_what_people_type_is_stored_as_slack_stores_it(slack: SlackStandIn, app: App) -> None:
    slack.world.emoji.add("shipit")
    await slack.say("U1", "C1", "👍🏽 ❤️ :shipit: :nothing: x.test/y <!here> <#C1|inbox>")
    await slack.settle()
    event = app.events[-1]
    assert event["text"] == ":+1::skin-tone-4: :heart: :shipit: :nothing: x.test/y <!here> <#C1|inbox>"
    elements = event["blocks"][0]["elements"][0]["elements"]
    emoji = [each for each in elements if each["type"] == "emoji"]
    assert emoji == [
        {"type": "emoji", "name": "+1", "unicode": "1f44d-1f3fd", "skin_tone": 4},
        {"type": "emoji", "name": "heart", "unicode": "2764-fe0f"},
        {"type": "emoji", "name": "shipit"},
    ]
    assert [each["type"] for each in elements[-3:]] == ["broadcast", "text", "channel"]


async def test_own_posts_edits_and_deletions_come_back(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    meant = {"event_type": "part", "event_payload": {"id": "7"}}
    ts = (await client.chat_postMessage(channel="C1", text="a", username="Yuki", metadata=meant))["ts"]
    await slack.settle()
    await client.chat_update(channel="C1", ts=ts, text="b")
    await slack.settle()
    await client.chat_delete(channel="C1", ts=ts)
    await slack.settle()
    posted, changed, deleted = app.events
    assert (posted["subtype"], posted["metadata"], posted["bot_id"]) == ("bot_message", meant, "B0BRIDGE")
    assert "user" not in posted
    assert (changed["subtype"], changed["message"]["text"]) == ("message_changed", "b")
    assert changed["previous_message"]["text"] == "a"
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", ts)
    slack.switches.events_carry_metadata = False
    await client.chat_postMessage(channel="C1", text="a", metadata=meant)
    await slack.settle()
    assert "metadata" not in app.events[-1]


async def test_people_edit_delete_and_react(slack: SlackStandIn, app: App) -> None:
    root = await slack.say("U1", "C1", "root")
    reply = await slack.say("U1", "C1", "reply", thread_ts=root, broadcast=True)
    await slack.settle()
    assert app.events[-1]["subtype"] == "thread_broadcast"
    await slack.edit("U1", "C1", reply, "better")
    await slack.settle()
    assert app.events[-1]["message"]["edited"]["user"] == "U1"
    await slack.react("U1", "C1", reply, "+1")
    await slack.settle()
    assert app.events[-1]["item"] == {"type": "message", "channel": "C1", "ts": reply}
    await slack.delete("U1", "C1", root)
    await slack.settle()
    assert app.events[-1]["message"]["subtype"] == "tombstone"
    await slack.delete("U1", "C1", reply)
    await slack.settle()
    assert app.events[-1]["deleted_ts"] == reply


async def test_nothing_is_heard_of_a_channel_the_bot_has_left(slack: SlackStandIn, app: App) -> None:
    slack.remove_bot("C1")
    await slack.say("U1", "C1", "alone")
    await slack.settle()
    assert sorted(event["type"] for event in app.events) == ["channel_left", "member_left_channel"]
    slack.invite_bot("C1")
    slack.archive("C1")
    await slack.settle()
    assert {event["type"] for event in app.events[2:]} == {"member_joined_channel", "channel_archive"}


async def test_a_revoked_token_is_the_last_that_is_heard(slack: SlackStandIn, app: App) -> None:
    slack.uninstall()
    await slack.say("U1", "C1", "lost")
    await slack.settle()
    assert sorted(event["type"] for event in app.events) == ["app_uninstalled", "tokens_revoked"]


async def test_the_request_url_is_verified(slack: SlackStandIn, app: App) -> None:
    assert await slack.url_verification()
    await slack.app_rate_limited()
    await slack.settle()
    assert app.heard[-1][1]["type"] == "app_rate_limited"


async def test_a_failed_delivery_is_tried_three_times_more(slack: SlackStandIn, app: App) -> None:
    slack.deliveries.retry_delays = (0.0, 0.01, 0.01)
    app.answers = [(500, "")] * 4
    await slack.say("U1", "C1", "hello")
    await slack.settle()
    assert [headers.get("x-slack-retry-num") for headers, _ in app.heard] == [None, "1", "2", "3"]
    assert app.heard[1][0]["x-slack-retry-reason"] == "http_error"
    assert [record.status for record in slack.deliveries.records] == [500] * 4


async def test_silence_is_a_timeout(slack: SlackStandIn, app: App) -> None:
    slack.deliveries.timeout, slack.deliveries.retry_delays = 0.05, ()
    app.slow = True
    await slack.say("U1", "C1", "hello")
    await slack.settle()
    assert slack.deliveries.records[-1].reason == "http_timeout"


async def test_events_can_be_lost_doubled_swapped_and_kept_back(slack: SlackStandIn, app: App) -> None:
    slack.deliveries.drop_next(1)
    await slack.say("U1", "C1", "lost")
    slack.deliveries.duplicate_next(1)
    await slack.say("U1", "C1", "twice")
    await slack.settle()
    slack.deliveries.hold_and_reverse(2)
    await slack.say("U1", "C1", "first")
    await slack.say("U1", "C1", "second")
    await slack.settle()
    slack.deliveries.pause()
    await slack.say("U1", "C1", "later")
    await slack.settle()
    assert [event["text"] for event in app.events] == ["twice", "twice", "second", "first"]
    slack.deliveries.resume()
    await slack.settle()
    assert app.events[-1]["text"] == "later"


async def test_a_stranger_is_marked_and_may_not_use_commands(slack: SlackStandIn, app: App) -> None:
    await slack.say("U9", "C9", "hi")
    await slack.settle()
    assert app.heard[-1][1]["is_ext_shared_channel"]
    assert app.events[-1]["team"] == "T0ELSEWHERE"
    with pytest.raises(ValueError, match="another workspace"):
        await slack.command("U9", "C9", "/bridge", "help")


# --- interactions


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*ids: str) -> dict[str, Any]:
    found = [
        {"type": "button", "action_id": each, "value": f"v:{each}", "text": {"type": "plain_text", "text": each}}
        for each in ids
    ]
    return {"type": "actions", "block_id": "acts", "elements": found}


def modal(**more: Any) -> dict[str, Any]:
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": "edit",
        "title": {"type": "plain_text", "text": "Edit"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [
            {
                "type": "input",
                "block_id": "words",
                "label": {"type": "plain_text", "text": "Words"},
                "element": {"type": "plain_text_input", "action_id": "text", "initial_value": "old"},
            }
        ],
    }
    return view | more


async def test_a_click_carries_the_message_and_a_response_url(
    slack: SlackStandIn, app: App, client: AsyncWebClient, clock: MovableClock
) -> None:
    ts = (await client.chat_postMessage(channel="C1", text="card", blocks=[actions("take", "close")]))["ts"]
    await slack.settle()
    assert await slack.click("U1", "C1", ts, "take") == 200
    payload = app.heard[-1][1]
    assert (payload["type"], payload["actions"][0]["value"]) == ("block_actions", "v:take")
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    with pytest.raises(LookupError, match="take, close"):
        await slack.click("U1", "C1", ts, "forward")
    hook = AsyncWebhookClient(payload["response_url"])
    await hook.send(text="taken", blocks=[section("taken by Aki")], replace_original=True)
    message = slack.message("C1", ts)
    assert message is not None
    assert slack.plain(message) == "bridge: taken by Aki"
    clock.move(timedelta(minutes=31))
    assert (await hook.send(text="late")).status_code == 404


async def test_a_private_line_is_changed_by_its_response_url_alone(
    slack: SlackStandIn, app: App, client: AsyncWebClient
) -> None:
    ts = (await client.chat_postEphemeral(channel="C1", user="U1", text="?", blocks=[actions("retry")]))["message_ts"]
    assert await slack.click("U1", "C1", ts, "retry", ephemeral=True) == 200
    payload = app.heard[-1][1]
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload
    hook = AsyncWebhookClient(payload["response_url"])
    await hook.send(text="Trying again.", replace_original=True)
    assert [slack.plain(line) for line in slack.ephemerals("U1")] == ["bridge: Trying again."]
    await hook.send(delete_original=True)
    assert slack.ephemerals("U1") == []
    for _ in range(3):
        assert (await hook.send(text="more")).status_code == 200
    assert (await hook.send(text="too much")).status_code == 404


async def test_a_trigger_opens_one_modal(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    ts = await slack.say("U1", "C1", "hello")
    await slack.settle()
    assert await slack.shortcut("U1", "inbox_note", "C1", ts) == 200
    trigger = app.heard[-1][1]["trigger_id"]
    assert app.heard[-1][1]["message"]["ts"] == ts
    opened = await client.views_open(trigger_id=trigger, view=modal())
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await client.views_open(trigger_id=trigger, view=modal())
    stale = opened["view"]["hash"]
    view_id = opened["view"]["id"]
    await client.views_update(view_id=view_id, hash=stale, view=modal(callback_id="again"))
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view_id, hash=stale, view=modal())


async def test_a_modal_is_filled_in_refused_and_accepted(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    await slack.command("U1", "C1", "/bridge", "edit")
    opened = await client.views_open(trigger_id=app.heard[-1][1]["trigger_id"], view=modal())
    view_id = opened["view"]["id"]
    app.answers = [(200, json.dumps({"response_action": "errors", "errors": {"words": "Too short"}}))]
    await slack.submit_view("U1", view_id, {"text": "x"})
    assert slack.views("U1")[0].errors == {"words": "Too short"}
    assert app.heard[-1][1]["view"]["state"]["values"]["words"]["text"]["value"] == "x"
    with pytest.raises(ValueError, match="Words: This is empty"):
        await slack.submit_view("U1", view_id, {"text": ""})
    assert slack.views("U1")[0].errors == {"words": "This is empty."}, "none of an earlier try"
    await slack.submit_view("U1", view_id, {"words": {"text": "x"}})
    assert app.heard[-1][1]["view"]["state"]["values"]["words"]["text"]["value"] == "x"
    assert slack.views("U1") == []


async def test_a_modal_that_breaks_a_rule_is_refused(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    await slack.command("U1", "C1", "/bridge")
    trigger = app.heard[-1][1]["trigger_id"]
    bad = modal(title={"type": "plain_text", "text": "x" * 25})
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=bad)
    without = modal()
    del without["submit"]
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=without)


async def test_a_command_is_answered_privately_and_never_in_a_thread(slack: SlackStandIn, app: App) -> None:
    app.answers = [(200, "Usage: /bridge help")]
    assert await slack.command("U1", "C1", "/bridge", "help") == (200, "Usage: /bridge help")
    assert app.heard[-1][1]["text"] == "help"
    assert [slack.plain(line) for line in slack.ephemerals("U1")] == ["bridge: Usage: /bridge help"]
    with pytest.raises(ValueError, match="threads"):
        await slack.command("U1", "C1", "/bridge", "help", thread_ts="1.0")


async def test_the_home_tab_is_published_and_opened(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    await slack.open_home("U1")
    await slack.settle()
    assert "view" not in app.events[-1]
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "Welcome"}}, actions("setup")]
    await client.views_publish(user_id="U1", view={"type": "home", "blocks": blocks})
    await slack.open_home("U1")
    await slack.settle()
    assert app.events[-1]["view"]["type"] == "home"
    home = slack.home("U1")
    assert home is not None
    assert "Welcome" in slack.plain(home)
    assert await slack.click_view("U1", home.id, "setup") == 200
    assert app.heard[-1][1]["container"] == {"type": "view", "view_id": home.id}
    slack.switches.home_tab, divider = False, {"type": "divider"}
    usual: dict[str, Any] = {"user_id": "U1", "view": {"type": "home", "blocks": [divider]}}
    long = {"view": {"type": "home", "blocks": [divider] * 101}}
    faults: list[tuple[str, dict[str, Any]]] = [("not_enabled", {}), ("hash_conflict", {"hash": "1.old"})]
    for wrong, given in [*faults, ("user not found", {"user_id": "U404"}), ("no more than 100", long)]:
        with pytest.raises(SlackApiError, match=wrong):
            await client.views_publish(**usual | given)
        slack.switches.home_tab = True


async def test_a_trigger_lasts_three_seconds(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    slack.switches.trigger_seconds = 0.0
    await slack.command("U1", "C1", "/bridge")
    with pytest.raises(SlackApiError, match="expired_trigger_id"):
        await client.views_open(trigger_id=app.heard[-1][1]["trigger_id"], view=modal())


async def test_subscriptions_that_fail_all_the_time_are_disabled(slack: SlackStandIn, app: App) -> None:
    slack.deliveries.retry_delays, slack.deliveries.disable_after = (), 5
    app.answers = [(500, "")] * 5
    for number in range(6):
        await slack.say("U1", "C1", f"hello {number}")
        await slack.settle()
    assert slack.deliveries.disabled
    assert len(app.heard) == 5

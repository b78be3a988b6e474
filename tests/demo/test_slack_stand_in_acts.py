"""The stand-in of Slack: less common acts of people and administrators, and what the app hears of them."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bridge.demo.slack import SlackStandIn
from tests.clock import MovableClock


class App:
    """An app that keeps what it hears and answers what it is told to, once."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}

    async def hear(self, request: web.Request) -> web.Response:
        raw = await request.read()
        is_json = request.content_type == "application/json"
        form = {} if is_json else {name: values[0] for name, values in parse_qs(raw.decode()).items()}
        self.heard.append(json.loads(raw if is_json else form["payload"]) if is_json or "payload" in form else form)
        answer, self.answer = self.answer, {}
        return web.json_response(answer) if answer else web.Response()

    @property
    def last(self) -> dict[str, Any]:
        body = self.heard[-1]
        event: dict[str, Any] = body.get("event", body)
        return event


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
async def slack(clock: MovableClock, app: App) -> AsyncIterator[SlackStandIn]:
    stand_in = SlackStandIn(clock=clock.time, pace=False)
    stand_in.add_user("U1", "Aki")
    stand_in.add_user("U2", "Ben")
    stand_in.add_channel("C1", "inbox", members=["U1"])
    stand_in.add_channel("G1", "quiet", private=True, members=["U1"])
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


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def menu(**more: Any) -> dict[str, Any]:
    options = [{"text": plain(each), "value": each} for each in ("off", "on")]
    return {"type": "static_select", "action_id": "pick", "options": options} | more


def modal(*blocks: dict[str, Any], title: str = "Settings", **more: Any) -> dict[str, Any]:
    shown = list(blocks) or [{"type": "divider"}]
    return {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": shown} | more


async def opened(slack: SlackStandIn, app: App, client: AsyncWebClient, view: dict[str, Any]) -> str:
    await slack.global_shortcut("U1", "settings")
    view_id: str = (await client.views_open(trigger_id=app.last["trigger_id"], view=view))["view"]["id"]
    return view_id


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lambda slack: slack.rename_channel("C1", "post"), "channel_rename"),
        (lambda slack: slack.rename_channel("G1", "post"), "group_rename"),
        (lambda slack: slack.archive("G1"), "group_archive"),
        (lambda slack: slack.delete_channel("C1"), "channel_deleted"),
        (lambda slack: slack.share_channel("C1"), "channel_shared"),
        (lambda slack: slack.share_channel("C1", shared=False), "channel_unshared"),
        (lambda slack: slack.change_channel_id("G1", "C7"), "channel_id_changed"),
    ],
)
async def test_what_administrators_do_is_told(slack: SlackStandIn, app: App, act: Any, kind: str) -> None:
    act(slack)
    await slack.settle()
    assert app.last["type"] == kind


async def test_members_come_and_go(slack: SlackStandIn, app: App) -> None:
    await slack.join("U2", "C1")
    await slack.settle()
    assert (app.last["type"], app.last["user"]) == ("member_joined_channel", "U2")
    await slack.leave("U2", "C1")
    await slack.settle()
    assert (app.last["type"], app.last["user"]) == ("member_left_channel", "U2")
    slack.add_usergroup("S1", "support", ["U1"])
    slack.change_usergroup("S1", ["U2"])
    await slack.settle()
    assert (app.last["added_users"], app.last["removed_users"]) == (["U2"], ["U1"])


async def test_who_may_not_write_somewhere_cannot(slack: SlackStandIn) -> None:
    with pytest.raises(ValueError, match="no member"):
        await slack.say("U2", "G1", "hello")
    slack.archive("C1")
    with pytest.raises(ValueError, match="archived"):
        await slack.say("U1", "C1", "hello")
    with pytest.raises(KeyError):
        await slack.say("U404", "C1", "hello")


async def test_other_kinds_of_messages_have_their_shapes(slack: SlackStandIn, app: App) -> None:
    kinds: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"me": True}, {"subtype": "me_message", "user": "U1"}),
        ({"bot": True}, {"bot_id": "B0OTHER", "app_id": "A0OTHER"}),
        ({"workflow": True}, {"subtype": "bot_message", "username": "Workflow of Aki"}),
    )
    for given, expected in kinds:
        await slack.say("U1", "C1", "hello", **given)
        await slack.settle()
        assert expected.items() <= app.last.items()


async def test_a_reply_may_make_noise_about_its_root(slack: SlackStandIn, app: App) -> None:
    root = await slack.say("U1", "C1", "root")
    slack.switches.thread_counters = True
    await slack.say("U1", "C1", "reply", thread_ts=root)
    await slack.settle()
    noise = next(body["event"] for body in app.heard if body["event"].get("subtype") == "message_changed")
    assert (noise["message"]["ts"], noise["message"]["reply_count"]) == (root, 1)
    assert "edited" not in noise["message"]
    await slack.noise("C1", root)
    await slack.settle()
    assert app.last["message"]["text"] == app.last["previous_message"]["text"]


async def test_modals_stack_three_deep(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    act = {"type": "actions", "elements": [{"type": "button", "action_id": "more", "text": plain("More")}]}
    top = await opened(slack, app, client, modal(act))
    for _ in range(2):
        await slack.click_view("U1", top, "more")
        top = (await client.views_push(trigger_id=app.last["trigger_id"], view=modal(act)))["view"]["id"]
    await slack.click_view("U1", top, "more")
    with pytest.raises(SlackApiError, match="push_limit_reached"):
        await client.views_push(trigger_id=app.last["trigger_id"], view=modal(act))
    assert len(slack.views("U1")) == 3
    await slack.close_view("U1", top)
    assert len(slack.views("U1")) == 2


async def test_an_answer_to_a_submission_may_change_or_stack_or_clear(
    slack: SlackStandIn, app: App, client: AsyncWebClient
) -> None:
    view_id = await opened(slack, app, client, modal())
    app.answer = {"response_action": "update", "view": modal(title="Working")}
    await slack.submit_view("U1", view_id)
    assert [slack.plain(view) for view in slack.views("U1")] == ["Working"]
    app.answer = {"response_action": "push", "view": modal(title="Sure?")}
    await slack.submit_view("U1", view_id)
    assert [slack.plain(view) for view in slack.views("U1")] == ["Working", "Sure?"]
    app.answer = {"response_action": "clear"}
    await slack.submit_view("U1", slack.views("U1")[-1].id)
    assert slack.views("U1") == []


async def test_closing_is_told_only_to_an_app_that_asked(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    await slack.close_view("U1", await opened(slack, app, client, modal()))
    assert app.last["type"] == "shortcut"
    await slack.close_view("U1", await opened(slack, app, client, modal(notify_on_close=True)))
    assert (app.last["type"], app.last["is_cleared"]) == ("view_closed", False)


async def test_what_is_chosen_in_a_modal_reaches_the_app(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "input", "block_id": "wish", "label": plain("Wish"), "element": menu()},
        {
            "type": "input",
            "block_id": "people",
            "label": plain("People"),
            "optional": True,
            "element": {"type": "multi_users_select", "action_id": "who"},
        },
        {
            "type": "section",
            "block_id": "find",
            "text": plain("Reply"),
            "accessory": {"type": "external_select", "action_id": "reply"},
        },
    ]
    view_id = await opened(slack, app, client, modal(*blocks))
    app.answer = {"options": [{"text": plain("Thank you"), "value": "r1"}]}
    [offered] = await slack.suggest("U1", view_id, "reply", "tha")
    assert (app.last["type"], app.last["value"], offered["value"]) == ("block_suggestion", "tha", "r1")
    with pytest.raises(LookupError, match="off, on"):
        await slack.submit_view("U1", view_id, {"pick": "maybe"})
    await slack.submit_view("U1", view_id, {"pick": "on", "people": ["U2"], "reply": offered})
    values = app.last["view"]["state"]["values"]
    assert values["wish"]["pick"]["selected_option"]["value"] == "on"
    assert values["people"]["who"]["selected_users"] == ["U2"]
    assert values["find"]["reply"]["selected_option"]["value"] == "r1"


async def test_a_menu_of_a_card_is_chosen_from(slack: SlackStandIn, app: App, client: AsyncWebClient) -> None:
    options = [{"text": plain(each), "value": each} for each in ("snooze", "block")]
    card = {"type": "actions", "elements": [{"type": "overflow", "action_id": "more", "options": options}]}
    ts = (await client.chat_postMessage(channel="C1", text="card", blocks=[card]))["ts"]
    await slack.settle()
    assert await slack.click("U1", "C1", ts, "more", value="block") == 200
    assert app.last["actions"][0]["selected_option"]["value"] == "block"


async def test_an_app_that_is_not_there_answers_nothing(slack: SlackStandIn, client: AsyncWebClient) -> None:
    button = {"type": "button", "action_id": "take", "text": plain("Take")}
    posted = await client.chat_postMessage(
        channel="U1", text="card", blocks=[{"type": "actions", "elements": [button]}]
    )
    slack.request_url = "http://127.0.0.1:9/slack/events"
    assert await slack.click("U1", posted["channel"], posted["ts"], "take") == 0
    slack.deliveries.retry_delays = ()
    await slack.say("U1", "C1", "hello")
    await slack.settle()
    assert slack.deliveries.records[-1].reason == "connection_failed"


async def test_it_comes_back_where_it_was(slack: SlackStandIn, client: AsyncWebClient) -> None:
    """An outage of Slack is played by stopping the stand-in and starting it again."""
    await client.chat_postMessage(channel="C1", text="before")
    port = int(slack.url.rpartition(":")[2])
    await slack.stop()
    with pytest.raises(OSError, match="Cannot connect"):
        await client.chat_postMessage(channel="C1", text="lost")
    await slack.start(port)
    await client.chat_postMessage(channel="C1", text="after")
    assert [message.text for message in slack.channel_messages("C1")] == ["before", "after"]

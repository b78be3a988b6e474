"""The app's manifest asks for what the code uses, and for nothing else."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import bridge
from bridge.cli.manifest import filled
from bridge.demo.slack.catalogue import METHODS
from bridge.model.act import SHORTCUTS
from bridge.slack import render, sift
from bridge.slack.windows.table import WINDOWS

ROOT = Path(__file__).parents[2]
MANIFEST: dict[str, Any] = yaml.safe_load((ROOT / "app_manifest.yml").read_text(encoding="utf-8"))
EVENTS = "/slack/events"

# docs.slack.dev/reference/app-manifest, for the keys we use
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
URL = TEXT | {"pattern": "^https://"}
TRUTH = {"type": "boolean"}


def text(most: int) -> dict[str, Any]:
    return TEXT | {"maxLength": most}


def shape(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    fields = required | optional
    return {"type": "object", "properties": fields, "required": [*required], "additionalProperties": False}


def listing(item: Any, most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": most, "uniqueItems": True}


SCHEMA = shape(
    {
        "display_information": shape(
            {"name": text(35)},
            description=text(140),
            background_color=TEXT | {"pattern": "^#([0-9a-f]{3}|[0-9a-f]{6})$"},
        ),
        "features": shape(
            {"bot_user": shape({"display_name": text(80)}, always_online=TRUTH)},
            app_home=shape(
                {}, home_tab_enabled=TRUTH, messages_tab_enabled=TRUTH, messages_tab_read_only_enabled=TRUTH
            ),
            shortcuts=listing(
                shape(
                    {
                        "name": text(24),
                        "type": {"enum": ["message", "global"]},
                        "callback_id": text(255),
                        "description": text(150),
                    }
                ),
                10,
            ),
            slash_commands=listing(
                shape(
                    {"command": text(32) | {"pattern": "^/"}, "description": text(2_000)},
                    url=URL,
                    usage_hint=text(1_000),
                    should_escape=TRUTH,
                ),
                50,
            ),
        ),
        "oauth_config": shape({"scopes": shape({"bot": listing(TEXT, 255)})}, redirect_urls=listing(URL, 1_000)),
        "settings": shape(
            {
                "event_subscriptions": shape({"bot_events": listing(TEXT, 100)}, request_url=URL),
                "interactivity": shape({"is_enabled": TRUTH}, request_url=URL),
            },
            org_deploy_enabled=TRUTH,
            socket_mode_enabled=TRUTH,
            token_rotation_enabled=TRUTH,
        ),
    },
    _metadata=shape({}, major_version={"enum": [1, 2]}, minor_version={"type": "integer"}),
)

# Which scope lets an app hear an event: docs.slack.dev/reference/events
EVENT_SCOPES = {
    "app_home_opened": (),
    "app_uninstalled": (),
    "tokens_revoked": (),
    "channel_id_changed": (),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "subteam_updated": ("usergroups:read",),
    "subteam_members_changed": ("usergroups:read",),
    "user_change": ("users:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
}


def scopes_of_event(name: str) -> tuple[str, ...]:
    family, _, _ = name.partition("_")
    return EVENT_SCOPES.get(name) or ((f"{family}s:read",) if family in ("channel", "group") else ())


def methods_called() -> set[str]:
    """The Web API's methods that the code calls by the SDK's names for them."""
    names = {name.replace(".", "_"): name for name in METHODS}
    files = (Path(inspect.getfile(bridge)).parent / "slack").rglob("*.py")
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    return {names[node.attr] for node in nodes if isinstance(node, ast.Attribute) and node.attr in names}


def scopes_of_method(name: str) -> set[str]:
    scope = METHODS[name].scope if METHODS[name].token != "app" else ""  # an app-level token has scopes of its own
    return {scope.format(family=family) for family in ("channels", "groups")} if scope else set()


def test_the_manifest_is_one_that_slack_takes() -> None:
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(MANIFEST)] == []


@pytest.mark.parametrize("by_sockets", [False, True])
@pytest.mark.parametrize("by_oauth", [False, True])
def test_every_manifest_that_is_printed_is_one_that_slack_takes(by_sockets: bool, by_oauth: bool) -> None:
    """Sockets have no request URLs, HTTP has them all; what many workspaces may install says where people come back."""
    text = (ROOT / "app_manifest.yml").read_text(encoding="utf-8")
    printed = yaml.safe_load(filled(text, url="https://b.example", by_sockets=by_sockets, by_oauth=by_oauth))
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(printed)] == []
    settings, oauth = printed["settings"], printed["oauth_config"]
    assert settings["socket_mode_enabled"] is by_sockets
    assert ("request_url" in settings["event_subscriptions"]) is not by_sockets
    assert ("url" in printed["features"]["slash_commands"][0]) is not by_sockets
    assert oauth.get("redirect_urls", []) == ["https://b.example/slack/oauth_redirect"] * by_oauth
    assert settings["org_deploy_enabled"] is by_oauth
    assert oauth["scopes"] == MANIFEST["oauth_config"]["scopes"]


def test_the_scopes_are_those_the_code_needs_and_no_others() -> None:
    """Least privilege: each one has a call, an event or a surface that needs it."""
    needed = {"commands"}  # the slash command and the shortcut
    for method in methods_called():
        needed |= scopes_of_method(method)
    for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        needed.update(scopes_of_event(event))
    if '"username"' in inspect.getsource(render):
        needed.add("chat:write.customize")
    assert set(MANIFEST["oauth_config"]["scopes"]["bot"]) == needed


def test_the_calls_are_found_by_their_names() -> None:
    assert {
        "chat.postMessage",
        "chat.update",
        "reactions.add",
        "users.info",
        "conversations.replies",
    } <= methods_called()


def test_the_events_are_those_the_code_hears_and_no_others() -> None:
    subscribed = set(MANIFEST["settings"]["event_subscriptions"]["bot_events"])
    messages = {"message.channels", "message.groups"}
    assert subscribed - messages == sift.HEARD - {"message"}
    assert messages <= subscribed


def test_every_shortcut_and_command_means_something() -> None:
    ids = [shortcut["callback_id"] for shortcut in MANIFEST["features"]["shortcuts"]]
    windows = {each.name for each in WINDOWS.values() if each.shortcut}
    assert sorted(ids) == sorted(SHORTCUTS | windows)
    assert [command["command"] for command in MANIFEST["features"]["slash_commands"]] == ["/bridge"]


def test_every_address_is_the_one_door() -> None:
    settings = MANIFEST["settings"]
    addresses = [settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]]
    addresses += [command["url"] for command in MANIFEST["features"]["slash_commands"]]
    assert all(address.endswith(EVENTS) for address in addresses)


def test_people_can_be_told_directly() -> None:
    assert MANIFEST["features"]["app_home"]["messages_tab_enabled"] is True


def test_the_package_ships_the_one_manifest() -> None:
    assert (ROOT / "bridge/app_manifest.yml").read_bytes() == (ROOT / "app_manifest.yml").read_bytes()

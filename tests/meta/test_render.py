"""Jobs become calls of the Graph API."""

import pytest

from bridge.meta.graph import Graph
from bridge.meta.render import limits, look_request, profile_requests, send_request
from bridge.model.change import replace
from bridge.model.decision import Tag
from bridge.model.ids import AccountId, PlaceRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, Health, Login, Platform, Wish
from bridge.split import measure, split

GRAPH = Graph(version="v25.0", app_secrets=("first", "second"))
MESSENGER = Account(
    id=AccountId(1),
    workspace=WorkspaceId("T1"),
    platform=Platform.MESSENGER,
    remote_id="1048",
    name="Shop",
    login=Login.FACEBOOK,
    wish=Wish.ON,
    health=Health.READY,
    cause=None,
    settings=AccountSettings(channel=PlaceRef("C1")),
)
INSTAGRAM = replace(MESSENGER, platform=Platform.INSTAGRAM, remote_id="1784")
INSTAGRAM_LOGIN = replace(INSTAGRAM, login=Login.INSTAGRAM)


@pytest.mark.parametrize(
    ("account", "url"),
    [
        (MESSENGER, "https://graph.facebook.com/v25.0/1048/messages"),
        (INSTAGRAM, "https://graph.facebook.com/v25.0/me/messages"),
        (INSTAGRAM_LOGIN, "https://graph.instagram.com/v25.0/1784/messages"),
    ],
)
def test_each_login_has_its_own_address(account: Account, url: str) -> None:
    """M-01, ZM-01, CT-20: the Page's id, the Page behind the token, the Instagram account's id."""
    assert send_request(GRAPH, account, "token", row=7, customer="72", message={"text": "hi"}, tag=None).url == url


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        (None, {"messaging_type": "RESPONSE"}),
        (Tag.HUMAN_AGENT, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}),
    ],
)
def test_the_tag_goes_exactly_where_it_was_ruled(tag: Tag | None, kind: dict[str, str]) -> None:
    """I-14, F3, F5: no other tag exists."""
    request = send_request(GRAPH, INSTAGRAM_LOGIN, "token", row=7, customer="90", message={"text": "お待たせ"}, tag=tag)
    assert request.body == {"recipient": {"id": "90"}, "message": {"text": "お待たせ"}} | kind


def test_messenger_messages_bear_the_rows_mark_and_facebook_calls_their_proof() -> None:
    request = send_request(GRAPH, MESSENGER, "token", row=7, customer="72", message={"text": "hi"}, tag=None)
    assert request.body is not None
    assert request.body["message"] == {"text": "hi", "metadata": "tb:7"}
    assert len(request.body["appsecret_proof"]) == 64
    unproved = send_request(Graph(), MESSENGER, "token", row=7, customer="72", message={"text": "hi"}, tag=None)
    assert unproved.body is not None
    assert "appsecret_proof" not in unproved.body


def test_a_token_stands_in_the_header_and_nowhere_else() -> None:
    """Tokens never come near a log."""
    for request in (
        send_request(GRAPH, MESSENGER, "s3cret-token", row=7, customer="72", message={"text": "hi"}, tag=None),
        look_request(GRAPH, INSTAGRAM, "s3cret-token", customer="72"),
        *profile_requests(GRAPH, INSTAGRAM_LOGIN, "s3cret-token", customer="72"),
    ):
        assert request.headers == {"Authorization": "Bearer s3cret-token"}
        assert "s3cret-token" not in repr(request) + request.url + str(request.params) + str(request.body)
    assert "first" not in repr(GRAPH)


@pytest.mark.parametrize(("platform", "unit", "most"), [("instagram", "bytes", 1000), ("messenger", "utf16", 1999)])
def test_the_wires_limits_are_what_each_network_takes(platform: str, unit: str, most: int) -> None:
    """F1, ZI-21, ZM-07: bytes on Instagram, UTF-16 units on Messenger."""
    limit = limits(Platform(platform))
    assert (limit.unit, limit.maximum) == (unit, most)
    assert all(measure(part, limit.unit) <= most for part in split("在庫🎌" * 1500, limit))

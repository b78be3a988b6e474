"""From jobs to calls of the Graph API. Pure.

    Messenger                        graph.facebook.com/{version}/{Page's id}/…
    Instagram with Facebook Login    graph.facebook.com/{version}/me/…            (the token is the linked Page's)
    Instagram with Instagram Login   graph.instagram.com/{version}/{account's id}/…

https://developers.facebook.com/docs/messenger-platform/reference/send-api
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
https://developers.facebook.com/docs/messenger-platform/conversations
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from bridge.meta.graph import Graph, GraphRequest, get, post
from bridge.model.automatic import Choice
from bridge.model.decision import Tag
from bridge.model.ids import mark
from bridge.model.state import Account, Login, Platform
from bridge.split import WireLimit

WIRE_LIMITS: Final[Mapping[Platform, WireLimit]] = MappingProxyType(
    {
        Platform.INSTAGRAM: WireLimit(maximum=1000, unit="bytes"),
        # Meta's pages say both "2,000" and "less than 2,000".
        Platform.MESSENGER: WireLimit(maximum=1999, unit="utf16"),
    }
)
"""How much text one message on the wire may hold."""

MARKS: Final = frozenset({Platform.MESSENGER})
"""Networks whose echoes give our mark back; Instagram does not document that it would."""

_MORE: Final = "follower_count,is_user_follow_business,is_verified_user"
PROFILE_FIELDS: Final[Mapping[Platform, tuple[str, ...]]] = MappingProxyType(
    {
        Platform.MESSENGER: ("first_name,last_name,profile_pic", "name"),
        # Meta's pages call the picture ``profile_pic``; with Instagram Login others were seen to ask for it otherwise.
        Platform.INSTAGRAM: (
            f"name,username,profile_pic,{_MORE}",
            f"name,username,profile_picture_url,{_MORE}",
            "name,username",
        ),
    }
)
"""What is asked of a profile; the next where Meta does not know one of the fields.

https://developers.facebook.com/docs/messenger-platform/instagram/features/user-profile
"""

LOOK_FIELDS: Final = "messages.limit(20){id,created_time,from,to,message,attachments}"
"""The newest messages of a conversation; Meta tells no more than these 20."""


def limits(platform: Platform) -> WireLimit:
    """How much text one message on a network's wire may hold."""
    return WIRE_LIMITS[platform]


def node(platform: Platform, login: Login, remote_id: str) -> str:
    """The node an account's edges hang on.

    An Instagram account with Facebook Login is reached through its Page, whose id we need not know: the token is the
    Page's, so that ``me`` is the Page.
    """
    return "me" if platform is Platform.INSTAGRAM and login is Login.FACEBOOK else remote_id


def send_request(
    graph: Graph, account: Account, token: str, *, row: int, customer: str, message: Mapping[str, Any], tag: Tag | None = None,
    comment: str | None = None, quotes: str | None = None, choices: Sequence[Choice] = (),
) -> GraphRequest:  # fmt: skip
    """One text, or one kept file, to one customer.

    row: marks the message where its echo gives the mark back. comment: it is the private reply to this one:
    https://developers.facebook.com/docs/messenger-platform/discovery/private-replies
    quotes: the network's id of the message that it is shown to answer; it stands beside the message, not in it.
    choices: what the customer may tap: https://developers.facebook.com/docs/messenger-platform/send-messages/quick-replies
    """
    if account.platform in MARKS:
        message = {**message, "metadata": mark(row)}
    if choices:
        replies = [{"content_type": "text", "title": each.title, "payload": each.payload} for each in choices]
        message = {**message, "quick_replies": replies}
    body: dict[str, Any] = {"recipient": {"id": customer}, "message": message} | _type(tag)
    if comment is not None:
        body = {"recipient": {"comment_id": comment}, "message": message}
    elif quotes is not None:
        body["reply_to"] = {"mid": quotes}
    return post(graph, account.login, f"{_node(account)}/messages", token, body)


def look_request(graph: Graph, account: Account, token: str, *, customer: str) -> GraphRequest:
    """The newest messages of one conversation."""
    return get(
        graph, account.login, f"{_node(account)}/conversations", token,
        platform=account.platform.value, user_id=customer, fields=LOOK_FIELDS,
    )  # fmt: skip


def profile_requests(graph: Graph, account: Account, token: str, *, customer: str) -> Iterator[GraphRequest]:
    """Who a customer is; each further request asks less."""
    for fields in PROFILE_FIELDS[account.platform]:
        yield get(graph, account.login, customer, token, fields=fields)


def _node(account: Account) -> str:
    return node(account.platform, account.login, account.remote_id)


def _type(tag: Tag | None) -> dict[str, str]:
    """https://developers.facebook.com/docs/messenger-platform/send-messages/message-tags"""
    match tag:
        case None:
            return {"messaging_type": "RESPONSE"}
        case Tag.HUMAN_AGENT:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}

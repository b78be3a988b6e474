"""The Send API: what Meta takes, what it refuses and with which code.

https://developers.facebook.com/docs/messenger-platform/reference/send-api
https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bridge.demo.meta.comments import PrivateReplies
from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.media import Cdn, Media
from bridge.demo.meta.wire import echoed
from bridge.demo.meta.world import Account, Bubble, Comment, Customer, World

MESSENGER_UNITS: Final = 2000  # fewer than so many UTF-16 units
INSTAGRAM_BYTES: Final = 1000  # at most so many bytes of UTF-8
METADATA_CHARACTERS: Final = 1000
FILE_BYTES: Final = 25 * 1024 * 1024
IMAGE_BYTES: Final = 8 * 1024 * 1024
BODY: Final = frozenset(
    """recipient message messaging_type tag reply_to sender_action payload thread_control persona_id notification_type
    filedata platform access_token appsecret_proof""".split()
)
MESSAGE: Final = frozenset({"text", "attachment", "attachments", "metadata", "quick_replies", "sticker_id"})
TYPES: Final = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"})
ACTIONS: Final = frozenset({"typing_on", "typing_off", "mark_seen", "react", "unreact"})
RETIRED: Final = frozenset({"CONFIRMED_EVENT_UPDATE", "ACCOUNT_UPDATE", "POST_PURCHASE_UPDATE"})  # since 2026-04-27
MIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("image/png", "image/jpeg", "image/gif", "image/webp"),
    "video": ("video/", "application/ogg"),
    "audio": ("audio/", "video/mp4"),
}
INSTAGRAM_MIMES: Final[Mapping[str, tuple[str, ...]]] = {
    "image": ("image/png", "image/jpeg", "image/gif"),
    "video": ("video/mp4", "video/ogg", "video/avi", "video/x-msvideo", "video/quicktime", "video/webm"),
    "audio": ("audio/aac", "audio/mp4", "audio/m4a", "audio/x-m4a", "audio/wav", "audio/x-wav", "video/mp4"),
    "file": ("application/pdf",),
}
IMAGES: Final = {"messenger": 30, "instagram": 10}


@dataclass(kw_only=True)
class Sent:
    """What a send did: the answer for the app, and the echo for the webhook (a sender action has none)."""

    answer: dict[str, Any]
    account: Account
    customer: Customer
    echo: dict[str, Any] | None = None


def check_text(platform: str, text: object) -> str:
    """The text, if the network takes it."""
    if not isinstance(text, str) or not text.strip():
        raise GraphError(100, message="Param message[text] must be a non-empty string")
    if platform == "messenger" and len(text.encode("utf-16-le")) // 2 >= MESSENGER_UNITS:
        raise GraphError(100, message="Length of param message[text] must be less than or equal to 2000")
    if platform == "instagram" and len(text.encode()) > INSTAGRAM_BYTES:
        raise GraphError(100, message="Length of param message[text] must be less than or equal to 1000 bytes")
    return text


def check_file(platform: str, kind: str, mime: str, size: int) -> None:
    """Raise what Meta says about a file that it does not take."""
    limit = IMAGE_BYTES if kind == "image" else FILE_BYTES
    if size > limit:
        raise GraphError(100, 2018109)
    known = (INSTAGRAM_MIMES if platform == "instagram" else MIMES).get(kind)
    if known is not None and not mime.startswith(known):
        raise GraphError(100, 2018047)
    if known is None and not (kind == "file" and platform == "messenger"):
        raise GraphError(100, message=f"Attachments of type {kind} cannot be sent")


class Sending:
    """Takes a checked call of `/messages` to the customer's phone."""

    def __init__(self, world: World, cdn: Cdn) -> None:
        self.world = world
        self.cdn = cdn
        self.echo_carries_metadata: bool | None = None
        self.echo_carries_app_id: bool | None = None
        self.private = PrivateReplies(world)

    def recipient(self, accounts: list[Account], body: Mapping[str, Any]) -> tuple[Customer, Comment | None]:
        """The customer a body is for, among those of the accounts behind the token; the comment it answers in private."""
        to = body.get("recipient")
        if not isinstance(to, Mapping) or set(to) not in ({"id"}, {"comment_id"}):
            raise GraphError(100, message="Param recipient must be an object with an id or a comment_id")
        if "comment_id" in to:
            return self.private.commenter(accounts, str(to["comment_id"]))
        for account in accounts:
            if customer := account.customers.get(str(to["id"])):
                return customer, None
        elsewhere = [a for a in self.world.accounts.values() if str(to["id"]) in a.customers]
        instagram = any(a.platform == "instagram" for a in elsewhere or accounts[:1])
        raise GraphError(100, 2534014) if instagram else GraphError(100, 2018001)

    def send(
        self, customer: Customer, body: Mapping[str, Any], uploaded: Media | None, *, private: Comment | None = None
    ) -> Sent:
        """Check everything, then let it happen; nothing has happened when it raises."""
        for name in body:
            if name not in BODY:
                raise GraphError(100, message=f'Invalid keys "{name}" were found in the request')
        account = customer.account
        self._check_account(customer)
        if "sender_action" in body:
            return self._act(customer, body)
        message = body.get("message")
        if not isinstance(message, Mapping):
            raise GraphError(100, message="Param message must be an object")
        bubble = self._compose(customer, message, uploaded)
        self._check_reply(customer, bubble, body)
        self._check_window(customer, bubble, body, private)
        if private is not None:
            private.answered = True
        bubble.app_id = self.world.app_id
        self.world.show(customer, bubble)
        customer.typing = False
        answer = {"recipient_id": customer.id, "message_id": bubble.mid}
        return Sent(answer=answer, account=account, customer=customer, echo=self._echo(customer, bubble))

    def _check_account(self, customer: Customer) -> None:
        account = customer.account
        if account.restriction is not None:
            raise GraphError.named(account.restriction)
        if not account.eligible:
            raise GraphError(36103)
        if not self.world.held_by_us(customer):
            raise GraphError(100, 2534037) if account.platform == "instagram" else GraphError(2018300)
        if customer.blocked:
            raise GraphError(551, 1545041)

    # -- sender actions

    def _act(self, customer: Customer, body: Mapping[str, Any]) -> Sent:
        action = body["sender_action"]
        if "message" in body:
            raise GraphError(100, 2018014)
        if action not in ACTIONS:
            raise GraphError(100, message="Param sender_action must be one of the known actions")
        if action.startswith("typing"):
            self._check_typing(customer, body)
        if action in {"react", "unreact"}:
            self._react(customer, str(action), body.get("payload"))
        elif action == "mark_seen":
            customer.seen_at = self.world.clock()
        else:
            customer.typing = action == "typing_on"
        self.world.changed()
        return Sent(answer={"recipient_id": customer.id}, account=customer.account, customer=customer)

    def _check_typing(self, customer: Customer, body: Mapping[str, Any]) -> None:
        """Somebody writes to this customer, who may be answered without a tag; nothing else is said beside it."""
        if extra := sorted(set(body) - {"recipient", "sender_action"}):
            raise GraphError(100, message=f'Invalid keys "{extra[0]}" were found in the request')
        if customer.standard_until is None or self.world.clock() >= customer.standard_until:
            raise GraphError(10, 2018278) if customer.account.platform == "messenger" else GraphError(10, 2534022)

    def _react(self, customer: Customer, action: str, payload: object) -> None:
        if not isinstance(payload, Mapping) or not isinstance(payload.get("message_id"), str):
            raise GraphError(100, message="Param payload must hold a message_id")
        bubble = self._message_of(customer, payload["message_id"])
        if action == "unreact":
            bubble.reactions.pop("business", None)
        elif isinstance(payload.get("reaction"), str) and payload["reaction"]:
            bubble.reactions["business"] = payload["reaction"]
        else:
            raise GraphError(100, message="Param payload must hold a reaction")

    def _message_of(self, customer: Customer, mid: object) -> Bubble:
        found = self.world.spoken.get(mid) if isinstance(mid, str) else None
        if found is None or found[0] is not customer or found[1].removed:
            raise GraphError(100, message="The message does not exist in this conversation")
        return found[1]

    # -- messages

    def _compose(self, customer: Customer, message: Mapping[str, Any], uploaded: Media | None) -> Bubble:
        platform = customer.account.platform
        for name in message:
            if name not in MESSAGE:
                raise GraphError(100, message=f'Invalid keys "{name}" were found in param "message"')
        kinds = [name for name in ("text", "attachment", "attachments", "sticker_id") if name in message]
        if len(kinds) != 1:
            raise GraphError(100, message="A message holds either a text or an attachment")
        bubble = Bubble(mid=self.world.mid(platform), from_="business", at=self.world.clock())
        bubble.metadata = _metadata(message.get("metadata"))
        bubble.quick_replies = _quick_replies(message.get("quick_replies"))
        if kinds == ["text"]:
            bubble.text = check_text(platform, message["text"])
            return bubble
        bubble.kind = "attachment"
        if kinds == ["sticker_id"]:
            if platform == "instagram":
                raise GraphError(100, 2534015)
            bubble.attachments = [{"type": "sticker", "payload": {"sticker_id": message["sticker_id"]}}]
            return bubble
        given = message[kinds[0]]
        items = given if isinstance(given, list) else [given]
        if not 1 <= len(items) <= (IMAGES[platform] if kinds == ["attachments"] else 1):
            raise GraphError(100, message="Too few or too many attachments")
        bubble.attachments = [self._attachment(customer.account, item, uploaded) for item in items]
        if len(items) > 1 and any(item["type"] != "image" for item in bubble.attachments):
            raise GraphError(100, message="Several attachments must all be images")
        return bubble

    def _attachment(self, account: Account, item: object, uploaded: Media | None) -> dict[str, Any]:
        if not isinstance(item, Mapping) or not isinstance(item.get("type"), str):
            raise GraphError(100, message="An attachment must have a type")
        kind, payload = item["type"], item.get("payload") or {}
        if kind == "like_heart" and account.platform == "instagram":
            return {"type": kind}
        if kind in {"template", "MEDIA_SHARE"}:
            return {"type": kind, "payload": dict(payload)}
        media = uploaded
        if "attachment_id" in payload:
            media = self.cdn.usable(str(payload["attachment_id"]), account.page or account.id, account.platform)
        if media is None:
            raise GraphError(100, 2018074)
        check_file(account.platform, kind, media.mime, len(media.data))
        return {"type": kind, "payload": {"url": self.cdn.url(media), "attachment_id": media.id}}

    def _check_reply(self, customer: Customer, bubble: Bubble, body: Mapping[str, Any]) -> None:
        reply_to = body.get("reply_to")
        if reply_to is None:
            return
        if not isinstance(reply_to, Mapping):
            raise GraphError(100, message="Param reply_to must be an object with a mid")
        self._message_of(customer, reply_to.get("mid"))
        bubble.reply_to = dict(reply_to)

    def _check_window(
        self, customer: Customer, bubble: Bubble, body: Mapping[str, Any], private: Comment | None
    ) -> None:
        """The rules of `messaging_type`, `tag` and time; windows are half-open."""
        kind, tag = body.get("messaging_type", "RESPONSE"), body.get("tag")
        if kind not in TYPES or kind == "UTILITY":
            raise GraphError(100, message="Param messaging_type is not one that this message may have")
        if (kind == "MESSAGE_TAG") != (tag is not None):
            raise GraphError(100, message="MESSAGE_TAG and tag come together")
        if tag in RETIRED:
            raise GraphError(100, message=f"The tag {tag} is deprecated")
        if tag not in {None, "HUMAN_AGENT"}:
            raise GraphError(100, message="Param tag is not one that this message may have")
        if private is not None:
            return
        account, now = customer.account, self.world.clock()
        if tag is not None and not account.human_agent:
            raise GraphError(10, message="The app lacks the Human Agent feature")
        standard, human = customer.standard_until, customer.human_until
        until = human if tag is not None else standard
        if until is None or now >= until:
            raise GraphError(10, 2018278) if account.platform == "messenger" else GraphError(10, 2534022)
        bubble.messaging_type, bubble.tag = body.get("messaging_type"), tag
        bubble.needless_tag = tag is not None and standard is not None and now < standard

    def _echo(self, customer: Customer, bubble: Bubble) -> dict[str, Any]:
        """The echo as the webhook gets it: on Messenger with `app_id` and `metadata`, on Instagram without."""
        messenger = customer.account.platform == "messenger"
        message: dict[str, Any] = {"mid": bubble.mid}
        if bubble.text is not None:
            message["text"] = bubble.text
        if bubble.attachments:
            message["attachments"] = [{"type": a["type"], "payload": _echoed(a)} for a in bubble.attachments]
        if bubble.reply_to is not None:
            message["reply_to"] = bubble.reply_to
        if messenger if self.echo_carries_app_id is None else self.echo_carries_app_id:
            message["app_id"] = int(self.world.app_id)
        carries = messenger if self.echo_carries_metadata is None else self.echo_carries_metadata
        if bubble.metadata is not None and carries:
            message["metadata"] = bubble.metadata
        return echoed(customer, bubble.at, message)


def _echoed(attachment: Mapping[str, Any]) -> dict[str, Any]:
    payload = dict(attachment.get("payload") or {})
    if "attachment_id" in payload:
        payload["attachment_id"] = int(payload["attachment_id"])  # a number in echoes, as Meta has it
    return payload


def _metadata(given: object) -> str | None:
    if given is None:
        return None
    if not isinstance(given, str) or len(given) >= METADATA_CHARACTERS:
        raise GraphError(100, message="Param message[metadata] must be a string of less than 1000 characters")
    return given


def _quick_replies(given: object) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list) or not 1 <= len(given) <= 13:
        raise GraphError(100, message="Param message[quick_replies] must hold 1 to 13 of them")
    if not all(isinstance(reply, Mapping) and reply.get("content_type") == "text" for reply in given):
        raise GraphError(100, message="A quick reply must have the content_type text")
    return [dict(reply) | {"title": str(reply.get("title", ""))[:20]} for reply in given]

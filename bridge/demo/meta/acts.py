"""What people do on their phones, and what the business does in Meta's own apps.

Every act changes the phone, opens the window where it should, and puts the signed webhook on its way.
Windows: https://developers.facebook.com/docs/messenger-platform/policy/policy-overview
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bridge.demo.meta.deliveries import Deliveries
from bridge.demo.meta.media import Cdn
from bridge.demo.meta.samples import sample
from bridge.demo.meta.wire import echoed, milliseconds, said
from bridge.demo.meta.world import DAY, Account, Bubble, Customer, World

Item = Mapping[str, Any]
PAGE_INBOX: Final = "263902037430900"
EDITS: Final = 5
EMOJI: Final = {
    "love": "❤️",
    "smile": "😆",
    "sad": "😢",
    "wow": "😮",
    "like": "👍",
    "angry": "😠",
    "laugh": "😂",
    "dislike": "👎",
}


class Acts:
    """The hands of customers and of people in the business."""

    world: World
    deliveries: Deliveries
    cdn: Cdn

    def _tell(self, customer: Customer, kind: str, at: float, what: Item) -> None:
        form: Any = "messaging" if self.world.held_by_us(customer) else "standby"
        self.deliveries.tell(customer.account, kind, said(customer, at, what), lane=customer.id, form=form)

    def _tell_echo(self, customer: Customer, item: dict[str, Any]) -> None:
        form: Any = "messaging" if self.world.held_by_us(customer) else "standby"
        self.deliveries.tell(customer.account, "echo", item, lane=customer.id, form=form)

    def _opened(self, customer: Customer, at: float, referral: Item | None = None, *, message: bool = False) -> None:
        """Open the window; the first message after an ad opens it for longer."""
        if referral is not None and referral.get("source") == "ADS":
            customer.from_ad = True
        if message and customer.from_ad:
            customer.ad_act, customer.from_ad = at, False
        customer.open(at)

    def _speak(
        self, customer: Customer, message: dict[str, Any], at: float | None, *,
        kind: str = "text", referral: Item | None = None,
    ) -> str:  # fmt: skip
        """Let the customer say something, whatever it is made of; the mid."""
        when = self.world.clock() if at is None else at
        mid = self.world.mid(customer.account.platform)
        referral = self._brought(customer, referral)
        if referral is not None:
            message["referral"] = dict(referral)
        self._opened(customer, when, referral, message=True)
        attachments, text = list(message.get("attachments", [])), message.get("text")
        bubble = Bubble(mid=mid, from_="customer", at=when, text=text, kind=kind, attachments=attachments,
                        reply_to=message.get("reply_to"))  # fmt: skip
        self.world.show(customer, bubble)
        self._tell(customer, "message", when, {"message": {"mid": mid} | message})
        return mid

    def _brought(self, customer: Customer, referral: Item | None) -> Item | None:
        """What a first message or tap brings along: the ad or link they came through."""
        arriving, customer.arriving = customer.arriving, None
        return referral or arriving

    # -- customers

    async def write(
        self, customer: Customer, text: str, *, reply_to: str | None = None, referral: Item | None = None,
        quick_reply: str | None = None, at: float | None = None,
    ) -> str:  # fmt: skip
        """Write a text; `at` is the event's time, now unless given; the mid."""
        message: dict[str, Any] = {"text": text}
        if quick_reply is not None:
            message["quick_reply"] = {"payload": quick_reply}
        if reply_to is not None:
            message["reply_to"] = self._quoted(reply_to)
        return self._speak(customer, message, at, referral=referral)

    def _quoted(self, mid: str) -> dict[str, Any]:
        return {"mid": mid, "is_self_reply": self.world.spoken[mid][1].from_ == "customer"}

    async def attach(
        self, customer: Customer, type: str, payload: Item | None = None, *, text: str | None = None,
        at: float | None = None,
    ) -> str:  # fmt: skip
        """Send one attachment of any type; without `payload` it has none, as Instagram's view-once media."""
        return await self.attach_many(customer, [(type, payload)], text=text, at=at)

    async def attach_many(
        self, customer: Customer, attachments: Sequence[tuple[str, Item | None]], *, text: str | None = None,
        at: float | None = None,
    ) -> str:  # fmt: skip
        """Send several attachments in one message; the mid."""
        items = [
            {"type": kind} if what is None else {"type": kind, "payload": dict(what)} for kind, what in attachments
        ]
        message: dict[str, Any] = {} if text is None else {"text": text}
        return self._speak(customer, message | {"attachments": items}, at, kind="attachment")

    async def send_file(
        self, customer: Customer, type: str, data: bytes, *, mime: str, name: str = "file",
        text: str | None = None, at: float | None = None,
    ) -> str:  # fmt: skip
        """Send a file that lies on the stand-in's CDN; the mid."""
        media = self.cdn.put(data, mime, name=name)
        return await self.attach(customer, type, {"url": self.cdn.url(media)}, text=text, at=at)

    async def send_image(
        self, customer: Customer, data: bytes, *, mime: str = "image/png", at: float | None = None
    ) -> str:
        """Send a picture."""
        return await self.send_file(customer, "image", data, mime=mime, name="image.png", at=at)

    async def send_picture(self, customer: Customer, *, text: str | None = None) -> str:
        """Send a photo of a mug."""
        data, mime = sample("mug_blue.jpg")
        return await self.send_file(customer, "image", data, mime=mime, name="mug_blue.jpg", text=text)

    async def send_video(
        self, customer: Customer, data: bytes, *, mime: str = "video/mp4", at: float | None = None
    ) -> str:
        """Send a video."""
        return await self.send_file(customer, "video", data, mime=mime, name="video.mp4", at=at)

    async def send_audio(
        self, customer: Customer, data: bytes, *, mime: str = "audio/mp4", at: float | None = None
    ) -> str:
        """Send a voice message."""
        return await self.send_file(customer, "audio", data, mime=mime, name="audio.m4a", at=at)

    async def unsupported(self, customer: Customer, *, at: float | None = None) -> str:
        """Send something that the API cannot show."""
        return self._speak(customer, {"is_unsupported": True}, at, kind="unsupported")

    async def story_reply(
        self, customer: Customer, text: str | None, *, url: str | None = None, story_id: str = "17890000000000042",
        at: float | None = None,
    ) -> str:  # fmt: skip
        """Answer a story of the business with a text."""
        story = {"url": url or self._story_url(), "id": story_id}
        words = {} if text is None else {"text": text}
        return self._speak(customer, words | {"reply_to": {"story": story}}, at, kind="story")

    async def story_mention(self, customer: Customer, *, url: str | None = None, at: float | None = None) -> str:
        """Mention the business in a story."""
        item = {"type": "story_mention", "payload": {"url": url or self._story_url()}}
        return self._speak(customer, {"attachments": [item]}, at, kind="story")

    def _story_url(self) -> str:
        """Where a story can be looked at while it lasts."""
        return self.cdn.url(self.cdn.put(*sample("story.jpg"), name="story.jpg", life=DAY))

    async def unsend(self, customer: Customer, mid: str, *, told: bool = True) -> None:
        """Take a message back: it vanishes from the phone; not `told`: no webhook, as from Instagram on the web."""
        original = self._own(customer, mid)
        self.cdn.forget(str((attachment.get("payload") or {}).get("url")) for attachment in original.attachments)
        original.removed, original.text, original.attachments = True, None, []
        self.world.changed()
        if told:
            self._tell(customer, "message", self.world.clock(), {"message": {"mid": mid, "is_deleted": True}})

    async def edit(self, customer: Customer, mid: str, text: str, *, at: float | None = None) -> None:
        """Change a text, five times at most."""
        bubble = self._own(customer, mid)
        if bubble.edited >= EDITS:
            raise ValueError("the phone lets nobody edit a message a sixth time")
        bubble.text, bubble.edited = text, bubble.edited + 1
        self.world.changed()
        what = {"message_edit": {"mid": mid, "text": text, "num_edit": bubble.edited}}
        self._tell(customer, "edit", self.world.clock() if at is None else at, what)

    def _own(self, customer: Customer, mid: str) -> Bubble:
        owner, bubble = self.world.spoken[mid]
        if owner is not customer or bubble.from_ != "customer":
            raise ValueError("the message is not this customer's")
        return bubble

    async def react(
        self, customer: Customer, mid: str, reaction: str = "love", emoji: str | None = None, *, at: float | None = None
    ) -> None:
        """React to a message; a second reaction replaces the first."""
        when = self.world.clock() if at is None else at
        sign = emoji or EMOJI.get(reaction, "🙏")
        self.world.spoken[mid][1].reactions["customer"] = sign
        self._opened(customer, when)
        self.world.changed()
        what = {"mid": mid, "action": "react", "reaction": reaction, "emoji": sign}
        self._tell(customer, "reaction", when, {"reaction": what})

    async def unreact(self, customer: Customer, mid: str) -> None:
        """Take the reaction away."""
        self.world.spoken[mid][1].reactions.pop("customer", None)
        self.world.changed()
        self._tell(customer, "reaction", self.world.clock(), {"reaction": {"mid": mid, "action": "unreact"}})

    async def read(self, customer: Customer, mid: str | None = None) -> None:
        """Look at the conversation: Messenger tells a time, Instagram the last message seen."""
        now = self.world.clock()
        customer.read_at = now
        self.world.changed()
        if customer.account.platform == "messenger":
            self._tell(customer, "read", now, {"read": {"watermark": milliseconds(now)}})
            return
        seen = mid or next((b.mid for b in reversed(customer.bubbles) if b.from_ == "business"), None)
        if seen is None:
            raise ValueError("the business has said nothing that could be read")
        self._tell(customer, "read", now, {"read": {"mid": seen}})

    async def received(self, customer: Customer, *mids: str) -> None:
        """Messenger tells that the phone has messages."""
        now = self.world.clock()
        what = {"mids": list(mids), "watermark": milliseconds(now)}
        self._tell(customer, "delivery", now, {"delivery": what})

    async def tap(
        self, customer: Customer, title: str, payload: str, *, referral: Item | None = None, at: float | None = None
    ) -> str:
        """Tap a button, an ice breaker or Get Started; the mid."""
        when = self.world.clock() if at is None else at
        mid = self.world.mid(customer.account.platform)
        referral = self._brought(customer, referral)
        self._opened(customer, when, referral)
        self.world.show(customer, Bubble(mid=mid, from_="customer", at=when, text=title, kind="postback"))
        what: dict[str, Any] = {"mid": mid, "title": title, "payload": payload}
        if referral is not None:
            what["referral"] = dict(referral)
        if not self.world.held_by_us(customer):
            del what["payload"]
        self._tell(customer, "postback", when, {"postback": what})
        return mid

    async def refer(self, customer: Customer, referral: Item, *, at: float | None = None) -> None:
        """Come back into the conversation through a link or an ad."""
        when = self.world.clock() if at is None else at
        self._opened(customer, when, referral)
        self.world.changed()
        self._tell(customer, "referral", when, {"referral": dict(referral)})

    async def unknown_event(self, customer: Customer, item: Item, *, at: float | None = None) -> None:
        """Send an event of a kind nobody has heard of."""
        self._tell(customer, "unknown", self.world.clock() if at is None else at, item)

    # -- the business, in Meta's own apps

    async def native_reply(self, account: Account, customer: Customer, text: str, *, app_id: str | None = None) -> str:
        """Answer in the Instagram app or the Page inbox: the bridge hears only the echo; the mid."""
        if customer.account is not account:
            raise ValueError("the customer belongs to another account")
        now = self.world.clock()
        inbox = app_id or (PAGE_INBOX if account.platform == "messenger" else None)
        mid = self.world.mid(account.platform)
        bubble = Bubble(mid=mid, from_="business", at=now, text=text, app_id=inbox, native=True)
        self.world.show(customer, bubble)
        message: dict[str, Any] = {"mid": mid, "text": text}
        if inbox is not None:
            message["app_id"] = int(inbox)
        self._tell_echo(customer, echoed(customer, now, message))
        return mid

    async def policy(self, account: Account, action: str, reason: str | None = None) -> None:
        """Let Meta warn, block or unblock the account; such an event has no sender."""
        what: dict[str, Any] = {"action": action} | ({} if reason is None else {"reason": reason})
        item = {
            "recipient": {"id": account.id},
            "timestamp": milliseconds(self.world.clock()),
            "policy_enforcement": what,
        }
        self.deliveries.tell(account, "policy", item)

"""What people do on their phones besides writing: every kind of attachment, arriving through ads and links, changing who they are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bridge.demo.meta.acts import PAGE_INBOX
from bridge.demo.meta.handovers import Handovers
from bridge.demo.meta.kinds import Wish, message_of
from bridge.demo.meta.samples import sample
from bridge.demo.meta.wire import echoed
from bridge.demo.meta.world import Bubble, Customer

AD: Final = "23850000000000001"


class Gestures(Handovers):
    """Acts with the shapes that Meta gives them."""

    async def send(
        self, customer: Customer, kind: str, *, text: str | None = None, reply_to: str | None = None,
        at: float | None = None, **wish: Any,
    ) -> str:  # fmt: skip
        """Send anything of `kinds.KINDS`, `wish` as in `kinds.Wish`; the mid."""
        message = self._message(customer, kind, wish)
        if text is not None:
            message["text"] = text
        if reply_to is not None:
            message["reply_to"] = self._quoted(reply_to)
        return self._speak(customer, message, at, kind="unsupported" if kind == "unsupported" else "attachment")

    def _message(self, customer: Customer, kind: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        platform = customer.account.platform
        return message_of(kind, Wish(platform=platform, cdn=self.cdn, number=self.world.number(), **wish))

    # -- how they come

    async def arrive(self, customer: Customer, by: str = "ad", *, title: str = "Spring collection") -> None:
        """Come through an `ad`, a `link` (m.me or ig.me) or from a `product` of the shop.

        Who has written before re-enters the conversation, which is told at once; who has not brings it along with
        the first message: https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_referrals
        """
        referral = self._referral(customer, by, title)
        self._note(customer, by, title)
        if customer.bubbles and by != "product":
            await self.refer(customer, referral)
        else:
            customer.arriving = referral
            self.world.changed()

    def _referral(self, customer: Customer, by: str, title: str) -> dict[str, Any]:
        entry = {"type": "OPEN_THREAD"}
        match by:
            case "ad":
                picture = self.cdn.url(self.cdn.put(*sample("post.jpg"), name="ad.jpg"))
                about = {"ad_title": title, "photo_url": picture, "post_id": f"{customer.account.id}_2"}
                return entry | {"ref": "spring", "ad_id": AD, "source": "ADS", "ads_context_data": about}
            case "link":
                handle = customer.account.username
                source = f"https://ig.me/m/{handle}?ref=window" if handle else "SHORTLINK"
                return entry | {"ref": "window", "source": source}
            case "product":
                return {"product": {"id": "55"}}
            case _:
                raise ValueError(f"nobody comes by {by}; there are ad, link and product")

    async def opt_in(self, customer: Customer, title: str | None = None) -> None:
        """Agree to receive messages called *title*; without one, press the button on a website that begins a conversation.

        https://developers.facebook.com/docs/messenger-platform/reference/webhook-events/messaging_optins
        """
        now = self.world.clock()
        if title is None:
            customer.open(now)
        self.world.changed()
        about = {"ref": "checkout"} if title is None else {"type": "notification_messages", "title": title}
        self._tell(customer, "optin", now, {"optin": about})

    async def rate(self, customer: Customer, mid: str, feedback: str = "Good response") -> None:
        """Press one of the thumbs that Meta puts under the business's messages where their presses are subscribed to."""
        self._tell(customer, "feedback", self.world.clock(), {"response_feedback": {"mid": mid, "feedback": feedback}})

    # -- who they are

    async def rename(self, customer: Customer, *, name: str | None = None, username: str | None = None) -> None:
        """Change their name or their username, which Meta tells nobody."""
        if name:
            customer.past_names.append(customer.name or "")
            customer.name = name
        if username:
            customer.username = username
        self._note(customer, "renamed", name or f"@{username}")

    async def new_picture(self, customer: Customer) -> None:
        """Choose another picture; it has another address."""
        customer.pictures += 1
        self._note(customer, "picture")

    def block(self, customer: Customer, *, blocked: bool = True) -> None:
        """Let a customer block the business, or unblock it."""
        customer.blocked = blocked
        self._note(customer, "blocked" if blocked else "unblocked")

    def _note(self, customer: Customer, kind: str, words: str = "") -> None:
        customer.note(kind, self.world.clock(), words)
        self.world.changed()

    # -- other apps, and the business in Meta's own

    async def native_send(
        self, customer: Customer, kind: str | None = None, *, text: str | None = None,
        choices: Sequence[str] = (), app_id: str | None = None, **wish: Any,
    ) -> str:  # fmt: skip
        """Let the business send anything in the Instagram app or the Page inbox, or through another app; the mid.

        choices: quick replies under a text.
        """
        account, now = customer.account, self.world.clock()
        inbox = app_id or (PAGE_INBOX if account.platform == "messenger" else None)
        mid = self.world.mid(account.platform)
        message: dict[str, Any] = {} if kind is None else self._message(customer, kind, wish)
        message |= {} if text is None else {"text": text}
        offered = [{"content_type": "text", "title": title, "payload": title} for title in choices]
        self.world.show(customer, Bubble(mid=mid, from_="business", at=now, text=text, app_id=inbox, native=True,
                                         attachments=message.get("attachments", []), quick_replies=offered,
                                         kind="text" if kind is None else "attachment"))  # fmt: skip
        told = {"mid": mid} | message | ({} if inbox is None else {"app_id": int(inbox)})
        self._tell_echo(customer, echoed(customer, now, told))
        return mid

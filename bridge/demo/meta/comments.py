"""What people write under posts, reels and ads and on broadcasts, and the one private reply that each comment may get.

https://developers.facebook.com/docs/messenger-platform/discovery/private-replies
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from bridge.demo.meta.acts import Acts
from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.world import DAY, HOUR, Account, Comment, Customer, World

PRIVATE_REPLY_LIFE: Final = 7 * DAY
PRIVATE_REPLIES: Final = 750
AD: Final = {"ad_id": "23850000000000001", "ad_title": "春の新作", "original_media_id": "17900000000000001"}
NEEDED: Final = frozenset({"instagram_manage_comments", "instagram_business_manage_comments"})


class Commenting(Acts):
    """The hands of those who comment."""

    async def comment(
        self, account: Account, text: str, *, username: str = "hanako", by: Customer | None = None,
        under: str = "FEED", seen_as: str | None = None, answers: str | None = None, flat: bool = False,
        own: bool = False, at: float | None = None,
    ) -> str:  # fmt: skip
        """Write a comment, by somebody new unless said; the comment's id.

        under: ``FEED``, ``REELS``, ``AD`` or, on Instagram while it is on the air, ``LIVE``. seen_as: their id as a
        commenter, where it is not the one of their messages. answers: the comment it answers. flat: as Meta's pages on
        Instagram Login print it. own: the business itself writes it.
        """
        number, now = self.world.number(), self.world.clock() if at is None else at
        author = by or self.world.meet(
            Customer(id=f"9{number:015d}", account=account, name=username, username=username)
        )
        id_ = account.id if own else seen_as or author.id
        messenger = account.platform == "messenger"
        comment = f"{account.id}_{number}_{number + 1}" if messenger else f"180{number:014d}"
        if messenger:
            value: dict[str, Any] = {"item": "comment", "verb": "add", "comment_id": comment, "message": text}
            value |= {"post_id": f"{account.id}_{number}", "parent_id": answers or f"{account.id}_{number}"}
            value |= {"from": {"id": id_, "name": author.name}, "created_time": int(now)}
            change = {"field": "feed", "value": value}
        else:
            value = {"id": comment, "from": {"id": id_, "username": author.username}, "text": text}
            value["media"] = {"id": f"179{number:014d}", "media_product_type": under}
            value["media"] |= AD if under == "AD" else {}
            value |= {"parent_id": answers} if answers else {}
            change = {"field": "live_comments" if under == "LIVE" else "comments", "value": value}
        author.note("commented", now, text)
        self.world.comments[comment] = Comment(
            id=comment, customer=author, at=now, live=under == "LIVE", change=change, flat=flat
        )
        self._tell_comment(self.world.comments[comment])
        return comment

    def _tell_comment(self, comment: Comment, **changes: Any) -> None:
        value = dict(comment.change["value"]) | changes
        change = dict(comment.change) | {"value": value}
        author, form = comment.customer, "flat" if comment.flat else "changes"
        self.deliveries.tell(author.account, "comment", change, lane=author.id, form=form)  # type: ignore[arg-type]

    async def comment_again(self, comment: str) -> None:
        """Tell of a comment a second time, as happens under a boosted post: the ad's own medium stands in it."""
        known = self.world.comments[comment]
        media = known.change["value"].get("media", {})
        self._tell_comment(known, media=media | AD if media else {}, post={"promotion_status": "active"})

    async def change_comment(self, comment: str, verb: str, text: str | None = None) -> None:
        """Let a Page's comment be `edited`, `remove`d, or hidden by the business (`hide`, `unhide`)."""
        known = self.world.comments[comment]
        if known.customer.account.platform != "messenger":
            raise ValueError("Instagram tells of no change")
        known.gone = known.gone or verb == "remove"
        self._tell_comment(known, verb=verb, **({} if text is None else {"message": text}))

    async def mention(self, account: Account) -> None:
        """Let somebody name the business elsewhere: ids alone are told."""
        number = self.world.number()
        value = {"media_id": f"179{number:014d}", "comment_id": f"180{number:014d}"}
        self.deliveries.tell(account, "comment", {"field": "mentions", "value": value}, form="changes")

    def end_broadcast(self, account: Account) -> None:
        """End the broadcast: nothing that was said on it can be answered any more."""
        for comment in self.world.comments.values():
            comment.over = comment.over or (comment.live and comment.customer.account is account)


class PrivateReplies:
    """Which comments may be answered, and how many an hour."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._recent: dict[str, deque[float]] = {}

    def commenter(self, accounts: list[Account], comment_id: str) -> tuple[Customer, Comment]:
        """One private answer to a comment, within seven days of it; to one on a broadcast while that lasts."""
        comment = self._world.comments.get(comment_id)
        if comment is None or comment.customer.account not in accounts or not self._open(comment):
            raise GraphError(100, 2534025)
        return comment.customer, comment

    def _open(self, comment: Comment) -> bool:
        late = self._world.clock() >= comment.at + PRIVATE_REPLY_LIFE
        return not (comment.answered or comment.gone or comment.over or late)

    def count(self, account: Account, scopes: Callable[[], set[str]]) -> None:
        """Refuse what lacks the permission, and what comes beyond 750 an hour."""
        if account.platform == "instagram" and not scopes() & NEEDED:
            raise GraphError(10)
        now = self._world.clock()
        recent = self._recent.setdefault(account.id, deque())
        while recent and recent[0] <= now - HOUR:
            recent.popleft()
        if len(recent) >= PRIVATE_REPLIES:
            raise GraphError(613)
        recent.append(now)

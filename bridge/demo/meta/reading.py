"""What the Graph API answers to a GET: accounts, profiles, conversations, messages, tokens.

https://developers.facebook.com/docs/messenger-platform/conversations
https://developers.facebook.com/docs/messenger-platform/instagram/features/user-profile
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bridge.demo.meta.errors import GraphError
from bridge.demo.meta.fields import Fields, parse
from bridge.demo.meta.media import Cdn
from bridge.demo.meta.world import DAY, Account, Bubble, Customer, Token, World

Link = Callable[[Mapping[str, str]], str]
Links = Callable[[str], Link]
NEWEST: Final = 20
REQUESTS_LIFE: Final = 30 * DAY
PAGE_FIELDS: Final = frozenset(
    {"id", "name", "category", "link", "username", "access_token", "tasks", "instagram_business_account"}
    | {"messaging_feature_status", "picture"}
)
IG_FIELDS: Final = frozenset({"id", "username", "name", "profile_picture_url", "followers_count"})
IGL_FIELDS: Final = IG_FIELDS | {"user_id", "account_type", "media_count", "follows_count"}
PICTURE: Final = "profile_pic"
PSID_FIELDS: Final = frozenset({"id", "name", "first_name", "last_name", "profile_pic", "locale", "timezone", "gender"})
IGSID_FIELDS: Final = frozenset(
    {"id", "name", "username", "profile_pic", "is_verified_user", "follower_count"}
    | {"is_user_follow_business", "is_business_follow_user"}
)
THREAD_FIELDS: Final = frozenset(
    """id updated_time participants is_owner messages can_reply folder link message_count scoped_thread_key senders
    snippet unread_count""".split()
)
MESSAGE_FIELDS: Final = frozenset(
    "id created_time from to message attachments shares story reactions reply_to is_unsupported tags sticker".split()
)
FILED: Final = frozenset({"image", "video", "audio", "file", "sticker"})
SHARED: Final = frozenset({"share", "post", "ig_post", "reel", "ig_reel", "fallback"})


def stamp(at: float) -> str:
    """A time as the Graph API writes it, in UTC to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


class Reading:
    """Answers from what the world holds; changes nothing but the waking of a creator's account."""

    def __init__(self, world: World, cdn: Cdn) -> None:
        self.world = world
        self.cdn = cdn
        self.lists_unsent = True
        """Whether a message that was taken back still stands in lists, by its id alone; Meta's pages do not say."""
        self.left_out: set[str] = set()
        """Messages missing from pages, which are then shorter than their limit, as Graph's may be."""

    # -- accounts and tokens

    def account(self, account: Account, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`GET /me` or `GET /{id}` of a Page or an Instagram account."""
        if account.platform == "messenger":
            fields, known = parse(str(arguments.get("fields", "")), "id,name"), PAGE_FIELDS
        elif account.login == "instagram":
            fields, known = parse(str(arguments.get("fields", "")), "id"), IGL_FIELDS
        else:
            fields, known = parse(str(arguments.get("fields", "")), "id"), IG_FIELDS
        fields.refuse_unknown(known)
        return _chosen(fields, self._account_values(account), needed=account.login == "facebook")

    def _account_values(self, account: Account) -> dict[str, Any]:
        values: dict[str, Any] = {"id": account.id, "name": account.name, "username": account.username}
        if account.platform == "instagram":
            values["profile_picture_url"] = self.cdn.avatar_url("account", account.id)
            if account.login == "instagram":
                kind = "PERSONAL" if account.personal else "MEDIA_CREATOR" if account.creator else "BUSINESS"
                values |= {"id": account.app_scoped_id, "user_id": account.id, "account_type": kind}
            return values
        values |= {"category": "Business", "access_token": account.token, "tasks": ["MESSAGING", "MODERATE", "MANAGE"]}
        values["messaging_feature_status"] = {"hop_v2": False, "msgr_multi_app": True, "ig_multi_app": False}
        linked = self.world.accounts.get(account.linked_instagram or "")
        if account.linked_instagram is not None and not (linked and linked.unlinked):
            name = {"username": linked.username} if linked is not None else {}
            values["instagram_business_account"] = {"id": account.linked_instagram} | name
        return values

    def accounts(
        self, owned: list[tuple[Account, Sequence[str]]], arguments: Mapping[str, Any], link: Link
    ) -> dict[str, Any]:
        """`GET /me/accounts`: the Pages a person manages, each with their tasks there and its token."""
        fields = parse(str(arguments.get("fields", "")), "id,name,access_token,category,tasks")
        fields.refuse_unknown(PAGE_FIELDS)
        rows = [
            _chosen(fields, self._account_values(page) | {"tasks": list(tasks)}, needed=True) for page, tasks in owned
        ]
        return paged(rows, arguments, default=25, link=link)

    def debug_token(self, token: Token | None, error: GraphError | None) -> dict[str, Any]:
        """`GET /debug_token`: what is known about a token, also about a dead one."""
        if token is None or token.kind == "INSTAGRAM":
            problem = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
            return {"data": {"error": problem, "is_valid": False, "scopes": []}}
        scopes = sorted(token.scopes)
        data: dict[str, Any] = {"app_id": self.world.app_id, "type": token.kind, "application": "Threadbridge"}
        data |= {"is_valid": error is None, "issued_at": int(token.issued_at), "expires_at": int(token.expires_at)}
        data |= {
            "data_access_expires_at": int(token.data_access_expires_at),
            "scopes": scopes,
            "user_id": token.owner if token.kind == "USER" else "1220000000000001",
        }
        if token.kind == "PAGE":
            data |= {"profile_id": token.owner}
            data["granular_scopes"] = [
                {"scope": scope, "target_ids": ["1048570000000009" if token.elsewhere else token.owner]}
                for scope in scopes
            ]
        if error is not None:
            subcode = {} if error.subcode is None else {"subcode": error.subcode}
            data["error"] = {"code": 190, "message": error.message} | subcode
        return {"data": data}

    # -- profiles

    def profile(self, customer: Customer, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`GET /{psid}` or `GET /{igsid}`: who a customer is, if they may be known."""
        messenger = customer.account.platform == "messenger"
        if isinstance(customer.profile, str):
            raise GraphError.named(customer.profile)
        if not customer.profile or customer.blocked:
            raise GraphError(100, 2018218) if messenger else GraphError(100, 33)
        if not messenger and customer.last_act is None:
            raise GraphError(230)  # consent: they wrote to us, or tapped
        pictured = self.world.picture_field if customer.account.login == "instagram" else PICTURE
        known = PSID_FIELDS if messenger else IGSID_FIELDS - {PICTURE} | {pictured}
        fields = parse(
            str(arguments.get("fields", "")), "first_name,last_name,profile_pic,id" if messenger else "name,id"
        )
        fields.refuse_unknown(known)
        own = self.cdn.avatar_url(customer.account.id, customer.id, number=customer.pictures)
        picture = own if customer.picture else None
        first, _, last = (customer.name or "").partition(" ")
        values: dict[str, Any] = {"id": customer.id, "name": customer.name, pictured: picture}
        if messenger:
            values |= {"first_name": first or None, "last_name": last or None}
        else:
            values |= {"username": customer.username, "is_verified_user": customer.verified}
            values |= {"follower_count": customer.followers, "is_business_follow_user": False}
            values |= {"is_user_follow_business": customer.follows}
        return _chosen(fields, values, needed=True)

    # -- conversations

    def conversations(self, account: Account, arguments: Mapping[str, Any], links: Links) -> dict[str, Any]:
        """`GET /{id}/conversations`: threads, the one with the latest word first."""
        fields = parse(str(arguments.get("fields", "")), "id,updated_time")
        fields.refuse_unknown(THREAD_FIELDS)
        wanted = arguments.get("user_id")
        threads = [
            c for c in account.customers.values() if c.bubbles and wanted in {None, c.id} and not self._buried(c)
        ]
        threads.sort(key=lambda customer: customer.bubbles[-1].at, reverse=True)
        rows = [self._thread(customer, fields, links) for customer in threads]
        return paged(rows, arguments, default=25, link=links("conversations"))

    def _buried(self, customer: Customer) -> bool:
        """In the requests folder (never answered) and silent for 30 days: not listed any more."""
        answered = any(bubble.from_ == "business" for bubble in customer.bubbles)
        silent = self.world.clock() - customer.bubbles[-1].at >= REQUESTS_LIFE
        return customer.account.platform == "instagram" and not answered and silent

    def conversation(self, customer: Customer, arguments: Mapping[str, Any], links: Links) -> dict[str, Any]:
        """`GET /{conversation-id}`: one thread."""
        fields = parse(str(arguments.get("fields", "")), "id,updated_time")
        fields.refuse_unknown(THREAD_FIELDS)
        return self._thread(customer, fields, links)

    def _thread(self, customer: Customer, fields: Fields, links: Links) -> dict[str, Any]:
        values: dict[str, Any] = {"id": customer.conversation, "updated_time": stamp(customer.bubbles[-1].at)}
        people = [self._person(customer, "customer"), self._person(customer, "business")]
        values |= {"participants": {"data": people}, "senders": {"data": people}, "folder": "inbox"}
        values |= {"message_count": len(customer.bubbles), "can_reply": True, "unread_count": 0}
        values |= {
            "snippet": customer.bubbles[-1].text or "",
            "is_owner": self.world.held_by_us(customer),
        }
        if "messages" in fields.inner:
            values["messages"] = self._messages(customer, fields.inner["messages"], {}, links)
        return _chosen(fields, values, needed=True)

    def messages(self, customer: Customer, arguments: Mapping[str, Any], links: Links) -> dict[str, Any]:
        """`GET /{conversation-id}/messages`: the messages of one thread, newest first."""
        fields = parse(str(arguments.get("fields", "")), "id,created_time")
        return self._messages(customer, fields, arguments, links)

    def _messages(self, customer: Customer, fields: Fields, asked: Mapping[str, Any], links: Links) -> dict[str, Any]:
        fields.refuse_unknown(MESSAGE_FIELDS)
        wanted = fields if fields.inner else Fields(inner={"id": Fields(), "created_time": Fields()})
        shown = [bubble for bubble in customer.bubbles if self.lists_unsent or not bubble.removed]
        rows = [self._listed(customer, bubble, wanted) for bubble in reversed(shown)]
        link = links(f"{customer.conversation}/messages")
        page = paged(rows, asked, default=fields.limit or 25, link=link)
        return page | {"data": [row for row in page["data"] if row["id"] not in self.left_out]}

    def _listed(self, customer: Customer, bubble: Bubble, fields: Fields) -> dict[str, Any]:
        """A message in a list: details only while it is readable, its id always."""
        if bubble.removed or not self._among_newest(customer, bubble):
            return {"id": bubble.mid, "created_time": stamp(bubble.at)}
        return self._message(customer, bubble, fields)

    def _among_newest(self, customer: Customer, bubble: Bubble) -> bool:
        living = [each for each in customer.bubbles if self.lists_unsent or not each.removed or each is bubble]
        return any(recent is bubble for recent in living[-NEWEST:])

    def message(self, customer: Customer, bubble: Bubble, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`GET /{message-id}`: one message, if it is among the 20 newest and was not taken back."""
        fields = parse(str(arguments.get("fields", "")), "id,created_time")
        fields.refuse_unknown(MESSAGE_FIELDS)
        if bubble.removed or not self._among_newest(customer, bubble):
            raise GraphError(9000001)
        return self._message(customer, bubble, fields)

    def _message(self, customer: Customer, bubble: Bubble, fields: Fields) -> dict[str, Any]:
        mine = bubble.from_ == "business"
        other = self._person(customer, "customer" if mine else "business")
        values: dict[str, Any] = {"id": bubble.mid, "created_time": stamp(bubble.at), "message": bubble.text or ""}
        values |= {"from": self._person(customer, bubble.from_), "to": {"data": [other]}}
        stories = [a["payload"]["url"] for a in bubble.attachments if a["type"] == "story_mention"]
        shares = [a["payload"] for a in bubble.attachments if a["type"] in SHARED]
        files = [self._file(n, a) for n, a in enumerate(bubble.attachments) if a["type"] in FILED]
        if files:
            values["attachments"] = {"data": files}
        if shares:
            values["shares"] = {"data": [{"link": share["url"], "name": share.get("title")} for share in shares]}
        if stories:
            values["story"] = {"mention": {"link": stories[0], "id": f"178{self.world.version:014d}"}}
        if bubble.reply_to is not None and "story" in bubble.reply_to:
            story = bubble.reply_to["story"]
            values["story"] = {"reply_to": {"link": story["url"], "id": story["id"]}}
        elif bubble.reply_to is not None:
            values["reply_to"] = bubble.reply_to
        if bubble.reactions:
            signs = [
                {"reaction": sign, "users": [self._person(customer, side)]} for side, sign in bubble.reactions.items()
            ]
            values["reactions"] = {"data": signs}
        if bubble.kind == "unsupported" or any(a["type"] == "ephemeral" for a in bubble.attachments):
            values["is_unsupported"] = True
        return _chosen(fields, values, needed=True)

    @staticmethod
    def _file(number: int, attachment: Mapping[str, Any]) -> dict[str, Any]:
        payload = attachment.get("payload") or {}
        url, kind = payload.get("url"), attachment["type"]
        shape: dict[str, dict[str, Any]] = {
            "image": {"image_data": {"url": url}},
            "sticker": {"image_data": {"url": url, "render_as_sticker": True}},
            "video": {"video_data": {"url": url}},
        }
        return {"id": str(payload.get("attachment_id", number)), "name": kind} | shape.get(kind, {"file_url": url})

    @staticmethod
    def _person(customer: Customer, side: str) -> dict[str, Any]:
        account = customer.account
        if account.platform == "instagram":
            one = customer if side == "customer" else account
            return {"username": one.username or one.id, "id": one.id}
        if side == "business":
            return {"name": account.name, "email": f"{account.id}@facebook.com", "id": account.id}
        return {"name": customer.name or "Facebook user", "email": f"{customer.id}@facebook.com", "id": customer.id}


def _chosen(fields: Fields, values: Mapping[str, Any], *, needed: bool) -> dict[str, Any]:
    """The asked fields that have a value; the id comes along unasked where `needed`."""
    chosen = {name: _inner(inner, values[name]) for name, inner in fields.inner.items() if values.get(name) is not None}
    return chosen | ({"id": values["id"]} if needed else {})


def _inner(fields: Fields, value: Any) -> Any:
    if fields.inner and isinstance(value, Mapping) and "data" not in value:
        return {name: value[name] for name in [*fields.inner, "id"] if name in value}
    return value


def paged(rows: list[dict[str, Any]], asked: Mapping[str, Any], *, default: int, link: Link) -> dict[str, Any]:
    """One page of a list with Meta's cursors; `link` turns the next cursor into the address of the next page."""
    size = _natural(asked.get("limit"), default)
    start = _natural(asked.get("after"), 0)
    page = rows[start : start + size]
    if not page:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": str(start), "after": str(start + len(page))}}
    if start + size < len(rows):
        paging["next"] = link({"after": str(start + size), "limit": str(size)})
    return {"data": page, "paging": paging}


def _natural(given: object, default: int) -> int:
    if given is None:
        return default
    if not str(given).isdecimal():
        raise GraphError(100, message="Param limit and after must be what the API gave or a number")
    return int(str(given))

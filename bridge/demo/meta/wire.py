"""What goes over the wire to the webhook: items, fields, bytes and signatures. Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

from bridge.demo.meta.world import Account, Customer

# The names of one kind of event on a Page and on Instagram (some plural, some not):
# https://developers.facebook.com/docs/messenger-platform/webhooks
# https://developers.facebook.com/docs/instagram-platform/webhooks
FIELDS: Final[Mapping[str, tuple[str | None, str | None]]] = {
    "message": ("messages", "messages"),
    "echo": ("message_echoes", "messages"),
    "edit": ("message_edits", "message_edit"),
    "reaction": ("message_reactions", "message_reactions"),
    "read": ("message_reads", "messaging_seen"),
    "delivery": ("message_deliveries", None),
    "postback": ("messaging_postbacks", "messaging_postbacks"),
    "referral": ("messaging_referrals", "messaging_referral"),
    "optin": ("messaging_optins", "messaging_optins"),
    "feedback": ("response_feedback", "response_feedback"),
    "handover": ("messaging_handovers", "messaging_handover"),
    "policy": ("messaging_policy_enforcement", "messaging_policy_enforcement"),
    "standby": ("standby", "standby"),
    "comment": ("feed", "comments"),
}

PAGE_FIELDS: Final = frozenset(
    """messages message_echoes message_edits message_reactions message_deliveries message_reads messaging_postbacks
    messaging_referrals messaging_optins messaging_optouts messaging_handovers standby messaging_policy_enforcement
    response_feedback messaging_feedback feed mention message_context message_mention messaging_appointments
    messaging_integrity business_integrity message_template_status_update messaging_account_linking send_cart calls
    leadgen conversations""".split()
)
INSTAGRAM_FIELDS: Final = frozenset(
    """messages message_echoes message_edit message_reactions messaging_postbacks messaging_referral messaging_seen
    messaging_handover standby messaging_optins messaging_policy_enforcement response_feedback comments live_comments
    mentions story_insights story_reactions share_to_story follow""".split()
)


def wanted(kind: str, account: Account, installation: Account) -> bool:
    """Whether the subscription asks for this kind; an unknown kind goes wherever there is a subscription at all.

    Instagram through a Page gets everything once the Page is subscribed: fields cannot be chosen per account there.
    """
    fields = installation.subscribed_fields
    if account.page or kind not in FIELDS:
        return bool(fields) and (kind not in FIELDS or FIELDS[kind][1] is not None)
    name = FIELDS[kind][account.platform == "instagram"]
    if kind == "echo" and account.platform == "instagram":
        return bool(fields & {"messages", "message_echoes"})
    return name in fields


def milliseconds(at: float) -> int:
    """Seconds since the epoch as Meta writes event times."""
    return round(at * 1000)


def said(customer: Customer, at: float, what: Mapping[str, Any]) -> dict[str, Any]:
    """An item about what the customer did at `at`."""
    ends = {"sender": {"id": customer.id}, "recipient": {"id": customer.account.id}}
    return ends | {"timestamp": milliseconds(at)} | dict(what)


def echoed(customer: Customer, at: float, message: Mapping[str, Any]) -> dict[str, Any]:
    """An item about what the business said at `at`, by whichever app."""
    ends = {"sender": {"id": customer.account.id}, "recipient": {"id": customer.id}}
    return ends | {"timestamp": milliseconds(at), "message": dict(message) | {"is_echo": True}}


def escaped(body: Any) -> bytes:
    r"""JSON the way Meta writes and signs it: ASCII, `\u` with lowercase hex, slashes as `\/`."""
    return json.dumps(body, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def signature(raw: bytes, secret: str, algorithm: str = "sha256") -> str:
    """The value of `X-Hub-Signature-256`, or of the older `X-Hub-Signature` with `sha1`."""
    return f"{algorithm}={hmac.new(secret.encode(), raw, getattr(hashlib, algorithm)).hexdigest()}"


def proof(token: str, secret: str) -> str:
    """The `appsecret_proof` of a token. https://developers.facebook.com/docs/graph-api/guides/secure-requests"""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def signed_request(user_id: str, issued_at: int, secret: str) -> str:
    """The form field of the deauthorize and data-deletion callbacks; `issued_at` in seconds since the epoch.

    https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
    """
    what = {"user_id": user_id, "algorithm": "HMAC-SHA256", "issued_at": issued_at}
    payload = _unpadded(json.dumps(what).encode())
    return f"{_unpadded(hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest())}.{payload}"


def _unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

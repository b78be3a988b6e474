"""Who is there: one workspace, one Page, made-up secrets, and what Meta and Slack would say of it, signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from urllib.parse import urlsplit

from bridge.config import Config, Secret

TEAM, CHANNEL, ALERTS, BOT_USER, BOT, AGENT = "T0BENCH", "C0SUPPORT", "C0ALERTS", "U0BRIDGE", "B0BRIDGE", "U0AKI"
PAGE, ACCOUNT = "104857600000001", 1
META_SECRET, SLACK_SECRET = "made-up-app-secret", "made-up-signing-secret"
KEY = "YmVuY2htYXJrLWJlbmNobWFyay1iZW5jaG1hcmstITE="
NOBODY = "http://127.0.0.1:9"
META, SLACK = "/meta/webhook", "/slack/events"
PATHS = {"meta": META, "slack": SLACK}


def config(database: str, other: str, *, slack: str | None = None, paced: bool = False) -> Config:
    """The settings of an operator who lifts the pace, unless *paced*. *other*: where Slack and Meta are."""
    return Config(
        _env_file=None,
        database_url=database,
        secret_key=Secret(KEY),
        slack_bot_token=Secret("xoxb-made-up"),
        slack_signing_secret=Secret(SLACK_SECRET),
        meta_app_secret=Secret(META_SECRET),
        meta_verify_token=Secret("made-up"),
        port=0,
        slack_api_url=slack or f"{other}/api/",
        graph_url=other,
        instagram_graph_url=other,
        facebook_url=other,
        instagram_url=other,
        instagram_api_url=other,
        media_hosts=(urlsplit(other).netloc,),
        slack_posts_per_second=1 if paced else 0,
        slack_posts_per_minute=300 if paced else 0,
    )


def customer_of(conversation: int) -> str:
    return f"24{conversation:014}"


def root_of(conversation: int) -> str:
    """The time stamp of a conversation's card."""
    return f"1700000000.{conversation:06}"


def ref(ts: str) -> str:
    return f"{CHANNEL}:{ts}"


def request_of(kind: str, conversation: int, once: str) -> bytes:
    """A whole signed HTTP request: a customer's words, or an agent's in the conversation's thread. *once* stands in them."""
    return meta_request(conversation, once) if kind == "meta" else slack_request(conversation, once)


def meta_request(conversation: int, once: str) -> bytes:
    now = int(time.time() * 1000)
    message = {"mid": f"m_{once}", "text": f"在庫ありますか？ {once}"}
    said = {
        "sender": {"id": customer_of(conversation)}, "recipient": {"id": PAGE}, "timestamp": now, "message": message
    }  # fmt: skip
    delivery = {"object": "page", "entry": [{"id": PAGE, "time": now, "messaging": [said]}]}
    body = json.dumps(delivery).encode()
    signature = hmac.new(META_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return _post(META, body, {"X-Hub-Signature-256": f"sha256={signature}"})


def slack_request(conversation: int, once: str) -> bytes:
    text, now = f"ございます。 {once}", time.time()
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    ts = f"{now:.6f}"
    event = {
        "user": AGENT, "type": "message", "ts": ts, "text": text, "team": TEAM, "thread_ts": root_of(conversation),
        "parent_user_id": BOT_USER, "channel": CHANNEL, "event_ts": ts, "channel_type": "channel",
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": [section]}],
    }  # fmt: skip
    installed = {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
    envelope = {
        "token": "deprecated", "team_id": TEAM, "api_app_id": "A0", "type": "event_callback", "event_id": f"Ev{once}",
        "event_time": int(now), "authorizations": [installed], "event": event,
    }  # fmt: skip
    body, stamp = json.dumps(envelope).encode(), str(int(now))
    signature = hmac.new(SLACK_SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return _post(SLACK, body, {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"})


def _post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    usual = {"Host": "bench", "Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (usual | headers).items()), "", ""]
    return "\r\n".join(lines).encode() + body

"""What customers do and send becomes facts: each kind by its word, with its address, and with what it opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bridge.meta import kinds
from bridge.model.state import Opener
from bridge.wording import LANGUAGES, load, placeholders
from tests.meta.hearing import EVENT_TIME, IGID, IGSID, MEANT_FOR_PEOPLE, PAGE, PERSON, told

AD = {"ad_id": "238500", "source": "ADS", "type": "OPEN_THREAD", "ads_context_data": {"ad_title": "春の新作"}}
LINK = {"ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD"}
STOPPED = {"type": "notification_messages", "notification_messages_status": "STOP_NOTIFICATIONS"}
ANSWER = {"type": "csat", "payload": "4", "follow_up": {"type": "free_form", "payload": "親切でした"}}
SURVEY = {"feedback_screens": [{"screen_id": "0", "questions": {"q1": ANSWER}}]}
CDN = {"url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1"}
STORY = {"url": "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=2", "id": "17890000000000042"}


@pytest.mark.parametrize(
    ("what", "kind", "text", "opener"),
    [
        ({"message": {"mid": "m", "text": "はい", "quick_reply": {"payload": "Y"}}}, "quick_reply", "はい", "message"),
        ({"message": {"mid": "m", "text": "これ", "reply_to": {"mid": "m_9xPz"}}}, "text", "これ", "message"),
        ({"message": {"mid": "m", "text": "わ", "reply_to": {"story": STORY}}}, "text", "わ", "message"),
        ({"message": {"mid": "m", "is_unsupported": True}}, "unsupported", None, "message"),
        ({"message": {"mid": "m", "text": "詳細を", "referral": AD}}, "text", "詳細を", "ad_message"),
        ({"message": {"mid": "m", "text": "これ", "referral": {"product": {"id": "5"}}}}, "text", "これ", "message"),
        ({"message": {"mid": "m"}}, "unsupported", None, "message"),
        ({"postback": {"mid": "m", "title": "営業時間", "payload": "H"}}, "postback", "営業時間", "postback"),
        ({"postback": {"title": "GS", "payload": "GS", "referral": LINK}}, "postback", "GS", "postback"),
        ({"postback": {"title": "Get Started", "payload": "GS"}}, "postback_start", None, "postback"),
        ({"postback": {"title": "スタート", "payload": "GET_STARTED"}}, "postback_start", None, "postback"),
        ({"postback": {"title": "価格", "payload": "P", "referral": AD}}, "postback", "価格", "ad_postback"),
        ({"postback": {"mid": "m"}}, "postback_untitled", None, "postback"),
        ({"referral": LINK}, "referral_named", None, "link"),
        ({"referral": {"source": "SHORTLINK", "type": "OPEN_THREAD"}}, "referral", None, "link"),
        ({"referral": {"source": "CUSTOMER_CHAT_PLUGIN"}}, "referral_site", None, "link"),
        ({"referral": AD}, "ad", None, "ad_click"),
        ({"referral": {"source": "ADS"}}, "ad_untitled", None, "ad_click"),
        ({"optin": {"ref": "newsletter"}}, "wrote_through_site", None, "plugin"),
        ({"optin": {"type": "notification_messages", "title": "新着"}}, "subscribed_to", "新着", None),
        ({"optin": {"type": "notification_messages"}}, "subscribed", None, None),
        ({"optin": STOPPED}, "subscription_stopped", None, None),
        ({"response_feedback": {"mid": "m_out1", "feedback": "Good response"}}, "feedback", "Good response", None),
        ({"messaging_feedback": SURVEY}, "survey", "4 · 親切でした", None),
        ({"something_new": {"mid": "m"}}, "unknown", None, None),
        ({}, "unknown", None, None),
    ],
)
@pytest.mark.parametrize("instagram", [False, True])
def test_each_act_of_a_customer_has_its_kind_and_opens_what_meta_says(
    what: dict[str, Any], kind: str, text: str | None, opener: str | None, instagram: bool
) -> None:
    """M-04, M-07, F2, I-15: messages, postbacks, links and reactions open the window; edits and unsends do not."""
    fact = told(what, instagram=instagram)
    assert (fact.kind, fact.text, fact.opener) == (kind, text, opener)
    assert (fact.account, fact.customer) == ((IGID, IGSID) if instagram else (PAGE, PERSON))


REEL, REEL_AT = "https://www.facebook.com/reel/9/", "https://www.instagram.com/reel/123/"
TO = {"address": MEANT_FOR_PEOPLE}
CDN_AT = {"address": CDN["url"]}
STICKER = {"type": "image", "payload": CDN | {"sticker_id": 5}}
PLACE = {"coordinates": {"lat": 35.6, "long": 139.7}}
MAP = "https://www.google.com/maps/search/?api=1&query=35.6%2C139.7"
DETOUR = "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.instagram.com%2Fp%2FCabc%2F&h=AT0"


@pytest.mark.parametrize(
    ("attachments", "found"),
    [
        ([{"type": "image", "payload": CDN}], [("image", CDN_AT)]),
        ([{"type": "image", "payload": CDN}] * 2, [("image", CDN_AT)] * 2),
        ([STICKER, {"type": "sticker", "payload": {}}], [("sticker", CDN_AT)]),
        ([STICKER, {"type": "sticker", "payload": {"sticker_id": "5"}}], [("sticker", CDN_AT)]),
        ([{"type": "sticker", "payload": {"sticker_id": "5"}}, STICKER], [("sticker", CDN_AT)]),
        ([STICKER, {"type": "sticker", "payload": {"sticker_id": "6"}}], [("sticker", CDN_AT), ("sticker", {})]),
        ([{"type": "image", "payload": CDN}, {"type": "sticker", "payload": {"sticker_id": 5}}],
         [("image", CDN_AT), ("sticker", {})]),
        ([{"type": "sticker", "payload": {"sticker_id": 369239263222822} | CDN}], [("like", {})]),
        ([{"type": "like_heart"}], [("heart", {})]),
        ([{"type": "location", "payload": PLACE}], [("location", {"address": MAP, "title": "35.6, 139.7"})]),
        ([{"type": "location", "payload": {"coordinates": {"lat": 91, "long": True}}}], [("location", {})]),
        ([{"type": "fallback", "title": "T", "url": MEANT_FOR_PEOPLE, "payload": None}], [("link", TO | {"title": "T"})]),
        ([{"type": "fallback", "payload": {"url": DETOUR}}], [("link", TO)]),
        ([{"type": "fallback", "payload": {"url": "javascript:alert(1)"}}], [("link", {})]),
        ([{"type": "template", "payload": {"template_type": "generic"}}], [("template", {})]),
        ([{"type": "template", "payload": {"product": {"elements": []}}}], [("product", {})]),
        ([{"type": "ig_reel", "payload": {"url": "/reel/123/", "title": "R"}}],
         [("reel", {"address": REEL_AT, "title": "R"})]),
        ([{"type": "reel", "payload": {"url": REEL}}], [("reel", {"address": REEL})]),
        ([{"type": "reel", "payload": {"url": "/reel/123/"}}], [("reel", {"address": REEL_AT})]),
        ([{"type": "share", "payload": {"url": MEANT_FOR_PEOPLE}}], [("share", TO)]),
        ([{"type": "share", "payload": {"url": MEANT_FOR_PEOPLE}}, {"type": "ig_post", "payload": {}}], [("share", TO)]),
        ([{"type": "ig_post", "payload": {"id": "1"}}, {"type": "share", "payload": {"ig_post_media_id": 2}}],
         [("share", {}), ("share", {})]),
        ([{"type": "ephemeral"}], [("ephemeral", {})]),
        ([{"type": "unsupported_type", "payload": CDN}], [("unsupported", CDN_AT)]),
        ([{"type": "hologram", "payload": {"x": 1}}], [("unknown", {"title": "hologram"})]),
        ([{"type": ["image"]}], [("unknown", {"title": "?"})]),
        ([7], [("unknown", {"title": "?"})]),
        ({"type": "image", "payload": CDN}, [("image", CDN_AT)]),
    ],
)  # fmt: skip
def test_each_attachment_is_one_thing_with_its_address_and_no_unknown_one_breaks_anything(
    attachments: Any, found: list[tuple[str, dict[str, str]]]
) -> None:
    """M-04, M-27, CT-09: what Meta sends in two forms is one; an address is made whole, and opens in a browser."""
    fact = told({"message": {"mid": "m", "attachments": attachments}}, instagram=True)
    assert (fact.kind, fact.text, fact.opener) == (found[0][0], None, Opener.MESSAGE)
    read_as = [(one.kind, {"address": one.address, "title": one.title}) for one in fact.attachments]
    assert read_as == [(kind, {"address": None, "title": None} | more) for kind, more in found]
    assert [one.seq for one in fact.attachments] == list(range(1, len(found) + 1))


@pytest.mark.parametrize(
    "message",
    [
        {"text": "わ", "reply_to": {"story": STORY}},
        {"attachments": [{"type": "story_mention", "payload": STORY}]},
        {"attachments": [{"type": "ig_story", "payload": STORY}]},
    ],
)
def test_a_story_is_an_address_for_a_day(message: dict[str, Any]) -> None:
    """F6, CT-12, CT-13, CT-37: nothing but the address is kept, and until when it can be seen; it opens the window."""
    fact = told({"message": {"mid": "m"} | message}, instagram=True)
    (story,) = fact.attachments
    assert (story.address, story.expires_at) == (STORY["url"], EVENT_TIME + timedelta(hours=24))
    assert fact.opener is Opener.MESSAGE


@pytest.mark.parametrize(
    ("message", "kinds_told"),
    [
        ({"text": "詳細を", "referral": AD}, [("ad", "春の新作")]),
        ({"text": "これ", "referral": {"product": {"id": "55"}}}, [("product_asked", "55")]),
        ({"text": "hi", "referral": {"source": "SHORTLINK"}}, [("referral", None)]),
        ({"text": "see https://a.jp", "attachments": [{"type": "fallback", "payload": {"url": "https://a.jp"}}]}, []),
        ({"text": "see this", "attachments": [{"type": "fallback"}]}, []),
        ({"text": "see", "attachments": [{"type": "fallback", "payload": {"url": "https://a.jp"}}]}, [("link", None)]),
    ],
)
def test_a_text_stays_a_text_beside_what_comes_with_it(message: dict[str, Any], kinds_told: list[Any]) -> None:
    """M-07: where the customer came from is told beside the words; a preview of what the words say is not."""
    fact = told({"message": {"mid": "m"} | message})
    assert (fact.kind, fact.text) == ("text", message["text"])
    assert [(one.kind, one.title) for one in fact.attachments] == kinds_told


@pytest.mark.parametrize(
    ("booking", "kind", "title"),
    [
        ({"status": "requested", "start_time": 1772672400, "end_time": 1772676000, "timezone": "Asia/Tokyo"},
         "appointment_requested", "2026-03-05 10:00–11:00 (Asia/Tokyo)"),
        ({"status": "confirmed", "start_time": 1772672400, "end_time": 1772762400},
         "appointment_confirmed", "2026-03-05 01:00 – 2026-03-06 02:00 (UTC)"),
        ({"status": "cancelled", "start_time": "1772672400", "timezone": "Nowhere/At all"},
         "appointment_cancelled", "2026-03-05 01:00 (UTC)"),
        ({"status": {}, "timezone": "../../etc/passwd"}, "appointment", None),
    ],
)  # fmt: skip
def test_an_appointment_tells_its_state_and_time_in_its_own_zone(
    booking: dict[str, Any], kind: str, title: str | None
) -> None:
    """M-04: nobody has to reckon."""
    fact = told({"message": {"mid": "m", "attachments": [{"type": "appointment_booking", "payload": booking}]}})
    assert (fact.kind, fact.attachments[0].title) == (kind, title)


def test_a_message_of_which_only_a_new_field_could_be_shown_is_told_by_that_field() -> None:
    """M-24: and an empty one is one that cannot be shown."""
    assert [one.title for one in told({"message": {"mid": "m", "poll": {"q": "?"}}}).attachments] == ["poll"]
    assert told({"message": {"mid": "m", "text": "hi", "poll": {}}}).attachments == ()
    assert told({"message": {"mid": "m"}}).kind == "unsupported"
    assert [one.title for one in told({"gift": {"x": 1}}).attachments] == ["gift"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_its_words(language: str) -> None:
    """M-24: whatever can come out of a webhook can be shown."""
    catalogue = load(language)
    for kind in kinds.KINDS - {"text"}:
        assert ("text" in placeholders(catalogue[f"kind.{kind}"])) == (kind in kinds.WITH_TEXT), kind

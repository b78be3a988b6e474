"""Deliveries become raw items, and raw items facts: every shape that Meta is known to send, and any other."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.meta import kinds
from bridge.meta.parse import MetaParser, found_echo, found_profile, split
from bridge.model.facts import CustomerWrote, EchoHeard, Fact, Ignored, ProfileLearnt
from bridge.model.ids import RemoteId
from bridge.model.outcomes import RawItem
from bridge.model.state import Known, Opener, Platform
from bridge.wording import LANGUAGES, load, placeholders

HEARD = datetime(2026, 2, 27, 12, 0, tzinfo=UTC)
PAGE, PERSON = "104857600000001", "7200000000000011"
IGID, IGSID = "17841400000000077", "900000000000001"
EVENT_TIME = datetime(2026, 2, 26, 22, 0, 0, 100_000, tzinfo=UTC)
MILLISECONDS = int(EVENT_TIME.timestamp() * 1000)
MEANT_FOR_PEOPLE = "https://www.instagram.com/p/Cabc/"


def item(what: dict[str, Any], *, instagram: bool = False, **more: Any) -> dict[str, Any]:
    customer, account = (IGSID, IGID) if instagram else (PERSON, PAGE)
    return {"sender": {"id": customer}, "recipient": {"id": account}, "timestamp": MILLISECONDS} | what | more


def echo(message: dict[str, Any]) -> dict[str, Any]:
    ends = {"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": MILLISECONDS}
    return ends | {"message": message | {"is_echo": True}}


def delivery(*items: Any, instagram: bool = False, container: str = "messaging") -> bytes:
    entry = {"id": IGID if instagram else PAGE, "time": MILLISECONDS + 400, container: list(items)}
    return json.dumps({"object": "instagram" if instagram else "page", "entry": [entry]}).encode()


def read(raw: RawItem) -> Fact:
    return MetaParser().read(raw, Known(), None)


def only(body: bytes) -> RawItem:
    (found,) = split(body, HEARD)
    return found


def told(what: dict[str, Any], *, instagram: bool = False) -> CustomerWrote:
    fact = read(only(delivery(item(what, instagram=instagram), instagram=instagram)))
    assert isinstance(fact, CustomerWrote)
    return fact


# ── one item each ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_becomes_one_item_with_its_own_key_lane_and_time() -> None:
    """CT-06, ZI-08: keys make a repeated delivery count once; the event's own time is kept."""
    raw = only(delivery(item({"message": {"mid": "m_9xQ2", "text": "在庫ありますか？"}})))
    assert raw.key == f"meta:page:{PAGE}:m_9xQ2:message"
    assert raw.lane == f"meta:page:{PAGE}:{PERSON}"
    assert (raw.source, raw.about, raw.at, raw.applied) == ("meta", "mid:m_9xQ2", EVENT_TIME, False)
    assert read(raw) == CustomerWrote(
        platform=Platform.MESSENGER,
        account=PAGE,
        customer=PERSON,
        at=EVENT_TIME,
        remote_id=RemoteId("m_9xQ2"),
        text="在庫ありますか？",
        opener=Opener.MESSAGE,
    )


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
        ({"postback": {"title": "価格", "payload": "P", "referral": AD}}, "postback", "価格", "ad_message"),
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


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"read": {"watermark": 1772150500000}}, "read"),
        ({"delivery": {"mids": ["m"], "watermark": 1}}, "delivery"),
        ({"message": {"mid": "m", "text": "hi"}, "sender": {"user_ref": "x"}}, "no_customer"),
    ],
)
def test_what_asks_nothing_of_us_is_passed_over_with_a_reason(what: dict[str, Any], why: str) -> None:
    """M-13: counted, never an error."""
    assert read(only(delivery(item({}) | what))) == Ignored(why=why)


# ── echoes ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_echo_has_a_lane_of_its_own_and_says_what_settles_a_send() -> None:
    """An echo never waits in the conversation's lane, nor holds it up."""
    sent = {"mid": "m_out1", "text": "在庫ございます", "app_id": 1517000000000001, "metadata": "tb:42"}
    raw = only(delivery(echo(sent)))
    assert (raw.lane, raw.key) == (f"echo:meta:page:{PAGE}:{PERSON}", f"meta:page:{PAGE}:m_out1:echo")
    assert read(raw) == EchoHeard(
        platform=Platform.MESSENGER,
        account=PAGE,
        customer=PERSON,
        at=EVENT_TIME,
        remote_id=RemoteId("m_out1"),
        text="在庫ございます",
        marker="tb:42",
        app="1517000000000001",
    )


def test_an_account_that_writes_to_itself_starts_no_thread() -> None:
    assert read(only(delivery(echo({"mid": "m", "text": "test", "is_self": True})))) == Ignored(why="to_itself")


def test_a_message_found_by_looking_counts_once_with_its_echo() -> None:
    looked = found_echo(Platform.MESSENGER, PAGE, PERSON, "m_out1", "在庫ございます", EVENT_TIME)
    heard = only(delivery(echo({"mid": "m_out1", "text": "在庫ございます"})))
    assert (looked.key, looked.lane, looked.at) == (heard.key, heard.lane, heard.at)
    fact = read(looked)
    assert isinstance(fact, EchoHeard)
    assert (fact.looked_up, fact.text, fact.remote_id) == (True, "在庫ございます", "m_out1")


def test_a_profile_that_was_looked_up_becomes_a_fact() -> None:
    """CT-02, CT-04, F14: names in two pieces on Messenger; an empty answer means that nobody may know."""
    profile = {"first_name": "Hanako", "last_name": "Sato", "profile_pic": "https://cdn/x.jpg", "username": "hanako"}
    fact = read(found_profile(Platform.MESSENGER, PAGE, PERSON, profile, HEARD))
    assert isinstance(fact, ProfileLearnt)
    assert (fact.readable, fact.name, fact.username, fact.picture) == (
        True, "Hanako Sato", "hanako", "https://cdn/x.jpg",
    )  # fmt: skip
    nobody = read(found_profile(Platform.INSTAGRAM, IGID, IGSID, {}, HEARD))
    assert isinstance(nobody, ProfileLearnt)
    assert (nobody.readable, nobody.name) == (False, None)


# ── containers, batches, repetitions ──────────────────────────────────────────────────────────────────────


def test_a_batch_gives_each_item_its_own_and_an_unknown_one_costs_no_other() -> None:
    """Lessons: one unknown attachment or event must not take a whole batch along."""
    body = {
        "object": "instagram",
        "entry": [
            {"id": IGID, "time": MILLISECONDS, "messaging": [item({"message": {"mid": "a", "text": "1"}}, instagram=True), 7]},
            "what is this",
            {"id": IGID, "time": MILLISECONDS, "novelty": {"x": 1}},
            {"id": IGID, "standby": [item({"message": {"mid": "b", "text": "2"}}, instagram=True)]},
            {"id": IGID, "time": MILLISECONDS // 1000, "changes": [{"field": "comments", "value": {"id": "18"}}]},
            {"id": IGID, "time": MILLISECONDS // 1000, "field": "messages",
             "value": item({"message": {"mid": "c", "text": "3"}}, instagram=True)},
        ],
    }  # fmt: skip
    facts = [read(raw) for raw in split(json.dumps(body).encode(), HEARD)]
    assert [fact.text if isinstance(fact, CustomerWrote) else fact for fact in facts] == [
        "1",
        Ignored(why="no_customer"),
        Ignored(why="unknown_shape"),
        Ignored(why="unknown_shape"),
        "2",
        Ignored(why="comment"),
        "3",
    ]


def test_a_delivery_that_comes_again_has_the_same_keys_also_as_standby() -> None:
    message = item({"message": {"mid": "m", "text": "hi"}})
    first, again = only(delivery(message)), only(delivery(message, container="standby"))
    assert first.key == again.key


def test_two_acts_on_one_message_have_two_keys() -> None:
    """Reactions come and go, edits are counted: none of them hides another, nor the message."""
    acts: list[dict[str, Any]] = [
        item({"message": {"mid": "m", "text": "hi"}}),
        item({"message": {"mid": "m", "is_deleted": True}}),
        item({"message_edit": {"mid": "m", "text": "ho", "num_edit": 1}}),
        item({"message_edit": {"mid": "m", "text": "hu", "num_edit": "2"}}),
        item({"message_edit": {"mid": "m", "text": "he"}}),
        item({"reaction": {"mid": "m", "action": "react", "emoji": "👍"}}),
        item({"reaction": {"mid": "m", "action": "unreact"}}, timestamp=MILLISECONDS + 1),
        item({"reaction": {"mid": "m", "action": "react", "emoji": "👍"}}, timestamp=MILLISECONDS + 2),
        item({"postback": {"mid": "m", "title": "GS"}}),
        item({"read": {"mid": "m"}}),
    ]
    items = split(delivery(*acts), HEARD)
    assert len({raw.key for raw in items}) == len(acts)


@pytest.mark.parametrize(
    ("timestamp", "time", "at"),
    [
        (MILLISECONDS, None, EVENT_TIME),
        (str(MILLISECONDS), None, EVENT_TIME),
        (float(MILLISECONDS), None, EVENT_TIME),
        (MILLISECONDS // 1000, None, EVENT_TIME.replace(microsecond=0)),
        (None, MILLISECONDS, EVENT_TIME),
        ("soon", MILLISECONDS // 1000, EVENT_TIME.replace(microsecond=0)),
        (10**40, MILLISECONDS, EVENT_TIME),
        (True, None, HEARD),
        (None, None, HEARD),
    ],
)
def test_times_are_read_however_they_are_written(timestamp: Any, time: Any, at: datetime) -> None:
    """Milliseconds read as seconds move windows by centuries; a missing time is the entry's, then the arrival's."""
    entry = {"id": PAGE, "time": time, "messaging": [item({"message": {"mid": "m", "text": "x"}}, timestamp=timestamp)]}
    assert only(json.dumps({"object": "page", "entry": [entry]}).encode()).at == at


def test_ids_written_as_numbers_are_the_same_ids() -> None:
    entry = {"id": int(PAGE), "messaging": [{"sender": {"id": int(PERSON)}, "recipient": {"id": int(PAGE)},
                                             "timestamp": MILLISECONDS, "message": {"mid": "m", "text": "x"}}]}  # fmt: skip
    raw = only(json.dumps({"object": "page", "entry": [entry]}).encode())
    assert raw.lane == f"meta:page:{PAGE}:{PERSON}"


def test_the_dashboards_test_is_accepted_and_means_nothing() -> None:
    value = {"sender": {"id": "12334"}, "recipient": {"id": "23245"}, "timestamp": "1527459824",
             "message": {"mid": "random_mid", "text": "random_text"}}  # fmt: skip
    body = {
        "object": "instagram",
        "entry": [{"id": "0", "time": 1, "changes": [{"field": "messages", "value": value}]}],
    }
    assert read(only(json.dumps(body).encode())) == Ignored(why="dashboard_test")


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b'"x"', b"null", b"{}", b'{"object":"page"}', b'{"object":"user","entry":[{}]}']
)
def test_a_body_without_a_recognisable_entry_is_kept_whole_and_counted(body: bytes) -> None:
    raw = only(body)
    assert read(raw) == Ignored(why="unknown_shape")
    assert json.loads(raw.body)["item"] == json.loads(body)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"object":"page","entry":['])
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        split(body, HEARD)


def test_no_text_or_id_holds_what_a_database_refuses() -> None:
    """NUL and halves of surrogate pairs reach neither a key nor a text; the words around them do."""
    raw = only(delivery(item({"message": {"mid": "m\x00\ud800", "text": "a\x00b\ud83dc"}})))
    fact = read(raw)
    assert isinstance(fact, CustomerWrote)
    assert fact.text == "ab\ufffdc"
    for text in (raw.key, raw.lane, raw.about or "", fact.remote_id or ""):
        assert text.isascii()
        assert text.isprintable()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([PAGE, PERSON, "m"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
names = ["message", "message_edit", "reaction", "postback", "referral", "read", "sender", "recipient", "timestamp", "field",
         "value", "policy_enforcement"]  # fmt: skip
inner_names = ["mid", "text", "id", "attachments", "type", "payload", "is_echo", "is_deleted", "reply_to", "story",
               "sticker_id", "action", "num_edit", "referral", "source", "quick_reply", "url", "title"]  # fmt: skip
nearly_objects = st.dictionaries(st.sampled_from(inner_names), json_values, max_size=5)
nearly_items = st.dictionaries(st.sampled_from(names), nearly_objects | json_values, max_size=5) | json_values


@given(strange=st.lists(nearly_items, max_size=3), container=st.sampled_from(["messaging", "standby", "changes"]))
def test_nothing_strange_raises_or_costs_a_neighbour(strange: list[Any], container: str) -> None:
    """Any JSON gives raw items and facts, and the message beside it arrives as if it were alone."""
    good = item({"message": {"mid": "m_good", "text": "still here"}})
    body = {
        "object": "page",
        "entry": [{"id": PAGE, "time": MILLISECONDS, container: strange, "messaging": [*strange, good]}],
    }
    items = split(json.dumps(body).encode(), HEARD)
    facts = [read(raw) for raw in items]
    assert all(raw.at.tzinfo is not None and raw.key.isascii() and raw.lane.isascii() for raw in items)
    assert read(only(delivery(good))) in facts


@given(body=json_values | st.dictionaries(st.sampled_from(["object", "entry"]), json_values))
def test_any_json_gives_items_and_facts(body: Any) -> None:
    for raw in split(json.dumps(body).encode(), HEARD):
        assert isinstance(read(raw), Fact)


@given(body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_kept_body_can_be_read(body: bytes) -> None:
    raw = RawItem(key="k", source="meta", lane="l", at=HEARD, body=body)
    assert isinstance(read(raw), Fact)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_its_words(language: str) -> None:
    """M-24: whatever can come out of a webhook can be shown."""
    catalogue = load(language)
    for kind in kinds.KINDS - {"text"}:
        assert ("text" in placeholders(catalogue[f"kind.{kind}"])) == (kind in kinds.WITH_TEXT), kind

"""What an agent writes in a customer's thread reaches the customer once, as plain words."""

import pytest

from bridge.demo.slack.model import Json
from tests.journeys.hands import begun, talking
from tests.journeys.world import AKI, ALERTS, CHECK, KEN, KINDS, SUPPORT, Kind

sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rich(*elements: Json) -> list[Json]:
    """One rich text block."""
    return [{"type": "rich_text", "block_id": "b1", "elements": list(elements)}]


def section(*elements: Json) -> Json:
    """One section of rich text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> Json:
    """Words, perhaps styled."""
    return {"type": "text", "text": words} | ({"style": style} if style else {})


@sqlite
async def test_actions_and_broadcasts_go_like_any_reply_and_each_goes_once(database_url: str) -> None:
    """CT-15: plain words, `/me`, and *also send to channel*, each told twice by Slack."""
    async with talking(database_url) as talk:
        talk.world.slack.deliveries.duplicate_next(9)
        plain = await talk.says("one")
        await talk.reaches("one")
        action = await talk.says("two", me=True)
        await talk.reaches("one", "two")
        broadcast = await talk.says("three", broadcast=True)
        await talk.reaches("one", "two", "three")
        for ts in (plain, action, broadcast):
            await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert talk.phone() == ["one", "two", "three"]
        assert talk.sends() == ["ok", "ok", "ok"]
        assert talk.world.told(AKI) == []


@sqlite
async def test_what_slack_could_not_deliver_at_first_goes_with_its_retry(database_url: str) -> None:
    """CT-15: the first tries find nobody, the retry with its headers does, and the customer hears it once."""
    async with talking(database_url) as talk:
        slack, url = talk.world.slack, talk.world.slack.request_url
        slack.request_url = "http://127.0.0.1:9/slack/events"
        ts = await talk.says("はい、ございます。")
        await talk.world.until(lambda: slack.deliveries.records[-1].reason == "connection_failed")
        slack.deliveries.duplicate_next()
        slack.request_url = url
        await talk.bears(ts, CHECK)
        await talk.world.calm()
        assert any(each.retry_num and each.status == 200 for each in slack.deliveries.records)
        assert talk.phone() == ["はい、ございます。"]


@pytest.mark.parametrize("kind", KINDS)
@sqlite
async def test_what_is_written_with_care_arrives_as_plain_words(database_url: str, kind: Kind) -> None:
    """CT-06, CT-08: styles, lists, quotes, code, links, dates and emoji, element by element."""
    wave = {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fc", "skin_tone": 3}
    own = {"type": "emoji", "name": "shop_hanako"}
    named = {"type": "link", "url": "https://shop.example/a?b=1&c=2", "text": "our shop"}
    bare = {"type": "link", "url": "https://shop.example/", "text": "https://shop.example/"}
    mail = {"type": "link", "url": "mailto:hanako@shop.example", "text": "hanako@shop.example"}
    date = {"type": "date", "timestamp": 1763640000, "format": "{date_num}", "fallback": "20 Nov"}
    items = [section(text("赤 "), wave), section(text("青"))]
    blocks = rich(
        section(text("Hello "), text("you", bold=True), text(" <&> "), own, text("\n")),
        {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": items},
        {"type": "rich_text_list", "style": "ordered", "indent": 1, "elements": [section(text("S")), section(bare)]},
        {"type": "rich_text_quote", "elements": [text("quoted")]},
        {"type": "rich_text_preformatted", "elements": [text("a  b")]},
        section(named, text(" · "), mail, text(" · "), date),
    )
    async with talking(database_url, kind) as talk:
        await talk.says("…", blocks=blocks)
        await talk.reaches(
            "Hello you <&> :shop_hanako:\n• 赤 👋🏼\n• 青\n  1. S\n  2. https://shop.example/\n> quoted\na  b\n"
            "our shop (https://shop.example/a?b=1&c=2) · hanako@shop.example · 20 Nov"
        )


@sqlite
async def test_several_blocks_are_all_sent(database_url: str) -> None:
    """CT-15: a message of two rich text blocks goes whole."""
    async with talking(database_url) as talk:
        second: Json = {**rich(section(text("Second.")))[0], "block_id": "b2"}
        await talk.says("…", blocks=[*rich(section(text("First."))), second])
        await talk.reaches("First.\nSecond.")


@pytest.mark.parametrize(
    "typed",
    ["#在庫あり @hanako_flowers へどうぞ", "a < b && c > d", "https://shop.example/?a=1&b=2", "1 * 2 _3_ ~4~ `5`"],
)
@sqlite
async def test_hashtags_handles_and_signs_arrive_as_they_were_typed(database_url: str, typed: str) -> None:
    """CT-08: what is inert here lives again on Instagram."""
    async with talking(database_url, "instagram") as talk:
        await talk.says(typed)
        await talk.reaches(typed)


@sqlite
async def test_emoji_names_follow_the_table_slack_uses(database_url: str) -> None:
    """CT-06: flags, joined people and tones, by name, in a message that has words alone."""
    async with talking(database_url) as talk:
        await talk.says(":flag-jp: :female-technologist::skin-tone-4: :+1: :no_such_emoji:", blocks=[])
        await talk.reaches("🇯🇵 👩🏽‍💻 👍 :no_such_emoji:")


@sqlite
async def test_mentions_read_as_names_and_never_as_ids(database_url: str) -> None:
    """CT-08: a colleague, a group, a channel and everybody; the author has agreed to it."""
    async with talking(database_url) as talk:
        talk.world.slack.add_usergroup("S0HELP", "helpers", [AKI, KEN])
        await talk.says(f"Ask <@{KEN}>, <!subteam^S0HELP>, <#{SUPPORT}|support> or <!here>")
        await talk.presses("send")
        phone = await talk.world.until(talk.phone)
        assert "@Ken" in phone[0]
        assert "@here" in phone[0]
        for inside in (KEN, "S0HELP", SUPPORT, "<", ">"):
            assert inside not in phone[0]


@sqlite
async def test_each_customer_hears_only_what_is_written_in_their_thread(database_url: str) -> None:
    """CT-05, ZI-06: three accounts in one channel, answered at the same moment."""
    async with talking(database_url) as first:
        second = await begun(first.world, "instagram", "二人目です", name="Ren")
        third = await begun(first.world, "instagram_login", "三人目です", name="Mei")
        talks = (first, second, third)
        for number, talk in enumerate(talks):
            await talk.says(f"answer {number}")
        for number, talk in enumerate(talks):
            await talk.reaches(f"answer {number}")
        await first.world.calm()
        assert [talk.phone() for talk in talks] == [["answer 0"], ["answer 1"], ["answer 2"]]


@sqlite
async def test_the_card_names_who_answered(database_url: str) -> None:
    """ZI-03: a conversation that waited is answered, and the channel says by whom."""
    async with talking(database_url) as talk:
        await talk.world.until(lambda: "Waiting" in talk.card())
        await talk.says("はい。", user=KEN)
        await talk.reaches("はい。")
        await talk.world.until(lambda: "Answered by Ken" in talk.card())
        assert talk.world.roots(ALERTS) == []

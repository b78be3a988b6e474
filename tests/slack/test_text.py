"""Agents' messages as plain text, and customers' words made harmless."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.slack import emoji
from bridge.slack.text import Mentions, Names, escape, inert_name, leading_mention, mentions, plain
from bridge.split import graphemes

NAMES = Names(
    users={"U1": "Aki", "W2": "K. Sato"},
    channels={"C1": "shipping"},
    usergroups={"S1": "@support"},
    unknown="colleague",
    unknown_channel="channel",
)


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def listed(style: str, *items: str, **more: int) -> dict[str, Any]:
    return {"type": "rich_text_list", "style": style, "elements": [section(text(item)) for item in items], **more}


def rich(*containers: dict[str, Any], fallback: str = "not read") -> dict[str, Any]:
    return {"text": fallback, "blocks": [{"type": "rich_text", "block_id": "b", "elements": list(containers)}]}


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        (text("*as it is* &amp; <!channel> :wave:", bold=True), "*as it is* &amp; <!channel> :wave:"),
        ({"type": "link", "url": "https://shop.example/a", "text": "our shop"}, "our shop (https://shop.example/a)"),
        ({"type": "link", "url": "https://shop.example/a"}, "https://shop.example/a"),
        ({"type": "link", "url": "https://shop.example", "text": "https://shop.example"}, "https://shop.example"),
        ({"type": "link", "url": "http://shop.example/", "text": "shop.example"}, "http://shop.example/"),
        ({"type": "link", "url": "mailto:help@shop.example?subject=x", "text": "mail us"}, "help@shop.example"),
        ({"type": "link", "url": "tel:+81312345678", "text": "call"}, "+81312345678"),
        ({"type": "user", "user_id": "U1"}, "@Aki"),
        ({"type": "user", "user_id": "U9"}, "@colleague"),
        ({"type": "usergroup", "usergroup_id": "S1"}, "@support"),
        ({"type": "usergroup", "usergroup_id": "S9"}, "@colleague"),
        ({"type": "team", "team_id": "T1"}, "@colleague"),
        ({"type": "channel", "channel_id": "C1"}, "#shipping"),
        ({"type": "channel", "channel_id": "C9"}, "#channel"),
        ({"type": "broadcast", "range": "here"}, "@here"),
        ({"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fc", "skin_tone": 3}, "👋🏼"),
        ({"type": "emoji", "name": "heart", "unicode": "2764-fe0f"}, "❤️"),
        ({"type": "emoji", "name": "wave", "skin_tone": 3}, "👋🏼"),
        ({"type": "emoji", "name": "wave::skin-tone-6"}, "👋🏿"),
        ({"type": "emoji", "name": "thumbsup", "unicode": "d83d"}, "👍"),
        ({"type": "emoji", "name": "shop-logo"}, ":shop-logo:"),
        ({"type": "emoji"}, ""),
        ({"type": "date", "timestamp": 1793286000, "format": "{date}", "fallback": "29 Oct"}, "29 Oct"),
        ({"type": "date", "timestamp": 0, "format": "{date}"}, "1970-01-01 00:00 UTC"),
        ({"type": "color", "value": "#ff0000"}, "#ff0000"),
        ({"type": "canvas_of_tomorrow", "text": "words"}, "words"),
        ({"type": "canvas_of_tomorrow", "text": {"type": "plain_text", "text": "words"}}, "words"),
        ({"type": "canvas_of_tomorrow", "elements": [text("in"), text("side")]}, "inside"),
        ({"type": "canvas_of_tomorrow", "fallback": "words"}, "words"),
        ({"type": "canvas_of_tomorrow"}, ""),
    ],
)
def test_every_rich_text_element_reads_as_the_agent_meant_it(element: dict[str, Any], expected: str) -> None:
    """CT-08, CT-15: names instead of ids, addresses instead of links, characters instead of emoji names."""
    assert plain(rich(section(text("["), element, text("]"))), NAMES) == f"[{expected}]"


def test_lists_quotes_and_code_keep_their_shape() -> None:
    """CT-15: what had lines in Slack has lines for the customer."""
    message = rich(
        section(text("We have:\n")),
        listed("bullet", "red", "blue\nor navy"),
        listed("ordered", "small", "large", indent=1),
        listed("ordered", "medium", indent=0, offset=1),
        section(text("\nYou wrote:")),
        {"type": "rich_text_quote", "elements": [text("is it here?\nor there?")]},
        {"type": "rich_text_preformatted", "elements": [text("  code *raw*\n\tx")], "border": 0},
        listed("bullet", "in a quote", border=1),
    )
    assert plain(message, NAMES) == (
        "We have:\n• red\n• blue\n  or navy\n  1. small\n  2. large\n2. medium\n\nYou wrote:\n"
        "> is it here?\n> or there?\n  code *raw*\n\tx\n> • in a quote"
    )


def test_the_payload_of_a_real_reply_reads_as_one_sentence() -> None:
    """CT-15: the blocks are read, not the escaped text."""
    message = rich(
        section(
            text("Hello & welcome "),
            {"type": "user", "user_id": "U1"},
            {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fc", "skin_tone": 3},
        ),
        fallback="Hello &amp; welcome <@U1> :wave::skin-tone-3:",
    )
    assert plain(message, NAMES) == "Hello & welcome @Aki👋🏼"
    assert plain({"text": message["text"]}, NAMES) == "Hello & welcome @Aki 👋🏼"


@pytest.mark.parametrize(
    ("mrkdwn", "expected"),
    [
        ("<@U1> and <@W2|sato> and <@U9>", "@Aki and @K. Sato and @colleague"),
        ("<#C1> <#C9|orders> <#C8>", "#shipping #orders #channel"),
        ("<!subteam^S1> <!subteam^S9|@returns> <!subteam^S8>", "@support @returns @colleague"),
        ("<!here> <!channel> <!everyone|everyone> <!group>", "@here @channel @everyone @channel"),
        ("<!date^1793286000^{date}^https://x.example|29 Oct>", "29 Oct"),
        ("<!date^0^{date}>", "1970-01-01 00:00 UTC"),
        ("<!something^else|words> <!something>", "words "),
        ("<https://shop.example/?a=1&amp;b=2|our &lt;shop&gt;>", "our <shop> (https://shop.example/?a=1&b=2)"),
        ("<https://shop.example>", "https://shop.example"),
        ("<mailto:help@shop.example|help@shop.example>", "help@shop.example"),
        ("&lt;@U1&gt; 1 &lt; 2 &amp;lt;", "<@U1> 1 < 2 &lt;"),
        (":wave: :wave::skin-tone-2: :+1: :flag-jp: :shop-logo:", "👋 👋🏻 👍 🇯🇵 :shop-logo:"),
        ("10:30:wave: 1:2:3", "10:30👋 1:2:3"),
        ("*bold* _it_ ~no~ `code`\n&gt; quote", "*bold* _it_ ~no~ `code`\n> quote"),
        ("<> <x>", "<> <x>"),
        ("\n\n  indented\nend \n", "  indented\nend"),
    ],
)
def test_without_blocks_the_mrkdwn_is_read(mrkdwn: str, expected: str) -> None:
    """CT-08, CT-15: control sequences, entities and emoji names are read; formatting characters stay."""
    assert plain({"text": mrkdwn}, NAMES) == expected.rstrip()
    assert plain({"text": mrkdwn, "blocks": [{"type": "section"}]}, NAMES) == expected.rstrip()


def test_a_name_that_looks_like_an_emoji_or_a_mention_is_left_alone() -> None:
    """CT-08: a name is shown, not read again."""
    names = Names(users={"U1": ":wave: <@U2> &amp;"}, channels={}, usergroups={}, unknown="x")
    assert plain({"text": "hi <@U1>"}, names) == "hi @:wave: <@U2> &amp;"


EVERYTHING = (
    section(text("  "), {"type": "user", "user_id": "U2"}, {"type": "user", "user_id": "U1"}),
    listed("bullet", "x"),
    {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U2"}, {"type": "team", "team_id": "T1"}]},
    section({"type": "usergroup", "usergroup_id": "S1"}, {"type": "channel", "channel_id": "C1"}),
    section({"type": "broadcast", "range": "channel"}),
)
SAME_IN_MRKDWN = " <@U2><@U1|a> &lt;@U7&gt;\n<@U2> <!subteam^T1|t> <!subteam^S1> <#C1|x> <!channel>"


@pytest.mark.parametrize("message", [rich(*EVERYTHING), {"text": SAME_IN_MRKDWN}])
def test_mentions_are_listed_once_each_in_the_order_written(message: dict[str, Any]) -> None:
    """CT-08: whoever is mentioned is known, so that the author can be asked before a name leaves the house."""
    found = mentions(message)
    expected = Mentions(users=("U2", "U1"), usergroups=("T1", "S1"), channels=("C1",), broadcasts=("channel",))
    assert found == expected
    assert found
    assert leading_mention(message) == "U2"


@pytest.mark.parametrize(
    ("message", "user"),
    [
        (rich(section(), section(text("\n "), {"type": "user", "user_id": "U1"})), "U1"),
        (rich(section(text("hi "), {"type": "user", "user_id": "U1"})), None),
        (rich(section({"type": "emoji", "name": "wave"}, {"type": "user", "user_id": "U1"})), None),
        (rich(section({"type": "usergroup", "usergroup_id": "S1"})), None),
        ({"text": " \n<@U1|aki> please look"}, "U1"),
        ({"text": "&lt;@U1&gt;"}, None),
        ({"text": "look <@U1>"}, None),
        ({"text": ""}, None),
        ({}, None),
    ],
)
def test_a_message_to_a_colleague_is_told_by_its_first_word(message: dict[str, Any], user: str | None) -> None:
    """CT-15: a message that begins with a mention speaks to that person."""
    assert leading_mention(message) == user


def test_nothing_mentioned_is_falsy() -> None:
    """CT-08."""
    assert not mentions({"text": "mail me @home or at #3"})


containers = "rich_text rich_text_section rich_text_list rich_text_quote rich_text_preformatted never_seen"
leaves = "text link user usergroup team channel broadcast emoji date color"
ids = "user_id usergroup_id team_id channel_id range name label"
looks = "text url unicode skin_tone timestamp fallback value style indent offset border blocks"
kinds = st.sampled_from(f"{containers} {leaves}".split())
odd_text = st.one_of(st.text("<>|!@#^&:; -\ngt1fU\ud83d\x00é", max_size=12), kinds)
scalars = st.one_of(odd_text, st.integers(), st.none(), st.booleans(), st.floats())
fields = st.sampled_from(f"{ids} {looks}".split())
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(
            lambda kind, rest, inside: {**rest, "type": kind, "elements": inside},
            st.one_of(kinds, scalars),
            st.dictionaries(fields, inner, max_size=3),
            st.one_of(st.lists(inner, max_size=3), scalars),
        ),
    ),
    max_leaves=15,
)


@given(anything, st.one_of(anything, st.lists(anything, max_size=4)))
def test_no_message_is_too_strange_to_read(words: Any, elements: Any) -> None:
    """CT-15, M-24: whatever Slack sends, the bridge finds some text and never fails."""
    for blocks in ([{"type": "rich_text", "elements": elements}], elements, None):
        message = {"text": words, "blocks": blocks}
        assert isinstance(plain(message, NAMES), str)
        assert leading_mention(message) in {None, *mentions(message).users}


def test_nesting_without_end_is_read_to_a_depth() -> None:
    """M-24: an absurd message costs a little time, not the process."""
    element: dict[str, Any] = section(text("deep"))
    for _ in range(5_000):
        element = {"type": "rich_text_section", "elements": [element]}
    assert plain(rich(element, fallback="shallow"), NAMES) == "shallow"
    assert not mentions(rich(element))


@given(st.text())
def test_what_a_customer_types_survives_the_way_through_slack(words: str) -> None:
    """CT-06, CT-08: escaping loses nothing and leaves nothing that Slack would act on."""
    escaped = escape(words)
    assert "<" not in escaped
    assert ">" not in escaped
    assert not mentions({"text": escaped})
    if ":" not in words:
        assert plain({"text": escaped}, NAMES).strip() == words.strip()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Yuki Tanaka", "Yuki Tanaka"),
        ("田中\u3000ゆき", "田中 ゆき"),
        ("a\nb\tc", "a b c"),
        ("<!channel> & co", "!channel co"),
        ("evil\u202etxt.exe\u2066", "eviltxt.exe"),
        ("nul\x00 bell\x07", "nul bell"),
        ("👨‍👩‍👧‍👦 Family", "👨‍👩‍👧‍👦 Family"),
        ("x" * 79 + "👨‍👩‍👧‍👦", "x" * 79),
        ("\u200b\ufeff \u200d\n", ""),
        ("", ""),
        ("\ud83d", ""),
    ],
)
def test_a_customers_name_is_one_harmless_line(name: str, shown: str) -> None:
    """CT-02, CT-08: a name cannot mention, hide, turn or break the text around it."""
    assert inert_name(name) == shown


@given(st.text(), st.integers(1, 100))
def test_a_name_is_never_longer_than_asked(name: str, maximum: int) -> None:
    """CT-02."""
    shown = inert_name(name, maximum)
    assert len(shown) <= maximum
    assert graphemes(shown) <= maximum
    assert not set(shown) & set("<>&\n\r\u202e")
    assert shown == shown.strip()


@pytest.mark.parametrize(
    ("name", "tone", "characters"),
    [
        ("+1", None, "👍"),
        ("thumbsup", 2, "👍🏻"),
        ("male-detective", 4, "🕵🏽‍♂️"),
        ("smile", 3, "😄"),
        ("skin-tone-2", None, "🏻"),
        ("party_parrot", 2, None),
    ],
)
def test_slacks_names_for_emoji_and_their_tones(name: str, tone: int | None, characters: str | None) -> None:
    """CT-15: aliases are known, a tone goes where it can, a workspace's own emoji are nobody else's."""
    assert emoji.named(name, tone) == characters


def test_slacks_other_names_for_an_emoji_are_known() -> None:
    """CT-15: events name a thumb `+1`, whatever people type."""
    assert emoji.names("+1") == emoji.names("thumbsup") == ("+1", "thumbsup")
    assert emoji.names("party_parrot") == ()

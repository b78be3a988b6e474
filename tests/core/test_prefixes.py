"""How an agent's message begins: as a note, almost as one, with the sign of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.prefixes import after_sign, is_almost_note, is_note


@pytest.mark.parametrize(
    "text",
    [
        "// a",
        "／／ a",
        "note: a",
        "ＮＯＴＥ：a",
        "メモ：a",
        "  > *note:* a",
        "🔒 a",
        ":lock: a",
        "\u200e// a",
        "\u202e\u00adnote: a",
        "note : a",
        "NOTE： a",
        "NOTE ： a",
        "メモ ：a",
        "メモ　：a",
        "メモ\u00a0: a",
        "*note* : a",
        "*メモ*：a",
    ],
)
def test_a_note_is_known_in_any_dress(text: str) -> None:
    """CT-08."""
    assert is_note(text)
    assert not is_almost_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "not: a", "ntoe: a", "notes: a", "Note; a", "memo: a", "/ a", "／a", "/a", "メモ a", "メモ　a",
        "めも：a", "メモ、a", "社内：a", "*nite:* a", "internal: a",
    ],
)  # fmt: skip
def test_a_misspelt_note_is_asked_about(text: str) -> None:
    """CT-08: nobody's slip of the finger reaches a customer unasked."""
    assert is_almost_note(text)


@pytest.mark.parametrize(
    "text",
    ["Hello", "Note that we close at 8", "Yes: tomorrow", "Price: 500", "メモリは8GBです", "https://example.com", "11/2", "https:",
     "Dear Yuki: hello", "Note the time : 8", "メモリ ： 8GB", "こんにちは：", "OK", ""],
)  # fmt: skip
def test_what_only_speaks_is_not_asked_about(text: str) -> None:
    assert not is_almost_note(text)
    assert not is_note(text)


@pytest.mark.parametrize(
    ("text", "sign", "rest"),
    [
        ("reply: yes", "reply:", "yes"),
        ("REPLY:yes", "reply:", "yes"),
        ("ｒｅｐｌｙ：　はい", "reply:", "はい"),
        ("返信：はい", "reply:", "はい"),
        ("  返信:はい", "reply:", "はい"),
        ("reply:", "reply:", ""),
        ("reply yes", "reply:", None),
        ("I reply: yes", "reply:", None),
        ("返信:はい", "＞＞", None),
        (">> yes", "＞＞", "yes"),
        ("ﾀﾞﾒ yes", "ダメ", "yes"),
        ("", "reply:", None),
    ],
)
def test_the_sign_of_an_answer_is_known_in_any_width(text: str, sign: str, rest: str | None) -> None:
    assert after_sign(text, sign) == rest


@given(st.text(), st.text(min_size=1, max_size=20))
def test_what_follows_a_sign_is_the_end_of_what_was_written(text: str, sign: str) -> None:
    """No word is changed on its way."""
    rest = after_sign(text, sign)
    assert rest is None or text.endswith(rest)

"""How an agent's message begins: as a note, almost as one, with the sign of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.prefixes import after_almost_sign, after_sign, is_almost_note, is_note, slips


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
        "社内メモ：a",
        "内部メモ: a",
        "社内：a",
        "内部：a",
        "Internal note: a",
        "private-note: a",
        "PRIVATE NOTE ： a",
        "Memo: a",
        "[note] a",
        "(Note) a",
        "（メモ）a",
        "【メモ】a",
        "【社内】a",
        "【 社内メモ 】a",
        "・メモ：a",
        "･ﾒﾓ：a",
        "１．メモ：a",
        "1. note: a",
        "2) note: a",
        "- note: a",
        "- *note:* a",
        "※社内メモ：a",
    ],
)
def test_a_note_is_known_in_any_dress(text: str) -> None:
    """CT-08."""
    assert is_note(text)
    assert not is_almost_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "not: a", "ntoe: a", "notes: a", "Note; a", "mmeo: a", "/ a", "／a", "/a", "メモ a", "メモ　a",
        "めも：a", "メモ、a", "社内、a", "*nite:* a", "internal: a", "メモ秘密", "社内共有：a", "社内用：a", "「メモ：a」", "note - a",
        "note – a", "# note: a", "-- note: a", "-note: a", "(note: a)", "【メモ：a】", "【社内共有】a", "（社内用）a", "社内メモ a",
        "業務メモ：a", "申し送り：a", "internal notes: a", "internl note: a", "staff note: a", "note to self: a", "internal only: a",
        "①メモ：a", "“Notes”: a", "[internal] a", "(ntoe) a", "internal use only: a", "*memos* : a", "“note: a”", "privat: a", "Note\na", "📝 a", "引き継ぎ：a", "社外秘：a",
    ],
)  # fmt: skip
def test_a_misspelt_note_is_asked_about(text: str) -> None:
    """CT-08: nobody's slip of the finger reaches a customer unasked."""
    assert is_almost_note(text)


@pytest.mark.parametrize(
    "text",
    ["Hello", "Note that we close at 8", "Yes: tomorrow", "Price: 500", "メモリは8GBです", "https://example.com", "11/2", "https:",
     "Dear Yuki: hello", "Note the time : 8", "メモリ ： 8GB", "こんにちは：", "OK", "",
     "Vote: yes", "Notice: closed", "Memory: 8GB", "Noted: thanks", "Quote: 500", "Name: Aki", "Demo: at ten", "Node: 18", "No: sorry",
     "メモリー：8GB", "メモリカード", "社内で確認します", "Please note: we close at 8", "Delivery note: 12", "note-taking is fine",
     "Notebook: 500", "Internet: yes", "Privacy: yes", "- 500", "1. Price: 500", "(Closed)", "【営業時間】10時", "「はい」"],
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
        ("Reply : yes", "reply:", "yes"),
        ("返信　：はい", "reply:", "はい"),
        ("*reply:* yes", "reply:", "yes"),
        ("*reply*: yes", "reply:", "yes"),
        ("> reply: yes", "reply:", "yes"),
        ("- reply: yes", "reply:", "yes"),
        ("reply: *yes*", "reply:", "*yes*"),
        ("＞＞ yes", "＞＞", "yes"),
        ("replay: yes", "reply:", None),
    ],
)
def test_the_sign_of_an_answer_is_known_in_any_width(text: str, sign: str, rest: str | None) -> None:
    assert after_sign(text, sign) == rest


@given(st.text(), st.text(min_size=1, max_size=20))
def test_what_follows_a_sign_is_the_end_of_what_was_written(text: str, sign: str) -> None:
    """No word is changed on its way."""
    rest = after_sign(text, sign)
    assert rest is None or text.endswith(rest)


@pytest.mark.parametrize(
    ("text", "sign"),
    [("返事：はい", "reply:"), ("replay: yes", "reply:"), ("repply: yes", "reply:"), ("Relpy: yes", "reply:"), ("reply; yes", "reply:"),
     ("返信、はい", "reply:"), ("回答：はい", "reply:"), ("sned: yes", "send:")],
)  # fmt: skip
def test_what_was_perhaps_meant_for_the_sign_is_known(text: str, sign: str) -> None:
    """CT-08: nobody waits for an answer that a slip of the finger has kept inside."""
    rest = after_almost_sign(text, sign)
    assert rest in ("yes", "はい")


@pytest.mark.parametrize(
    ("text", "sign"),
    [("reply: yes", "reply:"), ("Reply to her", "reply:"), ("Price: 500", "reply:"), ("rely on me", "reply:"), ("返事：はい", "send:"),
     ("はい、そうです", "reply:"), ("yes: a", ">>"), ("", "reply:")],
)  # fmt: skip
def test_what_only_speaks_was_not_meant_for_the_sign(text: str, sign: str) -> None:
    assert after_almost_sign(text, sign) is None


@pytest.mark.parametrize(
    ("word", "meant", "count"),
    [("note", "note", 0), ("ntoe", "note", 1), ("not", "note", 1), ("notes", "note", 1), ("name", "note", 2)],
)
def test_slips_are_counted(word: str, meant: str, count: int) -> None:
    assert slips(word, meant) == count

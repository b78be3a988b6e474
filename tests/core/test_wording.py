"""The catalogues as a whole, and how a sentence is filled in."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from bridge import wording
from bridge.wording import LANGUAGES, Wording, load, pages, placeholders

ALWAYS_KNOWN = {"account", "app", "customer", "network"}
FILES = sorted(Path(wording.__file__).parent.glob("*.json"))
MOST_IN_A_BUTTON = 75  # docs.slack.dev, Button element


def test_languages_say_the_same_things() -> None:
    """Decision on languages: English and Japanese, for everything people read in Slack."""
    assert LANGUAGES == ("en", "ja")
    en, ja = load("en"), load("ja")
    assert list(en) == list(ja)
    for key in en:
        assert placeholders(ja[key]) == placeholders(en[key]), key


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_a_language_says_everything_or_what_customers_read(file: Path) -> None:
    """Half a language would be found out by whoever reads the other half; and a key that stands twice, by nobody."""
    pairs: list[tuple[str, str]] = json.loads(file.read_text("utf-8"), object_pairs_hook=list)
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys))
    of_customers = [key for key in load("en") if key.startswith((wording.NAME, wording.CUSTOMERS))]
    assert keys in (list(load("en")), of_customers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_plain_and_well_formed(language: str) -> None:
    """Nothing empty, no mark-up but for a command, no character that Slack would act on, plain names to fill in."""
    for key, sentence in load(language).items():
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+){1,2}", key), key
        assert sentence.strip() == sentence != "", key
        assert not set(re.sub("`[^`]+`", "", sentence)) & set("<>&*_~`\n"), key
        for _, name, spec, conversion in Formatter().parse(sentence):
            assert name is None or re.fullmatch(r"[a-z]+", name), key
            assert spec is None or spec in {"", ","} or re.fullmatch(r"[^|{}]+\|[^|{}]+", spec), key
            assert conversion is None, key


def test_japanese_is_written_in_japanese() -> None:
    """Japanese sentences are Japanese, with Japanese punctuation, and no English one was left standing."""
    for key, sentence in load("ja").items():
        names_alone = key.startswith(
            (
                "network.",
                "card.preview",
                "name.with_network",
                "thread.elsewhere_did",
                "attached.timed",
                "told.line",
                "command.between",
                "spelled.quoted",
                "audit.difference",
            )
        )
        assert names_alone or re.search(r"[ぁ-んァ-ヶ一-龠]", sentence), key
        assert not re.search(r"[ぁ-んァ-ヶ一-龠][.,!?:()]", re.sub("`[^`]+`", "", sentence)), key
        assert not re.search(r"[a-z]+ [a-z]+ [a-z]+ [a-z]+", re.sub("「[^」]+」", "", sentence)), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("area", "known"), [("error", {"channel", "code"}), ("cause", set()), ("kind", {"text", "inbox", "anonymous"})]
)
def test_explanations_need_only_what_is_always_known(language: str, area: str, known: set[str]) -> None:
    """M-24: why a message was refused can be said of every conversation."""
    for key, sentence in load(language).items():
        if key.startswith(f"{area}."):
            assert placeholders(sentence) <= ALWAYS_KNOWN | known, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_end_as_sentences_do(language: str) -> None:
    """What is refused and why are sentences, so that they can follow one another."""
    for key, sentence in load(language).items():
        if key.startswith(("error.", "cause.")):
            assert sentence.endswith((".", "。", "）。")), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_short(language: str) -> None:
    """A button's words fit the desk's limit with room to spare."""
    for key, sentence in load(language).items():
        if key.startswith("button."):
            assert len(sentence) <= MOST_IN_A_BUTTON, key
            assert not sentence.endswith((".", "。")), key


def test_pages_say_the_same_things_in_each_language() -> None:
    """What browsers show obeys what the desk's sentences obey; the templates' keys are all there, and none stands unused."""
    en, ja = pages.load("en"), pages.load("ja")
    assert list(en) == list(ja)
    for key in en:
        assert placeholders(ja[key]) == placeholders(en[key]), key
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", key), key
        assert en[key].strip() == en[key] != "", key
        assert not set(re.sub("`[^`]+`", "", en[key] + ja[key])) & set("<>&*`\n"), key
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", ja[key]), key
        assert not re.search(r"[ぁ-んァ-ヶ一-龠][.,!?:()]", re.sub("`[^`]+`", "", ja[key])), key
    source = Path(wording.__file__).parents[1] / "connect"
    written = "".join(path.read_text("utf-8") for path in source.rglob("*") if path.suffix in {".py", ".html"})
    said = set(re.findall(r'"((?:start|guide|ask|pick|check|done|deletion|install|page)\.[a-z_]+)"', written))
    assert said <= set(en)
    together = ("lack.", "mend.", "scope.", "check.")
    assert {key for key in en if not key.startswith(together)} <= said


def test_each_cause_of_an_incident_has_its_kind() -> None:
    """A cause with a detail is never the only one of its kind: an unknown detail still has words."""
    keys = {key for key in load("en") if key.startswith("cause.")}
    assert {key.rpartition(".")[0] for key in keys if key.count(".") == 2} <= keys


def test_a_refusal_says_what_why_and_what_now() -> None:
    """ZI-22, ZI-23: the window in the customer's terms, in both languages."""
    values = {"network": "Instagram", "account": "Shop Hanako", "customer": "Yuki", "days": 7, "when": "Nov 13, 14:02"}
    assert Wording("en-GB").say("reply.window_closed", **values) == (
        "Not sent. Instagram takes replies from Shop Hanako for 7 days after the customer’s last message; "
        "Yuki last wrote Nov 13, 14:02. When Yuki writes again, the thread opens again."
    )
    assert Wording("ja").say("reply.window_closed", **values) == (
        "送信していません。InstagramでShop Hanakoから返信できるのは、お客様の最後のメッセージから7日間です。"
        "Yukiさんの最後のメッセージはNov 13, 14:02でした。次にYukiさんから連絡があると、また返信できます。"
    )


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("en", 1, "⚠ 1 answer may not have arrived"),
        ("en", 2, "⚠ 2 answers may not have arrived"),
        ("en", 0, "⚠ 0 answers may not have arrived"),
        ("ja", 1, "⚠ 届いたか確認できない返信が1件あります"),
    ],
)
def test_numbers_choose_their_words(language: str, count: int, said: str) -> None:
    """English says one answer and two answers; Japanese needs no choice."""
    assert Wording(language).say("card.unsure", count=count) == said


def test_large_numbers_are_grouped() -> None:
    """ZI-21, ZM-07: the count and the most in one go."""
    said = Wording("en").say("reply.too_long", count=1742, maximum=1600)
    assert said.startswith("Not sent yet. 1,742 characters; 1,600 is the most in one go.")


@pytest.mark.parametrize(
    ("locale", "spoken"), [("ja-JP", "ja"), ("ja_JP", "ja"), ("JA", "ja"), ("de-DE", "en"), ("", "en"), (None, "en")]
)
def test_a_locale_is_answered_in_the_nearest_language(locale: str | None, spoken: str) -> None:
    """Whoever's language we do not speak is answered in English."""
    assert wording.speak(locale) == spoken
    assert Wording(locale).language == spoken


def test_values_are_never_read_as_sentences() -> None:
    """CT-08: a customer called ``{account}`` is called that."""
    assert (
        Wording("en")
        .say("reply.empty", customer="{account} {0.__class__}")
        .endswith("{account} {0.__class__} could read.")
    )


def test_what_cannot_be_said_is_an_error_at_once() -> None:
    """A missing sentence or value fails a test, it does not reach a person half said."""
    with pytest.raises(KeyError):
        Wording("en").say("reply.nothing_of_the_kind")
    with pytest.raises(KeyError):
        Wording("en").say("reply.empty")
    with pytest.raises(KeyError):
        load("tlh")
    assert "reply.empty" in Wording("ja")
    assert "reply.nothing_of_the_kind" not in Wording("ja")


def test_japanese_has_one_word_for_one_thing() -> None:
    """Whoever reads of a button finds it under that name, and customers are written in one way."""
    ja = load("ja")
    others = (
        "お客さま",
        "再試行",
        "迷惑メッセージ",
        "担当を外れ",
        "頼みました",
        "非公開の返信",
        "今すぐ再開",
        "くわしい",
        "わかりません",
        "連携",
        "正式なメンバー",
        "ブリッジの管理者",
        "ブラウザー",
        "アクセス権",
        "待機中",
    )
    assert {key: other for key, sentence in ja.items() for other in others if other in sentence} == {}


def test_japanese_is_spaced_in_one_way() -> None:
    """Latin words and values stand without spaces; a command with them, but beside a full-width mark."""
    letter = "[ぁ-んァ-ヶー一-龠々]"
    for key, sentence in load("ja").items():
        if key in ("customers.rating", "name.anonymous"):
            continue
        assert not re.search(rf"{letter} [A-Za-z0-9{{]|[A-Za-z0-9}}] {letter}", re.sub("`[^`]+`", "`", sentence)), key
        for before, after in re.findall("(.?)`[^`]+`(.?)", sentence):
            assert not re.fullmatch(rf"{letter}|[A-Za-z0-9}}]", before), key
            assert not re.fullmatch(rf"{letter}|[A-Za-z0-9{{]", after), key


def test_japanese_names_buttons_as_they_are_called() -> None:
    """What is to be pressed exists: the words in brackets are those of a button."""
    ja = load("ja")
    buttons = {sentence for key, sentence in ja.items() if key.startswith("button.")}
    pressed = {
        key: found for key, sentence in ja.items() for found in re.findall(r"「([^」]+)」(?:ボタン)?を押", sentence)
    }
    assert {key: found for key, found in pressed.items() if found not in buttons} == {}
    assert {"再送する", "届いていた", "担当する"} <= set(pressed.values())


def test_no_possessive_follows_what_people_are_called() -> None:
    """A name may end in an s, in a sign of another script or in an emoji; Meta's and Slack's names are known to us."""
    owners = {name for text in load("en").values() for name in re.findall(r"\{(\w+)[^}]*\}[’']", text)}
    assert owners == {"network", "source"}

"""What may be set for an account."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.ids import AccountId, GroupRef, PersonRef, PlaceRef, WorkspaceId
from bridge.model.state import Account, AccountSettings, CardField, Health, Login, Platform, Wish
from bridge.settings import SETTABLE, Changed, Refs, SettingError, change, parse, shown
from bridge.split import WireLimit
from bridge.tickets import SECRET

REFS = Refs(
    place=lambda text: PlaceRef(text) if text.startswith("C") else None,
    person=lambda text: PersonRef(text) if text.startswith("U") else None,
    group=lambda text: GroupRef(text) if text.startswith("S") else None,
    emoji={"heart": "❤️", "+1": "👍"}.get,
)
WIRE = WireLimit(maximum=1000, unit="bytes")
ACCOUNT = Account(
    id=AccountId(1),
    workspace=WorkspaceId("T1"),
    platform=Platform.INSTAGRAM,
    remote_id="17",
    name="Shop",
    login=Login.FACEBOOK,
    wish=Wish.ON,
    health=Health.READY,
    cause=None,
    settings=AccountSettings(channel=PlaceRef("C1"), agents=(PersonRef("U1"),)),
)


def set_(**pairs: str) -> Changed:
    return change(ACCOUNT, pairs, who="cli:test", refs=REFS, wire=WIRE)


def test_people_and_groups_that_may_answer_are_told_apart() -> None:
    """ZM-17"""
    settings = set_(agents="U2, S1 ,U2,S2").settings
    assert (settings.agents, settings.agent_groups) == (("U2",), ("S1", "S2"))
    everyone = set_(agents="").settings
    assert (everyone.agents, everyone.agent_groups) == ((), ())


@pytest.mark.parametrize(("text", "value"), [("on", True), ("OFF", False), ("yes", True), ("0", False)])
def test_a_switch_knows_its_words(text: str, value: bool) -> None:
    assert set_(human_agent=text).settings.human_agent is value


def test_the_ceiling_is_at_most_what_ten_messages_hold() -> None:
    """ZI-21"""
    assert set_(ceiling="10000").settings.ceiling == 10_000
    for text in ("10001", "0", "-1", "many", "", "1e3", "٣"):
        with pytest.raises(SettingError, match="10000"):
            set_(ceiling=text)


def test_what_cards_show_is_a_list_of_fields() -> None:
    """CT-03: in the cards' own order, each once; `all` also means what a later version adds."""
    assert set_(card_fields="Preview, username,preview").settings.card_fields == ("username", "preview")
    assert set_(card_fields="").settings.card_fields == ()
    assert set_(card_fields="all").settings.card_fields is None
    assert shown("Shop", ACCOUNT.settings)["card_fields"] == [field.value for field in CardField]
    for text in ("folder", "all,username"):
        with pytest.raises(SettingError, match="username, picture"):
            set_(card_fields=text)


def test_the_alerts_channel_may_be_left_to_the_house() -> None:
    assert set_(alerts_channel="C2").settings.alerts_channel == "C2"
    assert set_(alerts_channel="").settings.alerts_channel is None
    with pytest.raises(SettingError):
        set_(channel="")


@pytest.mark.parametrize("text", ["", "   ", "\n", "x" * 81, "a\x00b"])
def test_a_name_must_be_one_that_can_be_shown(text: str) -> None:
    """ZI-13"""
    with pytest.raises(SettingError, match="name"):
        set_(name=text)


def test_a_change_is_kept_for_the_audit_with_what_differs_and_nothing_else() -> None:
    audit = set_(name="Shop", ceiling="900", human_agent="off").audit
    assert audit is not None
    assert (audit.who, audit.action, audit.object) == ("cli:test", "account.set", "instagram:17")
    assert (audit.before, audit.after) == ({"ceiling": 1600}, {"ceiling": 900})
    assert set_(ceiling="1600").audit is None


def test_all_or_nothing_is_set() -> None:
    with pytest.raises(SettingError):
        set_(name="Other", ceiling="x")


def test_the_nearest_name_is_offered() -> None:
    with pytest.raises(SettingError, match="did you mean alerts_channel"):
        parse(["alert_channel=C1"])


def test_a_name_is_given_once_and_with_a_value() -> None:
    assert parse(["name=Shop = more", "human-agent=on"]) == {"name": "Shop = more", "human_agent": "on"}
    for pairs in (["name=a", "name=b"], ["name"], ["=x"]):
        with pytest.raises(SettingError):
            parse(pairs)


def test_what_might_be_a_secret_in_the_wrong_place_is_not_repeated() -> None:
    for text in ("EAASECRET", "ticket_secret=whsec_SECRET"):
        with pytest.raises(SettingError) as caught:
            parse([text])
        assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [("heart", ("heart",)), (":heart:, +1", ("heart", "+1")), ("on", ("all",)), ("off", ()), ("", ())],
)
def test_reactions_are_named_with_or_without_colons(text: str, names: tuple[str, ...]) -> None:
    assert set_(reactions_out=text).settings.reactions_out == names


@pytest.mark.parametrize("text", ["foo,heart", "heart,foo", ":foo:"])
def test_what_is_no_emoji_is_refused_by_its_name(text: str) -> None:
    """A name that a workspace has invented is none that a customer could see."""
    with pytest.raises(SettingError, match="reactions_out=“foo”"):
        set_(reactions_out=text)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("auto_away_text", "Back {wen}", "holds {wen} in braces, and only {when}"),
        ("auto_away_text", "Back {}", "holds {} in braces"),
        ("auto_first_text", "Hello {customer}", "nothing is filled in here"),
        ("auto_first_text", "Back {when}", "filled in in auto_away_text alone"),
        ("auto_csat_text", "{when}?", "filled in in auto_away_text alone"),
    ],
)
def test_what_nothing_fills_in_is_refused(name: str, text: str, why: str) -> None:
    """CT-16: a customer never reads a word in braces."""
    with pytest.raises(SettingError) as caught:
        set_(**{name: text})
    assert why in str(caught.value)


def test_the_time_of_opening_may_be_spoken_of() -> None:
    assert set_(auto_away_text="Back { when }, 8{").settings.auto_away_text == "Back {when}, 8{"


@given(st.sampled_from([name for name in SETTABLE if name != SECRET]), st.text(max_size=300))
def test_any_text_is_a_value_or_a_sentence_of_one_line(name: str, text: str) -> None:
    said, changed = "", None
    try:
        changed = set_(**{name: text})
    except SettingError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 300
    assert said or (changed and shown(changed.name, changed.settings).keys() == set(SETTABLE) - {SECRET})


def test_aliases_are_given_person_by_person() -> None:
    """Customers read them instead of names; colons and spaces within them stay, a later list replaces all of it."""
    changed = set_(aliases=" U1:Aki , U2: Hana   at: the desk,")
    assert changed.settings.aliases == ((PersonRef("U1"), "Aki"), (PersonRef("U2"), "Hana at: the desk"))
    assert shown(changed.name, changed.settings)["aliases"] == ["U1:Aki", "U2:Hana at: the desk"]
    assert set_(aliases="").settings.aliases == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Aki", "members and aliases"),
        ("U1", "members and aliases"),
        ("S1:Aki", "members and aliases"),
        ("U1:", "0 characters"),
        (f"U1:{'x' * 41}", "41 characters"),
        ("U1:A\x07ki", "control characters"),
        ("U1:\u202eikA", "control characters"),
        ("U1:A\nki", "control characters"),
        ("U1:Aki,U1:Hana", "two aliases for U1"),
        (",".join(f"U{number}:Aki" for number in range(201)), "201 aliases"),
    ],
)
def test_an_alias_is_one_to_forty_characters_that_can_be_read(text: str, why: str) -> None:
    with pytest.raises(SettingError, match=why):
        set_(aliases=text)
    assert set_(aliases=f"U1:{'あ' * 40}").settings.aliases == ((PersonRef("U1"), "あ" * 40),)

"""`threadbridge accounts`."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.stage import DIRECT, PAGE, SHOP, Stage


def end_of_login(operator: Stage, days: int | None = None) -> str:
    """When Meta says that the Page's login ends: by its token, if that lives for so many days; else by data access."""
    account = operator.meta.accounts[PAGE]
    if days is not None:
        operator.meta.expire(account, timedelta(days=days))
    token = operator.meta.token_of(account)
    ends = datetime.fromtimestamp(int(token.expires_at or token.data_access_expires_at), UTC)
    return ends.isoformat().replace("+00:00", "Z")


def test_a_page_is_connected_listed_and_shown_without_its_token(operator: Stage) -> None:
    """ZM-01, I-09"""
    added = operator.add(
        "messenger", PAGE, "--alerts-channel", "C0ALERTS", "--owner", "U0AKI", "--agent", "S0TEAM"
    ).ok()
    assert f"messenger:{PAGE}" in added.out
    listed = operator("accounts", "list", "--json").ok()
    (account,) = listed.json
    assert account == {
        "platform": "messenger", "id": PAGE, "name": "Shop", "workspace": "T0DEMO", "channel": "C0SUPPORT",
        "alerts_channel": "C0ALERTS", "login": "facebook", "human_agent": False, "wish": "on", "health": "ready",
        "cause": None, "owners": ["U0AKI"], "agents": ["S0TEAM"], "leads": [], "aliases": [], "ceiling": 1600, "media": "upload", "video_out": True,
        "seen": False, "comments": False, "collisions": False, "reopen_days": 30, "reauth_days": "", "shared_channel": False,
        "alert_standard": "2h", "alert_human": "12h", "on_call": [], "quiet": "",
        "answer_mode": "all", "undo_seconds": 10,
        "explicit_sign": "reply:", "reactions_out": "off", "signature": "none",
        "digest": "off", "board": False, "ticket_timer": "off", "ticket_sink": "", "hours": "always", "zone": "UTC", "holidays": "", "customer_language": "", "disclosure": True,
        **dict.fromkeys(("auto_first", "auto_away", "auto_csat"), False), "auto_unanswered": "off",
        **dict.fromkeys(("auto_first_text", "auto_away_text", "auto_unanswered_text", "auto_csat_text"), ""),
            "card_fields": ["username", "picture", "platform", "account", "preview", "followers", "follows", "verified"],
    }  # fmt: skip
    shown = operator("accounts", "show", f"messenger:{PAGE}", "--json").ok()
    assert shown.json["connected_at"].endswith("Z")
    assert shown.json["expires_at"] == end_of_login(operator)
    assert operator.meta.accounts[PAGE].token not in added.out + listed.out + shown.out
    assert {"messages", "messaging_postbacks"} <= operator.meta.accounts[PAGE].subscribed_fields


@pytest.mark.parametrize(
    "change",
    [
        "card_fields=username,preview", "card_fields=", "card_fields=all", "media=link", "human_agent=on", "ceiling=900",
        "seen=on", "reopen_days=7", "answer_mode=explicit", "undo_seconds=30", "explicit_sign=＞＞", "reactions_out=on", "signature=alias", "reactions_out=heart,+1", "alerts_channel=C0ALERTS", "owners=U0AKI", "agents=U0AKI,S0TEAM", "name=Hanako",
        "hours=Mon-Fri 09:00-18:00; Sat 10:00-12:00", "zone=Asia/Tokyo", "holidays=DE-BY", "customer_language=de",
        "auto_first=on", "auto_away_text=Bis {when}!", "auto_unanswered=90m", "digest=08:30", "auto_csat=on",
    ],
)  # fmt: skip
def test_what_was_set_can_be_shown_set_again_and_paused(operator: Stage, change: str) -> None:
    """CT-03, CT-07: each setting comes back from the database as it went in."""
    account = f"messenger:{PAGE}"
    operator.add("messenger", PAGE).ok()
    was = operator("accounts", "set", account, change, "--json").ok().json
    assert operator("accounts", "show", account, "--json").ok().json.items() >= was.items()
    operator("accounts", "set", account, change).ok()
    operator("accounts", "pause", account).ok()
    assert operator("accounts", "resume", account, "--json").ok().json["wish"] == "on"


def test_the_disclosure_is_switched_off_only_by_somebody_who_read_the_law(operator: Stage) -> None:
    """M-23: named in what is asked; a script must say it aloud."""
    account = f"messenger:{PAGE}"
    operator.add("messenger", PAGE).ok()
    refused = operator("accounts", "set", account, "disclosure=off", "auto_first=on")
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    for law in ("California", "AI Act", "Germany", "--yes"):
        assert law in refused.err
    assert operator("accounts", "show", account, "--json").json["auto_first"] is False
    assert operator("accounts", "set", account, "disclosure=off", "--yes", "--json").ok().json["disclosure"] is False
    operator("accounts", "set", account, "disclosure=off", "auto_first=on").ok()


def test_what_cannot_be_set_of_hours_and_words_says_why(operator: Stage) -> None:
    """CT-16"""
    operator.add("messenger", PAGE).ok()
    for change, why in (
        ("hours=9 to 5", "Mon-Fri 09:00-18:00"),
        ("zone=Atlantis", "Asia/Tokyo"),
        ("holidays=Mars", "JP"),
        ("auto_unanswered=24h", "15m to 23h"),
        ("customer_language=fr", "en, de, ja"),
        (f"auto_first_text={'x' * 1950}", "with the disclosure"),
    ):
        refused = operator("accounts", "set", f"messenger:{PAGE}", change)
        assert (refused.code, why in refused.err) == (2, True), change


@pytest.mark.parametrize(
    ("platform", "id", "more"),
    [("messenger", PAGE, []), ("instagram", SHOP, []), ("instagram", DIRECT, ["--login", "instagram"])],
)
def test_each_way_to_connect_subscribes_and_makes_a_creators_first_call(
    operator: Stage, platform: str, id: str, more: list[str]
) -> None:
    """M-01, M-28, CT-20"""
    account = operator.meta.accounts[id]
    account.creator, account.awake = True, False
    operator.add(platform, id, *more).ok()
    assert account.awake
    assert operator.meta.accounts[PAGE if id == SHOP else id].subscribed_fields


def test_a_token_of_another_account_is_refused_and_nothing_is_kept(operator: Stage) -> None:
    """CT-21, CT-23"""
    other = operator.there(lambda: operator.meta.add_page("104857600000002", "Elsewhere"))
    refused = operator.add("messenger", PAGE, token=other.token)
    assert refused.code == 1
    assert "belongs to another account" in refused.err
    assert other.token not in refused.err
    assert operator("accounts", "list", "--json").json == []
    assert not operator.meta.accounts[PAGE].subscribed_fields


def test_a_dead_token_is_refused_with_its_cause(operator: Stage) -> None:
    """ZM-09"""
    refused = operator.add("messenger", PAGE, token="EAAneverheardof")
    assert refused.code == 1
    assert "nothing was kept" in refused.err
    assert refused.err.count("\n") == 1


def test_a_subscription_that_meta_refuses_leaves_nothing_behind(operator: Stage) -> None:
    operator.there(
        lambda: operator.meta.faults.add(method="subscribed_apps", kind="error", error={"code": 200}, status=400)
    )
    refused = operator.add("messenger", PAGE)
    assert (refused.code, operator("accounts", "list", "--json").json) == (1, [])


def test_an_account_that_is_not_eligible_is_kept_as_such_and_becomes_ready_later(operator: Stage) -> None:
    """M-03"""
    operator.meta.accounts[SHOP].eligible = False
    kept = operator.add("instagram", SHOP, "--json")
    assert (kept.code, kept.json["health"], kept.json["cause"]) == (1, "not_eligible", "not_eligible")
    assert "36103" in kept.err
    operator.meta.accounts[SHOP].eligible = True
    assert operator.add("instagram", SHOP, "--json").ok().json["health"] == "ready"


def test_access_that_is_not_granted_yet_is_pending_and_names_what_is_missing(operator: Stage) -> None:
    """I-01, I-08"""
    token = operator.meta.world.tokens[operator.meta.accounts[PAGE].token]
    token.scopes -= {"pages_messaging"}
    kept = operator.add("messenger", PAGE, "--json")
    assert (kept.code, kept.json["health"]) == (1, "pending")
    assert "pages_messaging" in kept.err


def test_connecting_again_renews_and_keeps_what_was_not_said(operator: Stage) -> None:
    """ZM-15, ZI-18"""
    operator.add("messenger", PAGE, "--owner", "U0AKI", "--human-agent").ok()
    operator("accounts", "set", f"messenger:{PAGE}", "ceiling=900").ok()
    words = ["accounts", "add", "--platform", "messenger", "--id", PAGE, "--channel", "C0OTHER", "--json"]
    renewed = operator(*words, stdin=operator.meta.accounts[PAGE].token).ok().json
    assert renewed["channel"] == "C0OTHER"
    assert (renewed["owners"], renewed["human_agent"], renewed["ceiling"]) == (["U0AKI"], True, 900)
    assert len(operator("accounts", "list", "--json").json) == 1


def test_the_token_may_come_from_a_variable_and_never_from_an_argument(operator: Stage) -> None:
    words = ["accounts", "add", "--platform", "messenger", "--id", PAGE, "--name", "Shop", "--channel", "C0SUPPORT"]
    env = {"PAGE_TOKEN": operator.meta.accounts[PAGE].token}
    operator(*words, "--token-env", "PAGE_TOKEN", env=env).ok()
    assert operator(*words, "--token-env", "NOBODY").code == 2
    assert operator(*words, stdin="").code == 2
    assert operator(*words, stdin="two words").code == 2
    assert operator(*words, "--token", "EAA").code == 2


@pytest.mark.parametrize(
    ("pair", "field", "value"),
    [
        ("name=Shop Taro", "name", "Shop Taro"),
        ("channel=C0OTHER", "channel", "C0OTHER"),
        ("alerts_channel=C0ALERTS", "alerts_channel", "C0ALERTS"),
        ("owners=U0AKI, U0KEN", "owners", ["U0AKI", "U0KEN"]),
        ("agents=U0AKI,S0TEAM", "agents", ["U0AKI", "S0TEAM"]),
        ("human_agent=on", "human_agent", True),
        ("ceiling=19990", "ceiling", 19990),
    ],
)
def test_every_setting_of_this_release_can_be_set(operator: Stage, pair: str, field: str, value: object) -> None:
    """ZI-24"""
    operator.add().ok()
    operator("accounts", "set", f"messenger:{PAGE}", pair).ok()
    assert operator("accounts", "show", f"messenger:{PAGE}", "--json").json[field] == value


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("ceiling=19991", "19990"),
        ("ceiling=0", "ceiling"),
        ("celing=5", "ceiling"),
        ("answer_mode=never", "none of all, explicit, undo"),
        ("undo_seconds=31", "from 5 to 30"),
        ("explicit_sign=note:", "begins a private note"),
        ("reactions_out=the heart", "nor the name of an emoji"),
        ("alert_standard=soon", "neither off nor a length from 5m to 1d"),
        ("alert_human=7d", "from 5m to 6d"),
        ("on_call=Aki", "a member (U…) or a user group (S…)"),
        ("quiet=at night", "neither off nor hours such as 22:00-08:00"),
        ("ticket_timer=59m", "neither off nor a length from 60m to 24h"),
        ("ticket_timer=25h", "neither off nor a length from 60m to 24h"),
        ("ticket_sink=http://tickets.example.com/", "not encrypted"),
        ("ticket_sink=https://10.0.0.7/", "private network"),
        ("ticket_secret=whsec_c2VjcmV0", "never written here"),
        ("bored=on", "did you mean board?"),
        ("human_agent=perhaps", "neither on nor off"),
        ("channel=#support", "channel"),
        ("agents=Aki", "agents"),
        ("owners=S0TEAM", "owners"),
        ("name=", "name"),
        ("nothing", "NAME=VALUE"),
    ],
)
def test_a_setting_that_cannot_be_is_wrong_usage_and_changes_nothing(operator: Stage, pair: str, says: str) -> None:
    operator.add().ok()
    before = operator("accounts", "show", f"messenger:{PAGE}", "--json").json
    refused = operator("accounts", "set", f"messenger:{PAGE}", "name=Other", pair)
    assert refused.code == 2
    assert says in refused.err
    assert refused.err.count("\n") == 1
    assert operator("accounts", "show", f"messenger:{PAGE}", "--json").json == before


def test_a_pause_ends_and_a_removal_stays_until_it_is_connected_again(operator: Stage) -> None:
    """ZI-28, ZI-31"""
    account = f"messenger:{PAGE}"
    operator.add().ok()
    assert operator("accounts", "pause", account, "--json").ok().json["wish"] == "paused"
    assert operator("accounts", "resume", account, "--json").ok().json["wish"] == "on"
    assert operator("accounts", "remove", account, "--json").ok().json["wish"] == "removed"
    assert operator("accounts", "resume", account).code == 1
    assert operator("accounts", "set", account, "ceiling=5").code == 1
    assert operator.add("messenger", PAGE, "--json").ok().json["wish"] == "on"


def test_every_change_leaves_its_line_in_the_audit(operator: Stage) -> None:
    operator.add().ok()
    operator("accounts", "set", f"messenger:{PAGE}", "ceiling=900").ok()
    operator("accounts", "set", f"messenger:{PAGE}", "ceiling=900").ok()
    operator("accounts", "pause", f"messenger:{PAGE}").ok()
    lines = operator("audit", "--json").ok().json
    assert [line["action"] for line in lines] == ["account.pause", "account.set", "account.add"]
    assert (lines[1]["before"], lines[1]["after"]) == ({"ceiling": 1600}, {"ceiling": 900})
    assert all(line["who"].startswith("cli") and line["at"].endswith("Z") for line in lines)
    assert operator("audit", "--csv").ok().out.splitlines()[0] == "id,at,workspace,who,action,object,before,after"


def test_an_account_nobody_connected_is_named(operator: Stage) -> None:
    missing = operator("accounts", "show", "instagram:99")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert "instagram:99" in missing.err
    assert operator("accounts", "show", "twitter:99").code == 2


def test_a_channel_that_another_company_reads_is_taken_only_from_who_insists(operator: Stage) -> None:
    """One line with the way to insist; nothing is kept, nothing asked of Meta."""
    operator.there(lambda: operator.slack.share_channel("C0SUPPORT"))
    refused = operator.add("messenger", PAGE)
    assert refused.code == 1
    assert "shared with another company" in refused.err
    assert "--allow-shared-channel" in refused.err
    assert refused.err.count("\n") == 1
    assert operator("accounts", "list", "--json").json == []
    operator.add("messenger", PAGE, "--allow-shared-channel").ok()
    shown = operator("accounts", "show", f"messenger:{PAGE}", "--json").ok().json
    assert shown["shared_channel"] is True
    operator.add("messenger", PAGE).ok()


@pytest.mark.parametrize(
    ("words", "pair", "named"),
    [
        (["--owner", "U0NOBODY"], "owners=U0AKI,U0NOBODY", "member U0NOBODY"),
        (["--agent", "U0NOBODY"], "agents=U0NOBODY", "member U0NOBODY"),
        (["--agent", "S0TEAM", "--agent", "S0NONE"], "agents=S0TEAM,S0NONE", "user group S0NONE"),
        (["--alerts-channel", "C0NONE"], "alerts_channel=C0NONE", "channel C0NONE"),
        (["--channel", "C0NONE"], "channel=C0NONE", "channel C0NONE"),
    ],
)
def test_what_slack_does_not_know_is_named_and_not_taken(
    operator: Stage, words: list[str], pair: str, named: str
) -> None:
    """ZM-01: a slip in an id is found when it is typed, not when an answer is refused for it."""
    refused = operator.add("messenger", PAGE, *words)
    assert (refused.code, refused.err.count("\n"), f"Slack knows no {named}" in refused.err) == (2, 1, True)
    assert operator("accounts", "list", "--json").json == []
    operator.add("messenger", PAGE).ok()
    before = operator("accounts", "show", f"messenger:{PAGE}", "--json").json
    refused = operator("accounts", "set", f"messenger:{PAGE}", "name=Other", pair)
    assert (refused.code, f"Slack knows no {named}" in refused.err) == (2, True)
    assert operator("accounts", "show", f"messenger:{PAGE}", "--json").json == before


def test_what_slack_knows_and_cannot_be_used_yet_is_taken_with_a_word(operator: Stage) -> None:
    """A channel that the bridge is not in, one that is archived, a bot; said once, not at every renewal."""

    def furnish() -> None:
        operator.slack.add_channel("C0NEW", "new", bot_member=False)
        operator.slack.add_channel("C0OLD", "old", archived=True)
        operator.slack.add_user("U0BOT", "bot", bot=True)

    operator.there(furnish)
    words = ("--channel", "C0NEW", "--alerts-channel", "C0OLD", "--agent", "U0BOT")
    taken = operator.add("messenger", PAGE, *words).ok()
    new, old, bot = taken.err.splitlines()
    assert "not in C0NEW" in new
    assert "/invite" in new
    assert "C0OLD is archived" in old
    assert "U0BOT is a bot" in bot
    assert operator.add("messenger", PAGE, *words).ok().err == ""


@pytest.mark.parametrize("method", ["users.info", "usergroups.list"])
def test_where_slack_cannot_say_what_was_typed_counts(operator: Stage, method: str) -> None:
    operator.there(lambda: operator.slack.faults.add(method=method, kind="error", error="missing_scope", times=None))
    taken = operator.add(
        "messenger", PAGE, "--owner", "U0NOBODY" if method == "users.info" else "U0AKI", "--agent", "S0TEAM"
    )
    assert (taken.code, taken.err.count("\n")) == (0, 1)
    assert "did not say whether it knows" in taken.err


def test_an_account_is_not_moved_into_a_shared_channel_without_insisting(operator: Stage) -> None:
    """`accounts set` looks too; who insists is heard, and who takes that back is asked again."""
    operator.add("messenger", PAGE).ok()
    operator.there(lambda: operator.slack.share_channel("C0OTHER"))
    account = f"messenger:{PAGE}"
    refused = operator("accounts", "set", account, "channel=C0OTHER")
    assert refused.code == 1
    assert f"`threadbridge accounts set {account} shared_channel=on`" in refused.err
    assert operator("accounts", "show", account, "--json").json["channel"] == "C0SUPPORT"
    operator("accounts", "set", account, "channel=C0OTHER", "shared_channel=on").ok()
    assert operator("accounts", "show", account, "--json").json["channel"] == "C0OTHER"
    assert operator("accounts", "set", account, "shared_channel=off").code == 1


@pytest.mark.parametrize(("text", "code"), [("7", 0), ("0", 0), ("-1", 1), ("a month", 1), ("99999", 1)])
def test_how_long_a_thread_may_be_reopened_is_a_setting(operator: Stage, text: str, code: int) -> None:
    """Days, as the contract names it."""
    operator.add("messenger", PAGE).ok()
    done = operator("accounts", "set", f"messenger:{PAGE}", f"reopen_days={text}", "--json")
    assert min(done.code, 1) == code
    if code == 0:
        assert done.json["reopen_days"] == int(text)


@pytest.mark.parametrize(("text", "days"), [("60", 60), ("1", 1), ("365", 365), ("", ""), ("off", "")])
def test_the_operators_own_interval_is_set_and_shown_with_its_end(operator: Stage, text: str, days: int | str) -> None:
    """CT-30, ZM-14, F15: empty or 1 to 365 days, counted from the last login."""
    operator.add().ok()
    operator("accounts", "set", f"messenger:{PAGE}", f"reauth_days={text}").ok()
    shown = operator("accounts", "show", f"messenger:{PAGE}", "--json").ok().json
    assert shown["reauth_days"] == days
    own = datetime.fromisoformat(shown["connected_at"]) + timedelta(days=int(days or 1000))
    assert datetime.fromisoformat(shown["expires_at"]) == min(own, datetime.fromisoformat(end_of_login(operator)))


@pytest.mark.parametrize("text", ["0", "366", "-1", "soon", "9" * 30])
def test_an_interval_that_is_none_is_refused(operator: Stage, text: str) -> None:
    """CT-30"""
    operator.add().ok()
    assert operator("accounts", "set", f"messenger:{PAGE}", f"reauth_days={text}").code == 2


@pytest.mark.parametrize("days", [40, None])
def test_when_a_login_ends_is_known_as_soon_as_it_is_connected(operator: Stage, days: int | None) -> None:
    """CT-30, CT-32: what Meta says of the token stands beside it, before the bridge asks for the first time."""
    ends = end_of_login(operator, days)
    operator.add().ok()
    assert operator("accounts", "show", f"messenger:{PAGE}", "--json").ok().json["expires_at"] == ends

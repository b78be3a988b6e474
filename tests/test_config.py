"""What an operator sets, and what is said when it is wrong."""

import os
from pathlib import Path

import pytest

from bridge.config import TO_RUN, Config, ConfigError, Secret, on_loopback, read
from bridge.secrets import keygen

LOOPBACK = {
    f"BRIDGE_{name}_URL": "http://127.0.0.1:9"
    for name in ("SLACK_API", "GRAPH", "INSTAGRAM_GRAPH", "FACEBOOK", "INSTAGRAM", "INSTAGRAM_API")
}


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without settings, in an empty directory."""
    for name in [name for name in os.environ if name.startswith(("BRIDGE_", "SLACK_", "META_", "INSTAGRAM_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def wrong(env: pytest.MonkeyPatch, **settings: str) -> str:
    for name, value in settings.items():
        env.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        read()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.usefixtures("env")
def test_the_defaults_are_the_contracts() -> None:
    config = read()
    assert config.database_url == "sqlite+aiosqlite:///bridge.db"
    assert (config.host, config.port, config.metrics_port, config.public_url) == ("127.0.0.1", 8080, None, None)
    assert (config.language, config.log_level, config.graph_version) == ("en", "info", "v25.0")
    assert (config.retention_raw.days, config.retention_words.days) == (7, 180)
    assert (config.slack_posts_per_second, config.slack_posts_per_minute) == (1, 300)
    assert config.slack_api_url == "https://slack.com/api/"
    assert config.graph_url == "https://graph.facebook.com"


@pytest.mark.usefixtures("env")
def test_all_that_is_missing_is_named_at_once_with_its_mend() -> None:
    with pytest.raises(ConfigError) as caught:
        read().require()
    assert [str(caught.value).count(name) for name in TO_RUN] == [1] * len(TO_RUN)
    assert "BRIDGE_SECRET_KEY (`threadbridge keygen` prints one), " in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BRIDGE_PORT", "http"),
        ("BRIDGE_PORT", "70000"),
        ("BRIDGE_SECRET_KEY", "c2hvcnQ="),
        ("BRIDGE_SECRET_KEY", "not base64 at all !"),
        ("BRIDGE_LANGUAGE", "de"),
        ("BRIDGE_PUBLIC_URL", "bridge.example.com"),
        ("BRIDGE_GRAPH_URL", "ftp://graph"),
        ("BRIDGE_GRAPH_VERSION", "25"),
        ("BRIDGE_DATABASE_URL", "mysql://localhost/x"),
        ("BRIDGE_LOG_LEVEL", "loud"),
        ("BRIDGE_RETENTION_RAW_DAYS", "0"),
        ("BRIDGE_SLACK_POSTS_PER_SECOND", "-1"),
    ],
)
def test_a_wrong_value_is_named_and_never_shown(env: pytest.MonkeyPatch, name: str, value: str) -> None:
    said = wrong(env, **{name: value})
    assert name in said
    if "SECRET" in name or "TOKEN" in name:
        assert value not in said


def test_one_workspace_by_its_token_or_many_by_oauth_not_both(env: pytest.MonkeyPatch) -> None:
    """Which of the two speaks for a workspace must never be a guess."""
    said = wrong(env, SLACK_BOT_TOKEN="xoxb-one", SLACK_CLIENT_ID="1.2")
    assert "SLACK_BOT_TOKEN" in said
    assert "SLACK_CLIENT_ID" in said
    assert "xoxb-one" not in said


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, {"SLACK_SIGNING_SECRET"}),
        ({"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}, set()),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "s"}, {"SLACK_SIGNING_SECRET"}),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_CLIENT_SECRET"}),
        ({"SLACK_CLIENT_SECRET": "s", "SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_CLIENT_ID"}),
        ({"SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_BOT_TOKEN"}),
    ],
)
def test_each_way_of_installing_needs_its_own_settings(
    env: pytest.MonkeyPatch, given: dict[str, str], missing: set[str]
) -> None:
    for name, value in given.items():
        env.setenv(name, value)
    assert {name for name in read().missing() if name.startswith("SLACK_")} == missing


def test_an_empty_setting_is_none(env: pytest.MonkeyPatch) -> None:
    env.setenv("SLACK_APP_TOKEN", "")
    env.setenv("BRIDGE_METRICS_PORT", "")
    assert read().metrics_port is None


def test_a_secret_may_stand_in_a_file_and_be_several(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old, new = keygen(), keygen()
    (tmp_path / "key").write_text(f"{new}, {old}\n", encoding="utf-8")
    env.setenv("BRIDGE_SECRET_KEY_FILE", str(tmp_path / "key"))
    config = read()
    assert config.secret_key.values == (new, old)
    assert config.secret_key.first == new


def test_a_secret_said_twice_or_in_a_file_that_is_not_there_is_wrong(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "META_APP_SECRET_FILE" in wrong(env, META_APP_SECRET_FILE=str(tmp_path / "none"))
    assert "both" in wrong(env, META_APP_SECRET="secret")


def test_the_environment_comes_before_the_file_beside(env: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BRIDGE_PORT=1\nBRIDGE_HOST=127.0.0.3\nMETA_APP_SECRET=beside\n", encoding="utf-8")
    (tmp_path / "secret").write_text("from a file", encoding="utf-8")
    env.setenv("BRIDGE_PORT", "2")
    env.setenv("META_APP_SECRET_FILE", str(tmp_path / "secret"))
    config = read()
    assert (config.port, config.host) == (2, "127.0.0.3")
    assert config.meta_app_secret.first == "from a file"


def test_a_clock_may_be_moved_only_among_stand_ins(env: pytest.MonkeyPatch) -> None:
    for name, value in LOOPBACK.items():
        env.setenv(name, value)
    env.setenv("BRIDGE_CLOCK_URL", "http://127.0.0.1:8/")
    assert read().stands_alone
    assert "BRIDGE_GRAPH_URL is not on loopback" in wrong(env, BRIDGE_GRAPH_URL="https://graph.facebook.com")


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.0.0.2", "http://[::1]:9/x", "http://bridge.localhost"]
)
def test_loopback_is_known_by_all_its_names(url: str) -> None:
    assert on_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1", "http://localhost.example.com", "http://[::2]", "https://slack.com"]
)
def test_nothing_else_is_loopback(url: str) -> None:
    assert not on_loopback(url)


def test_nothing_of_a_secret_is_in_what_is_printed_of_the_settings() -> None:
    config = Config(slack_bot_token=Secret("xoxb-hidden"), database_url="postgresql://u:hidden@h/d")
    assert "hidden@" not in repr(config)
    assert "xoxb" not in repr(config)


def test_every_secret_that_may_have_signed_a_delivery_verifies_it() -> None:
    config = Config(meta_app_secret=Secret("new", "old"), instagram_app_secret=Secret("instagram"))
    assert config.meta_secrets == ("new", "old", "instagram")

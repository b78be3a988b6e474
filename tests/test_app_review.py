"""The App Review kit against the program: it names what is asked for, and nothing else, in both languages alike."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bridge.meta.callbacks import DELETION
from bridge.meta.login import COMMENTS, SCOPES
from bridge.meta.oauth import FACEBOOK_SCOPES, INSTAGRAM_SCOPES

ROOT = Path(__file__).parent.parent
KIT = ROOT / "docs/app-review"
LANGUAGES = ("en", "ja")
OF_COMMENTS = {scope for _, scopes in COMMENTS.values() for scope in scopes}
ASKED = {*FACEBOOK_SCOPES, *INSTAGRAM_SCOPES, *OF_COMMENTS, *(scope for scopes in SCOPES.values() for scope in scopes)}
PERMISSION = re.compile(r"`((?:pages|instagram|business)_[a-z_]+)`")


def page(language: str, name: str) -> str:
    return (KIT / language / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_permission_that_is_asked_for_has_its_text_and_no_other(language: str) -> None:
    """M-15, M-16, F4: what it is for and how it is used; the way that needs it; the minute of the film."""
    text = page(language, "permissions")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    heads = [section.partition("\n")[0].strip("`") for section in sections]
    assert sorted(heads) == sorted({*ASKED, "Human Agent"})
    for section in sections:
        assert len(re.findall(r"^\*\*[^*]+\*\* .{20}", section, re.MULTILINE)) == 2, section
        assert re.search(r"\*(Film: |録画：)", section), section
    assert set(PERMISSION.findall(text.partition("\n## ")[0])) == ASKED
    assert set(PERMISSION.findall(text)) | {"instagram_manage_messages"} == ASKED


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_film_shows_each_permission(language: str) -> None:
    """F4: a permission that is not seen is refused."""
    text = page(language, "screencast")
    assert set(PERMISSION.findall(text)) == ASKED
    assert "Human Agent" in text
    minutes = re.findall(r"^\| (\d):(\d\d) \|", text, re.MULTILINE)
    assert len(minutes) > 8
    assert minutes == sorted(minutes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_scope_of_the_slack_app_has_its_reason(language: str) -> None:
    manifest: dict[str, Any] = yaml.safe_load((ROOT / "app_manifest.yml").read_text(encoding="utf-8"))
    rows = re.findall(r"^\| `([a-z:._]+)` \| ([^|]+) \| ([^|]+) \|$", page(language, "slack"), re.MULTILINE)
    assert [scope for scope, *_ in rows] == list(dict.fromkeys(scope for scope, *_ in rows))
    assert {scope for scope, *_ in rows} == set(manifest["oauth_config"]["scopes"]["bot"])
    assert all(reason.strip() and without.strip() for _, reason, without in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_deletion_leads_where_the_bridge_hears_of_it(language: str) -> None:
    """And the times are those that are kept by default."""
    text = page(language, "data")
    assert f"]{DELETION}`" in text
    assert ("7 days" in text and "180 days" in text) or ("7日間" in text and "180日間" in text)


@pytest.mark.parametrize("name", ["permissions", "screencast", "data", "slack"])
def test_both_languages_have_the_same_parts(name: str) -> None:
    def shape(language: str) -> list[str]:
        marks = (re.match(r"#+|\||\d+\.|>|-", line) for line in page(language, name).splitlines())
        return [mark[0] for mark in marks if mark is not None and mark[0] != ">"]

    assert shape("en") == shape("ja")

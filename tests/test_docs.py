"""The documents against the program: what they name exists, and what exists they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from prometheus_client import CollectorRegistry

from bridge.check import needed_scopes
from bridge.cli import commands
from bridge.config import TO_RUN, Config, Secret
from bridge.meta.intake import PATH
from bridge.meta.login import INSTAGRAM_FIELDS, PAGE_FIELDS, SCOPES
from bridge.settings import SETTABLE
from bridge.slack.render import SIGNS
from bridge.telemetry import Metrics
from bridge.wording import LANGUAGES, Wording, load

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PAGES}
EVERYTHING = "\n".join(TEXTS.values())
META, SLACK, OPERATIONS = (TEXTS[f"docs/{name}.md"] for name in ("connecting-meta", "connecting-slack", "operations"))
SETTING = re.compile(r"\b(?:BRIDGE|SLACK|META|INSTAGRAM)_[A-Z][A-Z_]*[A-Z]\b")


def settings() -> dict[str, object]:
    """Every setting by its name in the environment, with its default."""
    return {
        str(field.validation_alias or f"BRIDGE_{name.upper()}"): field.default
        for name, field in Config.model_fields.items()
    }


def shown_default(name: str) -> str:
    """How a table tells a setting's default."""
    match settings()[name]:
        case _ if name in TO_RUN:
            return "needed"
        case None | Secret():
            return "–"
        case float() as number:
            return f"{number:g}"
        case tuple() as several:
            return ",".join(several)
        case value:
            return str(value)


def leaves(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from leaves(found, *path, name)
        else:
            yield (*path, name)


def code(text: str) -> Iterator[str]:
    """What stands in code, line by line; a line that ends with a backslash goes on."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    for block in blocks:
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^ *```\w*\n.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE))


def typed(text: str) -> Iterator[list[str]]:
    """The words of every command of ours in a text."""
    for line in code(text):
        for found in re.finditer(r"(?:^|[\s/(])threadbridge +([^#|&;<>]+)", line):
            yield found[1].split()


def trouble(words: list[str]) -> str | None:
    """What is wrong with a command as it was written; None: nothing."""
    found: click.Command | None = commands
    context = click.Context(commands)
    rest = list(words)
    while isinstance(found, click.Group) and rest and not rest[0].startswith("-"):
        found = found.get_command(context, rest.pop(0))
    if found is None:
        return f"there is no `threadbridge {' '.join(words)}`"
    known = {option for parameter in found.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in rest if word.startswith("--") and word not in known | {"--help"}]
    return f"`threadbridge {' '.join(words)}` has no {unknown}" if unknown else None


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as they are made where the project is read."""
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def listed(text: str, row: str) -> set[str]:
    """The names in code in the cell beside *row* in a table."""
    (found,) = re.findall(rf"^\| {re.escape(row)} \| ([^|]+) \|", text, re.MULTILINE)
    return set(re.findall(r"`([^`]+)`", found))


@pytest.mark.parametrize("page", TEXTS)
def test_every_command_that_is_named_exists(page: str) -> None:
    assert not [said for words in typed(TEXTS[page]) if (said := trouble(words))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_that_people_read_of_in_slack_exists(language: str) -> None:
    sentences = "\n".join(load(language).values())
    assert len(list(typed(sentences))) > 5
    assert not [said for words in typed(sentences) if (said := trouble(words))]


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for line in code(EVERYTHING) for target in re.findall(r"^make ([a-z-]+)", line)}
    assert {"demo", "test"} <= named <= targets


def test_every_command_is_told_of() -> None:
    told = {tuple(words[: len(path)]) for path in leaves(commands) for words in typed(EVERYTHING)}
    assert not set(leaves(commands)) - told


@pytest.mark.parametrize("page", TEXTS)
def test_every_setting_that_is_named_exists(page: str) -> None:
    known = settings()
    files = {f"{name}_FILE" for name, default in known.items() if isinstance(default, Secret)}
    named = set(SETTING.findall(TEXTS[page]))
    assert not named - known.keys() - files - {"BRIDGE_DATABASE_URL_FILE"}


def test_every_setting_is_told_of_with_its_default() -> None:
    known = settings()
    assert not known.keys() - set(SETTING.findall(OPERATIONS))
    table = OPERATIONS.partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \| ([^|]+) \|", table, re.MULTILINE)
    assert len(rows) > 10
    for names, told in rows:
        alone, several = names.strip("`").split("`, `"), told.split(", ")
        for name, default in zip(alone, several * len(alone) if len(several) == 1 else several, strict=True):
            assert default.strip("`") == shown_default(name), name


def test_every_setting_of_an_account_is_told_of_and_no_other() -> None:
    table = TEXTS["README.md"].partition("### Settings of an account")[2].partition("\n\n##")[0]
    named = {
        name for row in re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
    }
    assert named == set(SETTABLE)
    assert set(re.findall(r"accounts set ACCOUNT ([a-z_]+)=", EVERYTHING)) <= set(SETTABLE)


@pytest.mark.parametrize("page", TEXTS)
def test_every_link_leads_somewhere(page: str) -> None:
    here = ROOT / page
    links = re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", TEXTS[page])
    for link in filter(None, (link for pair in links for link in pair)):
        if link.startswith(("https://", "mailto:")):
            continue
        path, _, anchor = link.partition("#")
        target = (here.parent / path).resolve() if path else here
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("page", TEXTS)
def test_every_file_that_is_named_exists(page: str) -> None:
    """Which tests prove the promises: `tests/core/test_documents.py`."""
    named = {found[0] for word in code(TEXTS[page]) if (found := re.match(r"(bridge|docs|tests)/[\w/.]+", word))}
    assert not {path for path in named if not (ROOT / path).exists()}


def test_every_room_has_its_row() -> None:
    rooms = TEXTS["docs/architecture.md"].partition("## Rooms")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| ([^|]+) \|", rooms, re.MULTILINE)
    named = {each.rstrip("/") for cell in cells for each in re.findall(r"`([^`]+)`", cell)}
    code = [each for each in (ROOT / "bridge").iterdir() if each.is_dir() or each.suffix == ".py"]
    assert {path.relative_to(ROOT).as_posix() for path in code if not path.name.startswith("__")} <= named


@pytest.mark.parametrize("page", TEXTS)
def test_no_page_says_what_only_we_know(page: str) -> None:
    assert not re.findall(r"/home/|/tmp/|\bTODO\b|\bFIXME\b", TEXTS[page])


def test_the_webhooks_fields_are_those_that_are_subscribed() -> None:
    """Meta spells them twice: the page's are not Instagram's."""
    assert listed(META, "*Page*") == set(PAGE_FIELDS)
    assert listed(META, "*Instagram*") == set(INSTAGRAM_FIELDS)
    assert PATH in META


def test_the_permissions_are_told_and_spelt_as_meta_spells_them() -> None:
    """I-08, CT-24, M-15, M-16"""
    ways = ("Page", "Instagram through its Page", "Instagram Login")
    for way, needed in zip(ways, SCOPES.values(), strict=True):
        assert listed(META.partition("### Permissions")[2], way) == set(needed)
    assert "pages_show_list" in META
    assert "pages_showlist" not in EVERYTHING


def test_every_scope_that_slack_is_asked_for_has_its_reason() -> None:
    reasons = re.findall(r"^\| (`[a-z:.]+`(?:, `[a-z:.]+`)*) \| \S", SLACK, re.MULTILINE)
    assert {name.strip("`") for row in reasons for name in row.split(", ")} == needed_scopes()


def test_the_signs_are_those_that_are_put_up() -> None:
    assert set(re.findall(r"`:(\w+):` \|", TEXTS["README.md"])) == set(SIGNS.values())


def test_every_sign_of_an_alert_is_told_of() -> None:
    """Whoever is woken by one finds what to do under its sign."""
    titles = [text for key, text in load("en").items() if key.startswith("alert.") and not text[:1].isalnum()]
    signs = {text.partition(" ")[0] for text in titles if " " in text} - {"✅", "{why}", "…"}
    table = OPERATIONS.partition("## When something is wrong")[2]
    assert len(signs) >= 10
    assert not {sign for sign in signs if sign not in table}


def test_every_figure_that_is_named_is_shown() -> None:
    shown = {family.name for family in Metrics(CollectorRegistry()).registry.collect()}
    named = {name.removesuffix("_total") for name in re.findall(r"threadbridge_\w+", EVERYTHING)}
    assert named <= shown


def test_the_switch_in_the_instagram_app_has_one_path_everywhere() -> None:
    """I-10, CT-25"""
    told = Wording("en").say("cause.setup.connected_tools")
    path = told.partition(": ")[2].rstrip(".")
    assert path in re.sub(r"\*|\n *", lambda found: " " if "\n" in found[0] else "", META)
    assert "Allow access to messages" in META


def test_the_steps_before_connecting_are_told_in_order() -> None:
    """I-04, I-05, ZI-05, ZI-07, ZI-17: professional account, the app and its name, the link with the Page, then the token."""
    steps = (
        "Switch to professional account",
        "Its name is what people",
        "a tester who has accepted",
        "Linked accounts",
        "instagram_business_account.id",
    )
    places = [META.index(step) for step in steps]
    assert places == sorted(places)


def test_what_cannot_be_connected_is_listed() -> None:
    """CT-11, CT-14, CT-19, M-12, M-25: each with its reason."""
    page = TEXTS["docs/not-supported.md"]
    rows = re.findall(r"^\| (.+) \| (.+) \|$", page, re.MULTILINE)
    assert all(why.strip() for _, why in rows)
    told = " ".join(what for what, _ in rows)
    assert all(word in told for word in ("vanish mode", "folder", "Group", "comments", "takes back", "stories"))


def test_folders_are_explained_and_never_promised() -> None:
    """M-08, M-09, M-10, M-11, M-12, M-13"""
    folders = META.partition("**Folders:**")[2]
    assert all(f"*{name}*" in folders for name in ("Primary", "General", "Requests"))
    assert "tells no app which" in folders
    assert "An answer from Slack moves a conversation to General, whatever the settings" in folders
    assert "messages are not marked read" in folders
    assert "Notifications** of Instagram's web inbox are off" in folders
    cards = [text for key, text in load("en").items() if key.startswith("card.")]
    assert not [text for text in cards if re.search(r"\b(Primary|General|Requests)\b", text)]

"""Audits of the whole: rules that no single module can keep by itself."""

import ast
import os
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STATEMENTS = (ast.stmt, ast.excepthandler, ast.match_case)
NOT_OURS = {".git", ".venv", ".venv-pins", "__pycache__", "build", "dist", "node_modules"}

# Retired by Meta on 2026-04-27: https://developers.facebook.com/docs/messenger-platform/send-messages/message-tags
RETIRED_TAGS = ("CONFIRMED_EVENT_UPDATE", "POST_PURCHASE_UPDATE", "ACCOUNT_UPDATE")
REGISTRIES = re.compile(r"py[p]i\.org|python[h]osted|npm[j]s\.(org|com)|deb[.]debian\.org|crates[.]io|proxy[.]golang")


def python_files(*folders: str) -> list[Path]:
    """Every Python file below `folders`, the migrations excepted: they are history."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def all_files() -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        yield from (path for name in names if (path := Path(folder, name)).is_file())


def nodes(path: Path, *words: str) -> Iterator[ast.AST]:
    """What a file is made of; nothing where none of *words* stands in it, for reading them all takes long."""
    text = path.read_text(encoding="utf-8")
    return ast.walk(ast.parse(text)) if any(word in text for word in words) else iter(())


def functions(text: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All of them, also in classes and in each other; what is no statement has none."""
    rest: list[ast.AST] = [ast.parse(text)]
    while rest:
        node = rest.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        rest += [each for each in ast.iter_child_nodes(node) if isinstance(each, STATEMENTS)]


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files("bridge", "tests")}
    assert not [f"{path.relative_to(ROOT)}: {length}" for path, length in lengths.items() if length > 400]


def leads_nowhere(name: str) -> bool:
    """Whether nothing of ours has this dotted name."""
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return True
    return False


def test_what_a_docstring_names_of_ours_is_there() -> None:
    named = {
        (name, str(path.relative_to(ROOT)))
        for path in python_files("bridge")
        for name in re.findall(r"`(bridge(?:\.\w+)+)`", path.read_text(encoding="utf-8"))
    }
    assert leads_nowhere("bridge.model.decision.Nothing")
    assert not [each for each in sorted(named) if leads_nowhere(each[0])]


def test_no_function_is_longer_than_a_screen() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in python_files("bridge", "tests")}
    long = {path: text for path, text in texts.items() if len(text.splitlines()) > 50}
    lengths = [
        (place(path, node), (node.end_lineno or 0) - node.lineno + 1)
        for path, text in long.items()
        for node in functions(text)
    ]
    assert not [found for found in lengths if found[1] > 50]


def test_only_the_configuration_reads_the_environment() -> None:
    def reads(node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv"):
                return True
            case ast.ImportFrom(module="os", names=names):
                return any(name.name in {"environ", "environb", "getenv"} for name in names)
            case ast.keyword(arg="envvar" | "auto_envvar_prefix"):
                return True
            case _:
                return False

    others = [path for path in python_files("bridge") if path != ROOT / "bridge/config.py"]
    assert not [
        place(path, node) for path in others for node in nodes(path, "environ", "getenv", "envvar") if reads(node)
    ]


def test_no_retired_tag_can_be_sent() -> None:
    """F5: only the stand-in knows their names, to refuse them."""
    shipped = [path for path in (ROOT / "bridge").rglob("*.*") if "demo" not in path.parts and path.is_file()]
    texts = {path.relative_to(ROOT): path.read_bytes().decode(errors="replace") for path in shipped}
    assert not [(str(path), tag) for path, text in texts.items() for tag in RETIRED_TAGS if tag in text]


def test_no_file_names_a_package_registry() -> None:
    texts = ((path, path.read_bytes().decode(errors="replace")) for path in all_files())
    assert not [(str(path.relative_to(ROOT)), found[0]) for path, text in texts for found in REGISTRIES.finditer(text)]


def test_tests_wait_for_conditions_and_never_for_time() -> None:
    def sleeps(node: ast.AST) -> bool:
        match node:
            case ast.Call(func=ast.Attribute(attr="sleep") | ast.Name(id="sleep"), args=[ast.Constant(value=0)]):
                return False
            case ast.Call(func=ast.Attribute(attr="sleep") | ast.Name(id="sleep")):
                return True
            case _:
                return False

    assert not [place(path, node) for path in python_files("tests") for node in nodes(path, "sleep") if sleeps(node)]


def test_no_test_is_switched_off_and_none_replaces_our_own_code() -> None:
    def evades(node: ast.AST) -> bool:
        match node:
            case ast.Attribute(value=ast.Name(id="pytest"), attr="skip" | "xfail" | "importorskip"):
                return True
            case ast.Attribute(value=ast.Attribute(attr="mark"), attr="skip" | "skipif" | "xfail"):
                return True
            case ast.Import(names=names):
                return any(name.name.startswith("unittest.mock") for name in names)
            case ast.ImportFrom(module="unittest" | "unittest.mock", names=names):
                return True
            case _:
                return False

    assert not [
        place(path, node)
        for path in python_files("tests")
        for node in nodes(path, "skip", "xfail", "mock")
        if evades(node)
    ]


def test_whatever_must_be_pure_is_held_to_it() -> None:
    """The contract about I/O names the whole core, and what each adapter reads, renders and words with."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    direction, purity, *_ = settings["contracts"]
    core = {f"bridge.{name}" for name in re.findall(r"\w+", direction["layers"][-1])}
    adapters = {
        f"bridge.{path.parent.name}.{path.stem}"
        for name in ("parse", "render", "text")
        for path in [*ROOT.glob(f"bridge/*/{name}.py"), *ROOT.glob(f"bridge/*/{name}/")]
        if path.parent.name != "demo"
    }
    assert core | adapters <= set(re.findall(r"[\w.]+", purity["layers"][-1]))


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return dict(line.removesuffix(" \\").split("==") for line in lines if line[:1].isalnum())


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_a_pinned_set_holds_versions_and_hashes_and_nothing_else(name: str) -> None:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    allowed = re.compile(r"[a-z0-9.-]+==[^ @]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?|#.*|    #.*")
    assert not [line for line in lines if not allowed.fullmatch(line)]


def test_what_runs_is_what_was_tested() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[><=]", dependency)[0].lower().replace("_", "-") for dependency in project["dependencies"]}
    assert wanted <= run.keys()
    assert run.items() <= dev.items()


def test_the_version_is_the_same_wherever_it_stands() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    package = (ROOT / "bridge/__init__.py").read_text(encoding="utf-8")
    assert re.findall(r'__version__ = "(.+)"', package) == [project["version"]]
    assert f"## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

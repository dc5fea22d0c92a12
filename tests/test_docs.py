"""The documentation names what the code has, and its links lead somewhere."""

import re
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

import pytest
from pydantic import BaseModel

from app.cli import app as command_line
from app.evaluation import METRICS
from app.http_errors import status_of
from app.search.fusion import FUSIONS, NORMALIZATIONS, FusionSettings
from app.search.ranking import RetrieverSpec
from app.search.request import SearchRequest
from app.search.retrieval.retrievers import BUILT_IN
from app.settings import Settings
from indexer import errors
from indexer.analysis import VIEWS
from indexer.encoders import ENCODER_TYPES
from indexer.errors import TextPrismError
from indexer.generation import FORMAT, EncoderEntry, Manifest
from indexer.lexical.format import TABLES
from indexer.types import IndexSettings
from indexer.vectors.kinds import FORMS
from indexer.weighting import WEIGHTINGS, WeightingParameters

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")])
README, README_ZH = "README.md", "README.zh-CN.md"
GUIDE, SCORING, FORMAT_PAGE = "docs/guide.md", "docs/scoring.md", "docs/index-format.md"

COMMANDS = [str(each.name) for each in command_line.registered_commands]
VARIANTS = [variant for variants in WEIGHTINGS.values() for variant in variants]
ENCODER_OPTIONS = [name for each in ENCODER_TYPES.values() for name in each.options.model_fields]
STORED = re.findall(r"^    (\w+) (?:INTEGER|TEXT|BLOB)", TABLES, flags=re.MULTILINE)


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text()


def error_classes() -> list[type[TextPrismError]]:
    """Every class below the base."""
    found = [each for each in vars(errors).values() if isinstance(each, type)]
    return [each for each in found if issubclass(each, TextPrismError) and each is not TextPrismError]


def prose(text: str) -> str:
    """A page without its blocks of code, in which a `#` begins no heading and a bracket no link."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def headings(text: str) -> list[str]:
    """The headings of a page, each with its marks."""
    return re.findall(r"^#+ .*$", prose(text), flags=re.MULTILINE)


def anchors(text: str) -> set[str]:
    """What a link to a heading of a page ends in."""
    titles = [heading.lstrip("# ").lower() for heading in headings(text)]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def missing(names: Iterable[str], text: str) -> list[str]:
    """The names that stand nowhere in a text as code."""
    return [name for name in names if not re.search(rf"`(?:[^`\n]*[^`\w\n])?{re.escape(name)}(?!\w)", text)]


@pytest.mark.parametrize("readme", [README, README_ZH])
def test_every_command_is_in_the_readme(readme: str) -> None:
    assert len(COMMANDS) >= 9
    text = page(readme)
    assert [name for name in COMMANDS if not re.search(rf"`{name}`|textprism {name}\b", text)] == []


def test_every_command_is_shown_or_told_in_the_guide() -> None:
    guide = page(GUIDE)
    told = [name for name in COMMANDS if re.search(rf"textprism {name}\b", guide)]
    assert sorted(told) == sorted(set(COMMANDS) - {"demo"})  # that one is the README's


@pytest.mark.parametrize(
    ("names", "where"),
    [
        pytest.param(list(BUILT_IN), [README, README_ZH, GUIDE], id="retrievers"),
        pytest.param(VARIANTS, [README, README_ZH, GUIDE, SCORING], id="variants"),
        pytest.param(list(VIEWS), [GUIDE], id="views"),
        pytest.param(list(FUSIONS), [README, README_ZH, GUIDE, SCORING], id="fusions"),
        pytest.param(list(NORMALIZATIONS), [README, README_ZH, GUIDE, SCORING], id="normalizations"),
        pytest.param(list(METRICS), [GUIDE], id="metrics"),
        pytest.param(list(ENCODER_TYPES), [README, README_ZH, GUIDE, FORMAT_PAGE], id="encoders"),
        pytest.param(ENCODER_OPTIONS, [GUIDE], id="encoder options"),
        pytest.param(list(FORMS), [FORMAT_PAGE], id="vector indexes"),
        pytest.param([f"TEXTPRISM_{name.upper()}" for name in Settings.model_fields], [GUIDE], id="settings"),
        pytest.param(list(WeightingParameters.model_fields), [GUIDE, SCORING], id="parameters"),
        pytest.param(STORED, [FORMAT_PAGE], id="columns"),
    ],
)
def test_every_name_of_a_table_is_in_the_pages(names: list[str], where: list[str]) -> None:
    assert names
    assert {name: missing(names, page(name)) for name in where} == {name: [] for name in where}


@pytest.mark.parametrize(
    ("model", "where"),
    [
        (SearchRequest, GUIDE),
        (RetrieverSpec, GUIDE),
        (FusionSettings, GUIDE),
        (IndexSettings, GUIDE),
        (Manifest, FORMAT_PAGE),
        (EncoderEntry, FORMAT_PAGE),
    ],
)
def test_every_key_is_in_its_page(model: type[BaseModel], where: str) -> None:
    assert missing(model.model_fields, page(where)) == []


def test_the_defaults_are_those_of_the_code() -> None:
    text = page(SCORING)
    defaults = {name: each.default for name, each in WeightingParameters.model_fields.items()}
    told = {name: default for name, default in defaults.items() if default is not None}
    assert [name for name, default in told.items() if f"| `{name}` | {default:g} |" not in text] == []
    for kind, variants in WEIGHTINGS.items():
        first, *_ = re.findall(r"\| `([^`]+)` \|", text.split(f"### {kind}")[1])
        assert first == next(iter(variants))


def test_the_format_is_that_of_the_code() -> None:
    assert f"Format: **{FORMAT}**" in page(FORMAT_PAGE)


@pytest.mark.parametrize("error", error_classes(), ids=lambda each: each.__name__)
def test_every_error_is_told_with_its_status(error: type[TextPrismError]) -> None:
    status: HTTPStatus = status_of(error.__new__(error))
    assert re.search(rf"`{error.__name__}` \|.*\| {int(status)} \|$", page("ARCHITECTURE.md"), re.MULTILINE)
    if "code" in vars(error):
        assert re.search(rf"^\| .*`{error.code}.*\| {int(status)} \|", page(GUIDE), re.MULTILINE)


def test_every_make_target_is_in_the_contributing_page() -> None:
    [phony] = re.findall(r"^\.PHONY: (.*)$", page("Makefile"), flags=re.MULTILINE)
    text = page("CONTRIBUTING.md")
    assert [name for name in phony.split() if f"`make {name}`" not in text] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda each: str(each.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(path.read_text())):
        if re.match(r"\w+:", target):
            continue
        name, _, anchor = target.partition("#")
        place = (path.parent / name).resolve() if name else path
        if not place.exists() or (anchor and anchor not in anchors(place.read_text())):
            broken.append(target)
    assert broken == []


def test_every_decision_is_numbered_in_turn() -> None:
    names = [path.name for path in PAGES if path.parent.name == "decisions"]
    assert [name[:5] for name in names] == [f"{number:04d}-" for number in range(1, len(names) + 1)]


def test_the_two_readmes_are_twins() -> None:
    one, other = page(README), page(README_ZH)
    assert [each.split()[0] for each in headings(one)] == [each.split()[0] for each in headings(other)]
    blocks = [re.findall(r"^```.*?^```$", each, flags=re.MULTILINE | re.DOTALL) for each in (one, other)]
    assert blocks[0] == blocks[1]


def test_the_readme_is_short() -> None:
    assert len(page(README).splitlines()) < 150

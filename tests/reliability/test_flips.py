"""Bits that flip and files that are cut off: refused by name or without effect, never a wrong answer."""

import random
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from app.search.engines import Engines
from app.search.request import SearchRequest
from app.search.searcher import search
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.encoders import KeptModels
from indexer.errors import TextPrismError
from indexer.types import EncoderSettings, IndexSettings
from tests.app.sample import sample
from tests.library import new_catalogue, store
from tests.reliability.extent import extent, tell

SETTINGS = IndexSettings(
    encoders={"word2vec": EncoderSettings(type="word2vec", options={"dims": 16, "epochs": 2})}
)
REQUEST = SearchRequest(q="cats 猫 water", filter="year >= 2000", facets=["lang"], explain="full")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two generations of the same documents."""
    folder = tmp_path_factory.mktemp("built")
    with new_catalogue(folder) as catalogue:
        store(catalogue, "news", sample(), SETTINGS)
        build_generation(catalogue, folder, "news")
        build_generation(catalogue, folder, "news", keep_encoders=True)
    return folder


@pytest.fixture
def data_dir(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "data")


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with one bit flipped, or with something less or more of it."""
    kind = chance.random()
    if not content or kind < 0.1:
        return content + bytes([chance.randrange(256)])
    if kind < 0.3:
        return content[: chance.randrange(len(content))]
    changed = bytearray(content)
    changed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def test_no_damage_of_a_generation_changes_an_answer(data_dir):
    chance = random.Random(8)
    folder = data_dir / "indexes" / "news"
    files = sorted(path for path in (folder / "gen-000002").rglob("*") if path.is_file())
    files.append(folder / "CURRENT")
    n, ended = extent(120, 10_000), Counter[str]()
    with Catalogue.open(data_dir) as catalogue:
        whole = search(catalogue, Engines(catalogue, data_dir).get("news"), REQUEST)
        for _ in range(n):
            path = chance.choice(files)
            content = path.read_bytes()
            path.write_bytes(mutated(content, chance))
            engine = Engines(catalogue, data_dir).get("news")
            found = search(catalogue, engine, REQUEST)
            assert (found.hits, found.facets, found.degraded) == (whole.hits, whole.facets, False), path
            ended["refused" if engine.faults else "made anew or without effect"] += 1
            if engine.faults:
                assert re.search(r"gen-\d{6}|CURRENT", engine.faults[0])
            path.write_bytes(content)
    told = ", ".join(f"{what} {times:,}" for what, times in ended.most_common())
    tell(f"damaged files of a generation: {n:,} ({told}), 0 wrong answers")


def test_no_damage_of_the_catalogue_changes_a_document(data_dir):
    chance = random.Random(9)
    path = data_dir / "textprism.db"
    with Catalogue.open(data_dir) as catalogue:
        documents = {each.doc_id: each for each in catalogue.documents.list("news", 0, 1_000).documents}
    content = path.read_bytes()
    n, ended = extent(120, 10_000), Counter[str]()
    for _ in range(n):
        path.write_bytes(mutated(content, chance))
        for each in ("textprism.db-wal", "textprism.db-shm"):
            (data_dir / each).unlink(missing_ok=True)
        try:
            with Catalogue.open(data_dir) as catalogue:
                found = catalogue.documents.get_many("news", list(documents))
                damaged = set(catalogue.documents.damaged("news", lambda _: None))
            assert all(documents[doc_id] == document for doc_id, document in found.items())
            assert not damaged & set(found)
            ended[
                "named" if damaged else "some rows are gone" if len(found) < len(documents) else "none"
            ] += 1
        except (TextPrismError, OSError) as error:
            ended[type(error).__name__] += 1
    told = ", ".join(f"{what} {times:,}" for what, times in ended.most_common())
    tell(f"damaged catalogues: {n:,} ({told}), 0 changed documents handed out")


def test_no_damage_of_a_kept_model_goes_unnoticed(data_dir, tmp_path):
    chance = random.Random(10)
    models = KeptModels(data_dir)
    with Catalogue.open(data_dir) as catalogue:
        generation = Engines(catalogue, data_dir).get("news").generation
    encoder = generation.dense["word2vec"].encoder
    words = encoder.words  # type: ignore[attr-defined]
    kept = models.keep("wiki", "word2vec", words, "terms", {})
    files = sorted((data_dir / "models" / "wiki" / "000001").iterdir())
    n, noticed = extent(60, 2_000), 0
    for _ in range(n):
        path = chance.choice([each for each in files if each.name != "report.json"])
        content = path.read_bytes()
        path.write_bytes(mutated(content, chance))
        try:
            read = KeptModels(data_dir).words(models.get("wiki"))
            assert list(read.words) == list(words.words)
            assert read.vectors.tobytes() == words.vectors.tobytes()
            assert read.counts is not None
            assert read.counts.tolist() == words.counts.tolist()
        except TextPrismError:
            noticed += 1
        path.write_bytes(content)
    assert KeptModels(data_dir).words(kept).dims == words.dims
    tell(f"damaged kept models: {n:,}, {noticed:,} refused, the others without effect")

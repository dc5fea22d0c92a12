"""Small indexes, and requests of every kind to them, drawn at random."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from app.search.engines import Engine, Engines
from app.search.fusion import FUSIONS, NORMALIZATIONS
from indexer.build import build_generation
from indexer.database import Catalogue
from indexer.types import DEFAULT_VIEWS, EncoderSettings, IndexSettings
from indexer.weighting import WEIGHTINGS
from tests.app.sample import sample
from tests.library import new_catalogue, store

WORDS = "river bank fish cat water 猫 喜欢 鱼 水 河岸 学习 机器 银行 model the 的".split()
ENCODERS = {
    "hashing": EncoderSettings(type="hashing"),
    "compressed": EncoderSettings(type="hashing", vectors="SQ8"),
    "weighted": EncoderSettings(type="hashing", fields={"title": 2.5, "text": 1}),
}


@contextmanager
def indexes(folder: Path) -> Iterator[tuple[Catalogue, list[Engine]]]:
    """The sample, and random documents of which some have changed since the generation was built."""
    draw = Random(7)
    with new_catalogue(folder) as catalogue:
        for name, documents in (("sample", sample()), ("random", _documents(draw))):
            store(catalogue, name, documents, IndexSettings(encoders=ENCODERS))
            build_generation(catalogue, folder, name)
        store(catalogue, "random", _documents(draw)[:20])
        yield catalogue, [Engines(catalogue, folder).get(name) for name in ("sample", "random")]


def _documents(draw: Random) -> list[dict[str, Any]]:
    """Texts of few words, so that many tie."""
    return [
        {
            "id": f"d{number}",
            "title": " ".join(draw.choices(WORDS, k=draw.randint(0, 3))),
            "text": " ".join(draw.choices(WORDS, k=draw.randint(1, 12))),
            "category": draw.choice("abcd"),
            "year": draw.randint(2019, 2024),
        }
        for number in range(60)
    ]


def drawn_request(draw: Random, ids: list[str]) -> dict[str, Any]:
    """A search with any of what ranks: retrievers, fusion and the stages behind it."""
    retrievers = [_retriever(draw, f"r{number}") for number in range(draw.randint(1, 4))]
    request: dict[str, Any] = {
        "limit": draw.randint(1, 30),
        "retrievers": retrievers if draw.random() < 0.8 else None,
        "depth": draw.choice([None, 3, 20, 200]),
        "suggest": False,
        **({"like": draw.choice(ids)} if draw.random() < 0.1 else {"q": _query(draw)}),
    }
    if request["retrievers"] and draw.random() < 0.8:
        request["fusion"] = {
            "method": draw.choice(list(FUSIONS)),
            "normalization": draw.choice(list(NORMALIZATIONS)),
            "k": draw.choice([0.5, 60, 7_919]),
            "weights": {each["name"]: draw.choice([0.01, 0.3, 1, 31]) for each in retrievers},
        }
    stages = {
        "filter": draw.choice(["year >= 2021", "category IN [a, b, animals, city]", "NOT year = 2020"]),
        "rerank": {
            "by": draw.choice(["proximity", "passage"]),
            "window": draw.randint(1, 40),
            "weight": draw.choice([0.1, 0.5, 1.0]),
        },
        "diversity": {"relevance": draw.choice([0.2, 0.7, 1.0])},
        "group": {"field": "category", "size": draw.randint(1, 3)},
        "sort": [draw.choice(["year", "year:desc"])],
        "over": "matches",
    }
    return request | {name: each for name, each in stages.items() if draw.random() < 0.2}


def _query(draw: Random) -> str:
    words = draw.choices(WORDS, k=draw.randint(1, 5))
    if draw.random() < 0.3:
        place = draw.randrange(len(words))
        form = draw.choice(["+{}", "-{}", '"{}"', "title:{}", "{}*", "{}~1", "{}^2.5"])
        words[place] = form.format(words[place])
    return " ".join(words)


def _retriever(draw: Random, name: str) -> dict[str, Any]:
    if draw.random() < 0.4:
        return {"name": name, "type": "dense", "encoder": draw.choice(list(ENCODERS))}
    kind = draw.choice(list(WEIGHTINGS))
    spec = {
        "variant": draw.choice(list(WEIGHTINGS[kind])),
        "view": draw.choice([None, list(DEFAULT_VIEWS), "words"]),
        "fields": draw.choice([None, ["title^2.5", "text"], ["text"]]),
        "combine": draw.choice(["bm25f", "sum"]),
        "k1": draw.choice([0, 0.9, 2]),
        "mu": draw.choice([2, 2_000]),
    }
    return {"name": name, "type": kind, **{key: each for key, each in spec.items() if each is not None}}

"""How good each space of word vectors is, alone and fused with BM25, beside BM25 alone.

`python -m benchmarks.spaces FOLDER…` takes BEIR folders; each is imported, the word vectors are trained once,
and every pooling that is asked for makes an encoder of them. The p of a difference in nDCG@10 is that of a
paired randomisation test (Fisher; 10,000 draws of the signs, both sides)."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.evaluation import evaluate, parse_metric, read_judgements, read_queries
from app.search.engines import Engine, Engines
from app.search.request import search_request
from app.search.searcher import served_ids
from app.settings import Settings, open_catalogue
from indexer.build import build_generation, train_model
from indexer.database import Catalogue
from indexer.documents import find_sources, import_documents
from indexer.types import EncoderSettings, IndexSettings

METRIC = "ndcg@10"
DRAWS = 10_000
TYPES = ("word2vec", "glove", "fasttext")


def p_value(one: Sequence[float], other: Sequence[float]) -> float:
    """How often the mean difference of paired values is as large when its signs are drawn by lot."""
    differences = np.array(one) - np.array(other)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], size=(DRAWS, len(differences)))
    drawn = np.abs(signs @ differences)
    return float((1 + np.count_nonzero(drawn >= abs(differences.sum()) - 1e-12)) / (1 + DRAWS))


def values(
    catalogue: Catalogue, engine: Engine, folder: Path, qrels: str, retrievers: list[str]
) -> list[float]:
    """nDCG@10 of each judged query by these retrievers, fused as by default."""
    request = search_request(retrievers=retrievers)

    def served(text: str, depth: int) -> list[str]:
        return served_ids(catalogue, engine, request.model_copy(update={"q": text, "limit": depth}))

    queries, judged = read_queries(folder / "queries.jsonl"), read_judgements(folder / "qrels" / qrels)
    found = evaluate(served, queries, judged, [parse_metric(METRIC)])
    return [each[METRIC] for each in found.per_query.values()]


def encoders_of(catalogue: Catalogue, data_dir: Path, types: Sequence[str], poolings: Sequence[str]) -> None:
    """Trains word vectors of each type once; the index then has an encoder of them for each pooling."""
    encoders = {}
    for name in types:
        kind, _, options = name.partition(":")
        given = dict(each.split("=") for each in options.split(",") if each)
        model = train_model(catalogue, data_dir, "set", kind, {k: _number(v) for k, v in given.items()})
        for pooling in poolings:
            label = f"{name}-{pooling}".replace(":", "-").replace("=", "").replace(",", "-").replace(".", "")
            encoders[label] = EncoderSettings(type=kind, model=model.model, options={"pooling": pooling})
    settings = catalogue.indexes.get("set").settings
    catalogue.indexes.save_settings("set", settings.model_copy(update={"encoders": encoders}))


def _number(written: str) -> int | float | str:
    try:
        return int(written)
    except ValueError:
        try:
            return float(written)
        except ValueError:
            return written


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Prints a line for each set and ranking."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spaces", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--qrels", default="test.tsv")
    parser.add_argument("--types", default=",".join(TYPES), help="parted by `;` where they have options")
    parser.add_argument("--poolings", default="squared_idf")
    given = parser.parse_args()
    types = given.types.split(";" if ":" in given.types else ",")
    for folder in given.folders:
        with tempfile.TemporaryDirectory() as temporary:
            data_dir = Path(temporary)
            with open_catalogue(Settings(data_dir=data_dir), create=True) as catalogue:
                catalogue.indexes.create("set", IndexSettings(encoders={}))
                import_documents(catalogue, "set", find_sources([str(folder)]))
                encoders_of(catalogue, data_dir, types, given.poolings.split(","))
                build_generation(catalogue, data_dir, "set")
                engine = Engines(catalogue, data_dir).get("set")
                bm25 = values(catalogue, engine, folder, given.qrels, ["bm25"])
                _tell(f"{folder.name} ({len(bm25)} queries): bm25 {np.mean(bm25):.4f}")
                for name in engine.generation.dense:
                    alone = values(catalogue, engine, folder, given.qrels, [name])
                    both = values(catalogue, engine, folder, given.qrels, ["bm25", name])
                    told = f"alone {np.mean(alone):.4f}, with bm25 {np.mean(both):.4f}"
                    p = p_value(both, bm25)
                    _tell(f"  {name:<32} {told} ({np.mean(both) - np.mean(bm25):+.4f}, p {p:.3f})")


if __name__ == "__main__":
    main()

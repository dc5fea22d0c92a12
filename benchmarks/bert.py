"""How fast a model folder encodes: a query, and documents against the same graph driven by hand.

    python -m benchmarks.bert MODEL [--texts FILE] [--count N]

Both sides get the same texts, cut to one window, with the same options of onnxruntime, in turns; the share is
the time by hand over the encoder's. By hand: tokenizer, graph, mean over the mask, length 1."""

import argparse
import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import onnxruntime
import orjson
from tokenizers import Tokenizer

from indexer.encoders.bert.encoder import BertEncoder
from indexer.encoders.bert.making import make_bert
from indexer.encoders.bert.options import BertOptions
from indexer.types import Vectors

QUERIES = 200
ROUNDS = 5

Encode = Callable[[str], Vectors]


def by_hand(encoder: BertEncoder, model: Path) -> Encode:
    """The graph of the encoder without the encoder, a text a call."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = str(encoder.files[encoder.settings.graph])
    session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.enable_truncation(encoder.settings.max_length)
    names = {each.name for each in session.get_inputs()}

    def encode(text: str) -> Vectors:
        encoding = tokenizer.encode(encoder.settings.document_prompt + text)
        ids = np.array([encoding.ids], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        [hidden] = session.run(None, {name: each for name, each in given.items() if name in names})[:1]
        mean = hidden[0].mean(axis=0)
        vector: Vectors = mean / np.linalg.norm(mean)
        return vector

    return encode


def first_windows(encoder: BertEncoder, texts: Sequence[str]) -> list[str]:
    """As much of each text as fits into one window, those without a token left out."""
    prompt, length = encoder.settings.document_prompt, encoder.settings.max_length
    found = encoder.tokenizer.windows(texts, prompt, length, most=1)
    return [
        text[: max(each.windows[0].ends)] for text, each in zip(texts, found, strict=True) if each.windows
    ]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes, once."""
    started = perf_counter()
    work()
    return perf_counter() - started


def read_texts(path: Path | None, count: int) -> list[str]:
    """The texts of a JSON Lines file of documents, or made-up ones."""
    if path is None:
        return [
            f"How does a river find its way to the sea, asked child {number}?" * 5 for number in range(count)
        ]
    with open(path, "rb") as file:
        documents = [orjson.loads(line) for line in islice(file, count)]
    return [f"{each.get('title', '')}\n{each.get('text', '')}" for each in documents]


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bert", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--texts", type=Path, help="documents, a JSON object a line")
    parser.add_argument("--count", type=int, default=60)
    given = parser.parse_args()
    encoder = make_bert(BertOptions(model=str(given.model), pooling="mean"))
    texts = first_windows(encoder, read_texts(given.texts, given.count))
    hand = by_hand(encoder, given.model)
    apart = max(
        float(np.abs(hand(text) - encoder.rows([text])[0][0]).max()) for text in texts[: min(10, len(texts))]
    )
    shares, rates = [], []
    for _ in range(ROUNDS):
        own = seconds(lambda: encoder.rows(texts))
        shares.append(seconds(lambda: [hand(text) for text in texts]) / own)
        rates.append(len(texts) / own)
    queries = [f"how do rivers {number} find the sea" for number in range(QUERIES)]
    times = sorted(seconds(lambda query=query: encoder.encode_query(query)) for query in queries)  # type: ignore[misc]
    lines = [
        f"largest difference of a number   {apart:.1e}",
        f"documents a second               {median(rates):.1f}",
        f"share of driven by hand          {median(shares):.3f}",
        f"query, p50                       {1e3 * median(times):.2f} ms",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()

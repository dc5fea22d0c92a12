"""How fast an RNN is trained and served, beside torch and onnxruntime driven by hand in the same run.

    python -m benchmarks.rnn FOLDER [--documents 20000] [--objective contrastive]

FOLDER: a corpus.jsonl(.gz) of documents with title and text. A GRU of 128/256 walks once over the texts:
here with its held-out losses, checkpoints and a way to stop; by hand in a loop of the same network, loss,
optimiser and batches; processor seconds of one thread. Then texts are encoded here, and the same graph is run
by hand on the same words in batches of the same size, in turns; the share is the time by hand over the
encoder's."""

import argparse
import gzip
import json
import sys
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from indexer.analysis import Analyzer
from indexer.encoders.rnn.encoder import WordRnn
from indexer.encoders.rnn.encoder import make_encoder as make_rnn
from indexer.encoders.rnn.network import MOST_TOGETHER
from indexer.encoders.rnn.options import KeptRnnOptions
from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.order import Order
from indexer.pretraining.rnn import RnnTrainingOptions
from indexer.pretraining.rnn.examples import Chunks, Source, Told
from indexer.pretraining.rnn.training import Corpus, read_corpus, train_rnn
from indexer.types import AnalysisSettings, no_progress

ROUNDS = 5
QUERIES = 300
TEXTS = 2_000


class ByHand(nn.Module):
    """The network that a few lines of torch make."""

    def __init__(self, options: RnnTrainingOptions, vocabulary: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, options.embedding)
        self.rnn = nn.GRU(options.embedding, options.hidden, batch_first=True)
        self.output = nn.Linear(options.hidden, vocabulary) if options.objective == "language" else None

    def states(self, rows: list[Any]) -> tuple[Tensor, Tensor]:
        """The states of some texts, and where there are any."""
        lengths = torch.tensor([len(row) + 1 for row in rows])
        ids = torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64)
        ids[:, 0] = 2
        for place, row in enumerate(rows):
            ids[place, 1 : lengths[place]] = torch.as_tensor(np.asarray(row, np.int64))
        return self.rnn(self.embedding(ids))[0], torch.arange(ids.shape[1]) < lengths[:, None]


def epoch_by_hand(corpus: Corpus, options: RnnTrainingOptions) -> float:
    """Processor seconds of one walk over the texts, without anything around it."""
    model = ByHand(options, corpus.lexis.size)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate)
    known, _ = corpus.pieces.parted()
    chunks, pairs = Chunks(known, options.length, corpus.lexis.end), Likenesses(known, options.length, 1)
    order = Order((chunks if model.output else pairs).sizes, options.together, options.seed)
    began = process_time()
    for step in range(order.steps_per_epoch):
        numbers = [int(number) for number in order.step(step)]
        if model.output is not None:
            rows = [chunks.row(number) for number in numbers]
            states, inside = model.states([words for words, _ in rows])
            targets = torch.from_numpy(np.concatenate([following for _, following in rows]))
            loss = cross_entropy(model.output(states[inside]), targets)
        else:
            rng = np.random.default_rng([options.seed, 7, step])
            given = [pairs.pair(number, rng) for number in numbers]
            one, other = (_vectors(*model.states([pair[side] for pair in given])) for side in (0, 1))
            cosines, right = one @ other.T / options.temperature, torch.arange(len(given))
            loss = (cross_entropy(cosines, right) + cross_entropy(cosines.T, right)) / 2
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), options.clip)
        optimiser.step()
    return process_time() - began


def _vectors(states: Tensor, inside: Tensor) -> Tensor:
    there = inside[:, :, None].to(states.dtype)
    return normalize((states * there).sum(dim=1) / there.sum(dim=1), dim=-1)


def epoch_here(corpus: Corpus, options: RnnTrainingOptions, folder: Path) -> float:
    """The same of a whole training, its folder written."""
    began = process_time()
    train_rnn(corpus, options, folder / "model", folder / "training", no_progress)
    return process_time() - began


def tell_encoding(encoder: WordRnn, texts: list[str], analyzer: Analyzer) -> None:
    """Prints how fast texts and queries become vectors."""
    terms = [analyzer.analyse(text).terms for text in texts]
    session = _session(encoder)
    state = {n: np.zeros((1, n, encoder.network.config.hidden), np.float32) for n in (MOST_TOGETHER,)}

    def by_hand() -> None:
        ids = sorted((encoder.lexis.numbers(each, 10_000) for each in terms), key=len)
        for first in range(0, len(ids) - MOST_TOGETHER + 1, MOST_TOGETHER):
            some = ids[first : first + MOST_TOGETHER]
            lengths = np.array([len(each) for each in some], np.int32)
            padded = np.zeros((len(some), lengths[-1]), np.int64)
            for row, each in enumerate(some):
                padded[row, : len(each)] = each
            given = {"ids": padded, "lengths": lengths, "state": state[len(some)]}
            [vectors] = session.run(["vector"], given)
            _ = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    shares, rates = [], []
    for _ in range(ROUNDS):
        began = process_time()
        encoder.encode_terms(terms)
        own = process_time() - began
        began = process_time()
        by_hand()
        shares.append((process_time() - began) / own)
        rates.append(len(texts) / own)
    times = []
    for number in range(QUERIES):
        began = perf_counter()
        encoder.encode_query(f"package {number} for editing sound files in the terminal")
        times.append(perf_counter() - began)
    _tell(f"documents a second, after their analysis {median(rates):,.0f}")
    _tell(f"share of driven by hand                  {median(shares):.3f}")
    _tell(f"query with its analysis, p50             {1e3 * median(times):.2f} ms")


def _session(encoder: WordRnn) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    path = str(encoder.files["rnn.onnx"])
    return onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])


def main() -> None:
    """Prints a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rnn", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--objective", choices=["contrastive", "language"], default="contrastive")
    given = parser.parse_args()
    plain = given.folder / "corpus.jsonl"
    with open(plain, "rb") if plain.exists() else gzip.open(f"{plain}.gz") as lines:
        read = [json.loads(line) for line in islice(lines, given.documents)]
    documents = [[str(each.get("title", "")), str(each.get("text", ""))] for each in read]
    analyzer = Analyzer(AnalysisSettings())
    options = RnnTrainingOptions(objective=given.objective, epochs=1)
    source = Source(lambda: (Told(each, None) for each in documents), len(documents), ["title", "text"])
    corpus = read_corpus(source, analyzer, options, no_progress)
    torch.set_num_threads(1)
    words = f"{len(corpus.pieces.ids):,} words, {corpus.lexis.size:,} different"
    _tell(f"{given.folder.name}: {len(documents):,} documents, {words}, {given.objective}")
    with TemporaryDirectory() as made:
        by_hand, ours = epoch_by_hand(corpus, options), epoch_here(corpus, options, Path(made))
        times = f"{ours:.1f}, by hand {by_hand:.1f}: {ours / by_hand:.2f} ×"
        _tell(f"one epoch, processor seconds             {times}")
        encoder = make_rnn(Path(made) / "model", KeptRnnOptions(), analyzer.analyse)
        assert isinstance(encoder, WordRnn)
        tell_encoding(encoder, ["\n".join(each) for each in documents[:TEXTS]], analyzer)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

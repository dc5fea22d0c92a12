"""The training of an RNN, whole: documents in, a model folder out."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from indexer.analysis import Analyzer
from indexer.errors import InputError
from indexer.pretraining.checkpoints import Checkpoints
from indexer.pretraining.device import device
from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.loop import Curves, Plan, Walk, train
from indexer.pretraining.pieces import HELD_OUT_EVERY, Pieces, read_pieces
from indexer.pretraining.rnn.examples import Chunks, Labelled, Source, classified, marked, valued
from indexer.pretraining.rnn.folder import Outputs, read_network, write_folder
from indexer.pretraining.rnn.gradients import gradients_by_distance
from indexer.pretraining.rnn.initialising import initialise
from indexer.pretraining.rnn.model import Architecture, Recurrent
from indexer.pretraining.rnn.objectives import LANGUAGE, Field, Nearness, NextWord, RnnObjective
from indexer.pretraining.rnn.options import OF_A_FIELD, RnnTrainingOptions
from indexer.pretraining.rnn.words import Lexis, WordCounter, WordPieces, read_lexis
from indexer.pretraining.vocabulary import learn_vocabulary
from indexer.types import Progress

MIN_DOCUMENTS = HELD_OUT_EVERY
MIN_WORDS = 1_000
SPECIALS = 1
"""Numbers of a text that are no words: the one that begins it."""

WORDS_READ, WORDS_TOLD = 8_000_000, 1_000_000
"""Words that are read where nobody has set the epochs; the second where the next word is learned, which takes
far longer."""
MOST_EPOCHS = 40

READERS = {"classification": classified, "regression": valued, "labelling": marked}


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is learned from: texts in the words of a vocabulary, and what a field says of them."""

    lexis: Lexis
    pieces: Pieces
    labelled: Labelled | None


def train_rnn(
    corpus: Corpus, options: RnnTrainingOptions, folder: Path, checkpoints: Path, progress: Progress
) -> Mapping[str, Any]:
    """Writes a model folder, and gives what is told of the training; one that was ended goes on from its last
    checkpoint, where texts and options are the same.

    Raises: InputError, BadFileError, and what `progress` raises to stop."""
    torch.set_num_threads(options.workers)
    model = _model(corpus, options)
    nn.Module.to(model, device())
    objective = _objective(model, corpus, options)
    kept = Checkpoints(checkpoints, _key(corpus, options))
    curves: Curves = {}
    known, held_out = corpus.pieces.parted()
    rows = _documents(held_out, options.length)
    before = gradients_by_distance(model, rows, corpus.lexis.begin)
    walk = train(objective, _plan(options, len(known.ids)), curves, kept, progress)
    after = gradients_by_distance(model, rows, corpus.lexis.begin)
    quality = objective.quality() if isinstance(objective, Field) else {}
    nn.Module.to(model, "cpu")
    _scale_output(model, corpus.labelled)
    names = [] if corpus.labelled is None else list(corpus.labelled.names)
    outputs = Outputs(options.objective, options.field, options.objective == "labelling", names)
    apart = write_folder(folder, model, corpus.lexis, outputs)
    kept.clear()
    return {
        **_told(corpus, options, model, walk),
        "curves": curves,
        "gradients": {"before": before, "after": after},
        "graph_differs": apart,
        **quality,
    }


def read_corpus(
    source: Source, analyzer: Analyzer, options: RnnTrainingOptions, progress: Progress
) -> Corpus:
    """The texts, in a vocabulary that is learned from them, or that of a folder.

    Raises: InputError (`corpus_too_small`, and what is wrong with the field), BadFileError, and what
    `progress` raises to stop."""
    if source.count < MIN_DOCUMENTS:
        raise _too_small(f"{source.count} documents")
    lexis, pieces = _cut(source, analyzer, options, progress)
    if pieces.n_documents < MIN_DOCUMENTS or len(pieces.ids) < MIN_WORDS:
        raise _too_small(f"{pieces.n_documents} documents of {len(pieces.ids)} words")
    if lexis.size <= lexis.ordinary:
        raise _too_small(f"no word that occurs min_count={options.min_count} times")
    if options.objective not in OF_A_FIELD:
        return Corpus(lexis, pieces, None)
    assert options.field is not None
    labelled = READERS[options.objective](source, lexis, options.field, options.length)
    return Corpus(lexis, pieces, labelled)


def _cut(
    source: Source, analyzer: Analyzer, options: RnnTrainingOptions, progress: Progress
) -> tuple[Lexis, Pieces]:
    texts = (told.texts for told in source.read())
    if options.start is not None:
        known = read_lexis(Path(options.start), analyzer)
        return known, read_pieces(texts, source.count, known, progress)
    if options.input == "pieces":
        every = (text for told in source.read() for text in told.texts)
        progress("learn vocabulary", 0, 1)
        pieces = WordPieces(learn_vocabulary(every, options.vocabulary))
        progress("learn vocabulary", 1, 1)
        return pieces, read_pieces(texts, source.count, pieces, progress)
    counter = WordCounter(analyzer)
    found = read_pieces(texts, source.count, counter, progress)
    return counter.words(found, options.vocabulary, options.min_count)


def _too_small(found: str) -> InputError:
    return InputError(
        f"rnn wants at least {MIN_DOCUMENTS} documents with text, of {MIN_WORDS} words together; found "
        f"{found}: add documents or choose another encoder.",
        code="corpus_too_small",
    )


def _model(corpus: Corpus, options: RnnTrainingOptions) -> Recurrent:
    """A new network, or that of a folder with the layers that this objective wants."""
    labelled = corpus.labelled
    wanted: dict[str, Any] = {
        "outputs": 0 if labelled is None else len(labelled.names) or 1,
        "speaks": options.speaks,
        "vocabulary": corpus.lexis.size,
        "ordinary": corpus.lexis.ordinary,
    }
    torch.manual_seed(options.seed)
    if options.start is not None:
        model = read_network(Path(options.start), wanted)
        if model.shape.bidirectional and (options.speaks or options.bptt):
            raise InputError(
                f"The network in {options.start} reads in both directions: it learns no next word, and not "
                "by bptt.",
                code="invalid_option",
            )
        return model
    given = {name: getattr(options, name) for name in Architecture.__dataclass_fields__ if name not in wanted}
    model = Recurrent(Architecture(**given, **wanted))
    initialise(model, options)
    return model


def _objective(model: Recurrent, corpus: Corpus, options: RnnTrainingOptions) -> RnnObjective[Any]:
    lexis = corpus.lexis
    if corpus.labelled is not None:
        return Field(model, *corpus.labelled.parted(), lexis, options)
    parts = corpus.pieces.parted()
    if options.objective == LANGUAGE:
        known, held_out = (Chunks(each, options.length, lexis.end) for each in parts)
        return NextWord(model, known, held_out, lexis, options)
    near, near_held_out = (Likenesses(each, options.length, SPECIALS) for each in parts)
    if not len(near) or not len(near_held_out):
        raise InputError(
            "The contrastive objective learns from documents of several sentences, and there are too few of "
            "them: take objective=language.",
            code="corpus_too_small",
        )
    return Nearness(model, near, near_held_out, lexis, options)


def _plan(options: RnnTrainingOptions, n_words: int) -> Plan:
    wanted = WORDS_TOLD if options.speaks else WORDS_READ
    epochs = options.epochs or min(MOST_EPOCHS, max(1, round(wanted / n_words)))
    return Plan(
        epochs,
        options.rate,
        options.seed,
        options.patience,
        options.optimiser,
        options.schedule,
        options.clip,
    )


def _documents(pieces: Pieces, length: int) -> Sequence[Any]:
    """The beginning of each document."""
    begins = pieces.sentences[pieces.documents].tolist()
    return [pieces.ids[begin : min(end, begin + length)] for begin, end in pairwise(begins)]


def _scale_output(model: Recurrent, labelled: Labelled | None) -> None:
    """Lets the output layer give numbers as they were in the field."""
    if labelled is not None and not labelled.names:
        with torch.no_grad():
            model.output.weight.mul_(labelled.scale)
            model.output.bias.mul_(labelled.scale).add_(labelled.mean)


def _key(corpus: Corpus, options: RnnTrainingOptions) -> str:
    """sha256 over all that the weights depend on."""
    digest = hashlib.sha256(json.dumps([options.model_dump(), torch.__version__], sort_keys=True).encode())
    pieces = corpus.pieces
    arrays = (pieces.ids, pieces.sentences, pieces.documents)
    for part in (corpus.lexis.content(), *(each.tobytes() for each in arrays), *_weights_of(options)):
        digest.update(hashlib.sha256(part).digest())
    if corpus.labelled is not None:
        digest.update(json.dumps([corpus.labelled.rows, corpus.labelled.targets]).encode())
    return digest.hexdigest()


def _weights_of(options: RnnTrainingOptions) -> Iterable[bytes]:
    if options.start is not None:
        yield (Path(options.start) / "model.safetensors").read_bytes()


def _told(corpus: Corpus, options: RnnTrainingOptions, model: Recurrent, walk: Walk) -> dict[str, Any]:
    pieces, lexis = corpus.pieces, corpus.lexis
    told: dict[str, Any] = {
        "parameters": {**options.model_dump(), **asdict(model.shape)},
        "documents": pieces.n_documents,
        "tokens": len(pieces.ids),
        "vocabulary": lexis.size,
        "unknown": round(float(np.mean(pieces.ids == lexis.unknown)), 4),
        "dims": model.shape.dims,
        "weights": sum(each.numel() for each in model.parameters()),
        "ended_early": [walk.ended_early],
        "read": walk.n_pieces,
    }
    if options.speaks:
        weight = 1.0 if options.objective == LANGUAGE else options.language
        best = min((each["held_out"] for each in walk.curve), key=lambda each: sum(each.values()))
        told["perplexity"] = round(exp(min(best[LANGUAGE] / weight, 100)), 2)
    return told

"""The pretraining of a BERT, whole: texts in, a model folder out."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from transformers import BertForPreTraining

from indexer.errors import InputError
from indexer.pretraining.checkpoints import Checkpoints
from indexer.pretraining.contrastive import Contrastive
from indexer.pretraining.convert import convert
from indexer.pretraining.device import device
from indexer.pretraining.hub import write_model, write_pooling
from indexer.pretraining.language import LanguageModel
from indexer.pretraining.likeness import Likenesses
from indexer.pretraining.loop import Curves, Plan, train
from indexer.pretraining.model import n_weights, new_bert, read_bert
from indexer.pretraining.next_sentence import NextSentences
from indexer.pretraining.objectives import Objective
from indexer.pretraining.options import BertOptions
from indexer.pretraining.pieces import HELD_OUT_EVERY, Pieces, read_pieces
from indexer.pretraining.vocabulary import Vocabulary, learn_vocabulary, read_vocabulary
from indexer.types import Progress

MIN_DOCUMENTS = HELD_OUT_EVERY
MIN_PIECES = 1_000

PIECES_READ = 4_000_000
"""Pieces that the first stage reads, where nobody has set the epochs; the second reads half of them."""
MOST_EPOCHS = 40


@dataclass(frozen=True, slots=True)
class Texts:
    """Documents to learn from: `read` gives the texts of their fields, as often as it is called."""

    read: Callable[[], Iterable[Sequence[str]]]
    count: int


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is learned from: texts in the pieces of a vocabulary."""

    vocabulary: Vocabulary
    pieces: Pieces


def pretrain(
    corpus: Corpus, options: BertOptions, folder: Path, checkpoints: Path, progress: Progress
) -> Mapping[str, Any]:
    """Writes a model folder, and gives what is told of the training; one that was ended goes on from its last
    checkpoint, where texts and options are the same.

    Raises: InputError, BadFileError, and what `progress` raises to stop."""
    torch.set_num_threads(options.workers)
    vocabulary, pieces = corpus.vocabulary, corpus.pieces
    model = _model(options, vocabulary)
    nn.Module.to(model, device())
    kept = Checkpoints(checkpoints, _key(options, vocabulary, pieces))
    curves: Curves = {}
    stages = [_language(model, corpus, options)]
    if options.contrastive_epochs != 0:
        stages.append(_contrastive(model, corpus, options))
    walks = [train(objective, plan, curves, kept, progress) for objective, plan in stages]
    nn.Module.to(model, "cpu")
    write_model(folder, model, vocabulary.tokenizer, options.length)
    write_pooling(folder, model.config.hidden_size, options.length)
    convert(folder, None, progress, int8=False)
    kept.clear()
    return {
        "parameters": options.model_dump(),
        "documents": pieces.n_documents,
        "tokens": len(pieces.ids),
        "vocabulary": vocabulary.size,
        "unknown": _unknown(pieces, vocabulary),
        "dims": model.config.hidden_size,
        "weights": n_weights(model),
        "curves": curves,
        "ended_early": [each.ended_early for each in walks],
        "read": sum(each.n_pieces for each in walks),
    }


def read_corpus(texts: Texts, options: BertOptions, progress: Progress) -> Corpus:
    """The texts, in the pieces of a vocabulary that is learned from them, or of that of a folder.

    Raises: InputError (`corpus_too_small`), BadFileError, and what `progress` raises to stop."""
    if texts.count < MIN_DOCUMENTS:
        raise _too_small(f"{texts.count} documents")
    if options.start is not None:
        vocabulary = read_vocabulary(Path(options.start))
    else:
        vocabulary = learn_vocabulary(_told(texts, progress), options.vocabulary)
    pieces = read_pieces(texts.read(), texts.count, vocabulary, progress)
    if pieces.n_documents < MIN_DOCUMENTS or len(pieces.ids) < MIN_PIECES:
        raise _too_small(f"{pieces.n_documents} documents of {len(pieces.ids)} pieces")
    if not all(len(NextSentences(part, options.length)) for part in pieces.parted()):
        raise _too_small("documents of a single piece alone")
    return Corpus(vocabulary, pieces)


def _too_small(found: str) -> InputError:
    return InputError(
        f"bert wants at least {MIN_DOCUMENTS} documents with text, of {MIN_PIECES} pieces together; found "
        f"{found}: add documents or choose another encoder.",
        code="corpus_too_small",
    )


def _told(texts: Texts, progress: Progress) -> Iterable[str]:
    """Each text once, for the vocabulary."""
    for done, fields in enumerate(texts.read(), 1):
        yield from fields
        if done % 1_000 == 0 or done == texts.count:
            progress("learn vocabulary", done, texts.count)


def _model(options: BertOptions, vocabulary: Vocabulary) -> BertForPreTraining:
    if options.start is None:
        return new_bert(options, vocabulary)
    return read_bert(Path(options.start), vocabulary, options.length)


def _language(model: BertForPreTraining, corpus: Corpus, options: BertOptions) -> tuple[Objective, Plan]:
    """The first stage."""
    known, held_out = corpus.pieces.parted()
    objective = LanguageModel(
        model,
        NextSentences(known, options.length),
        NextSentences(held_out, options.length),
        corpus.vocabulary,
        batch=options.batch,
        seed=options.seed,
    )
    epochs = options.epochs or _epochs(PIECES_READ, len(known.ids))
    return objective, Plan(epochs, options.rate, options.seed, options.patience)


def _contrastive(model: BertForPreTraining, corpus: Corpus, options: BertOptions) -> tuple[Objective, Plan]:
    """The second stage. Raises: InputError where no document says more than one sentence."""
    known, held_out = corpus.pieces.parted()
    examples, others = Likenesses(known, options.length), Likenesses(held_out, options.length)
    if not len(examples) or not len(others):
        raise InputError(
            "The second stage learns from documents of several sentences, and there are too few of them: "
            "leave it out by contrastive_epochs=0.",
            code="corpus_too_small",
        )
    objective = Contrastive(
        model,
        examples,
        others,
        corpus.vocabulary,
        batch=options.contrastive_batch,
        seed=options.seed,
        temperature=options.temperature,
    )
    epochs = options.contrastive_epochs or _epochs(PIECES_READ // 2, len(known.ids))
    return objective, Plan(epochs, options.contrastive_rate, options.seed, options.patience)


def _epochs(wanted: int, there: int) -> int:
    """Walks in which about so many pieces are read."""
    return min(MOST_EPOCHS, max(1, round(wanted / there)))


def _key(options: BertOptions, vocabulary: Vocabulary, pieces: Pieces) -> str:
    """sha256 over all that the weights depend on."""
    digest = hashlib.sha256(json.dumps([options.model_dump(), torch.__version__], sort_keys=True).encode())
    arrays = (pieces.ids, pieces.sentences, pieces.documents)
    for part in (vocabulary.tokenizer.to_str().encode(), *(each.tobytes() for each in arrays)):
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _unknown(pieces: Pieces, vocabulary: Vocabulary) -> float:
    """The share of the pieces that stand for characters that the vocabulary lacks."""
    unknown = vocabulary.tokenizer.token_to_id("[UNK]")
    return round(float(np.mean(pieces.ids == unknown)), 4)

"""WordPiece: the vocabulary of a BERT, learned from texts or that of a folder.

Source: Devlin et al., 2019, "BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding": Chinese characters stand alone, other words are cut into pieces, those after the first marked
by `##`; case and accents are folded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tokenizers.decoders import WordPiece as WordPieceDecoder
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import WordPieceTrainer

from indexer.errors import BadFileError, InputError

PAD, UNKNOWN, CLS, SEP, MASK = SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
TOKENIZER = "tokenizer.json"
ALPHABET = 0.75
"""The share of a vocabulary that single characters may take; the rarest are unknown beyond it."""
MIN_COUNT = 2
"""A piece of several characters that occurs less often is not learned."""

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer with the numbers that training has to know. `ordinary`: the numbers of all pieces but the
    special ones, ascending. Shape: (n,)."""

    tokenizer: Tokenizer
    pad: int
    cls: int
    sep: int
    mask: int
    ordinary: Ids

    @property
    def size(self) -> int:
        """How many pieces there are, with the special ones."""
        return self.tokenizer.get_vocab_size()

    def pieces(self, texts: list[str]) -> list[list[int]]:
        """The numbers of the pieces of each text, whole and without special ones."""
        # One by one: a batch would take all processors, whatever the training is allowed.
        return [self.tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


def learn_vocabulary(texts: Iterable[str], size: int) -> Vocabulary:
    """A vocabulary of at most `size` pieces, of more only where so many are single characters; the same texts
    give the same."""
    words = _words(texts)
    first, following = _characters(words, int(size * ALPHABET))
    learner = Tokenizer(WordPiece(unk_token=UNKNOWN))
    learner.pre_tokenizer = WhitespaceSplit()
    # Numbered here: the trainer takes characters as they happen to lie in a table, and breaks ties by number.
    trainer = WordPieceTrainer(
        vocab_size=size,
        min_frequency=MIN_COUNT,
        special_tokens=[*SPECIALS, *following],
        initial_alphabet=first,
        limit_alphabet=len(first),
        show_progress=False,
    )
    learner.train_from_iterator((" ".join([word] * count) for word, count in words.items()), trainer)
    tokenizer = Tokenizer(WordPiece(learner.get_vocab(), unk_token=UNKNOWN))
    tokenizer.add_special_tokens(list(SPECIALS))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(lowercase=True), BertPreTokenizer()
    tokenizer.decoder = WordPieceDecoder()
    numbers = [(name, tokenizer.token_to_id(name)) for name in (CLS, SEP)]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{CLS} $A {SEP}", pair=f"{CLS} $A {SEP} $B:1 {SEP}:1", special_tokens=numbers
    )
    return _of(tokenizer)


def _words(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs, Chinese characters being words."""
    normalizer, splitter = BertNormalizer(lowercase=True), BertPreTokenizer()
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    return counts


def _characters(words: Mapping[str, int], limit: int) -> tuple[list[str], list[str]]:
    """The most frequent characters, ties by the character, and the pieces for those that go on within a word;
    both ascending."""
    counts: Counter[str] = Counter()
    for word, count in words.items():
        for character in word:
            counts[character] += count
    kept = set(sorted(counts, key=lambda each: (-counts[each], each))[:limit])
    going_on = {character for word in words for character in word[1:]} & kept
    return sorted(kept), [f"##{character}" for character in sorted(going_on)]


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of the folder of a BERT.

    Raises: BadFileError where it is not there, cannot be read or has not BERT's special pieces."""
    tokenizer = read_tokenizer(folder)
    missing = [name for name in SPECIALS if tokenizer.token_to_id(name) is None]
    if missing:
        raise BadFileError(
            f"{folder / TOKENIZER} lacks the special pieces {', '.join(missing)}: wanted that of a BERT."
        )
    return _of(tokenizer)


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model folder, which neither cuts nor fills up. Raises: BadFileError."""
    path = folder / TOKENIZER
    try:
        content = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFileError(f"{path} cannot be read ({error}): save the fast tokenizer there.") from None
    try:
        tokenizer = Tokenizer.from_str(content)
    except BaseException as error:  # what tokenizers raises has no class of its own
        if type(error) is not Exception:
            raise
        raise BadFileError(f"{path} is no tokenizer: {error}.") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _of(tokenizer: Tokenizer) -> Vocabulary:
    pieces = tokenizer.get_vocab()
    numbers = {name: pieces[name] for name in SPECIALS}
    ordinary = np.setdiff1d(np.arange(len(pieces)), list(numbers.values()))
    if not len(ordinary):
        raise InputError("The texts have no words to learn from.", code="corpus_too_small")
    return Vocabulary(tokenizer, numbers[PAD], numbers[CLS], numbers[SEP], numbers[MASK], ordinary)

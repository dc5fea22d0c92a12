"""Texts to the numbers that a network reads: words of the analysis, or pieces of words."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Tokenizer

from indexer.encoders.base import Analyse
from indexer.encoders.inside import Window
from indexer.encoders.modelfiles import bad_folder
from indexer.encoders.rnn.folder import FORMS, TERMS, TOKENIZER, Config
from indexer.errors import CorruptError
from indexer.storage.terms import load_terms
from indexer.types import Tokens

CONTINUED = "##"
"""What a piece begins with that goes on within a word."""


class Reading(NamedTuple):
    """A text as the network reads it, the number first that begins one; `left_out`: words behind it."""

    window: Window
    left_out: int


class Words:
    """The words of an analysis."""

    def __init__(self, terms: Sequence[str], forms: Sequence[str], config: Config, analyse: Analyse) -> None:
        self.forms = forms
        self._analyse = analyse
        self._begin, self._unknown = config.begin, config.unknown
        self._began = terms[config.begin]
        self._numbers = {term: number for number, term in enumerate(terms) if number >= config.ordinary}

    def read(self, text: str, most: int) -> Reading:
        """A text, of which at most so many words are read."""
        return self.read_tokens(self._analyse(text), most)

    def read_tokens(self, tokens: Tokens, most: int) -> Reading:
        """A text that is analysed already."""
        terms, starts, ends = tokens.terms[:most], tokens.starts[:most], tokens.ends[:most]
        window = _window(self.numbers(terms, most), [self._began, *terms], starts, ends)
        return Reading(window, len(tokens.terms) - len(terms))

    def numbers(self, terms: Sequence[str], most: int) -> list[int]:
        """The numbers of the terms of a text, behind the one that begins it."""
        known, unknown = self._numbers.get, self._unknown
        return [self._begin, *(known(term, unknown) for term in terms[:most])]


class Pieces:
    """Pieces of words, WordPiece."""

    def __init__(self, tokenizer: Tokenizer, config: Config) -> None:
        self._tokenizer = tokenizer
        self._begin = config.begin
        self.forms: Sequence[str] = [
            tokenizer.id_to_token(number) or "" for number in range(config.vocabulary)
        ]

    def read(self, text: str, most: int) -> Reading:
        """A text, of which at most so many pieces are read."""
        whole = text.encode("utf-8", "replace").decode("utf-8")  # halves of surrogate pairs are no characters
        found = self._tokenizer.encode(whole, add_special_tokens=False)
        ids, terms, offsets = found.ids[:most], found.tokens[:most], found.offsets[:most]
        starts, ends = [start for start, _ in offsets], [end for _, end in offsets]
        window = _window([self._begin, *ids], [self.forms[self._begin], *terms], starts, ends)
        return Reading(window, len(found.ids) - len(ids))


def _window(ids: list[int], terms: list[str], starts: list[int], ends: list[int]) -> Window:
    """What begins a text stands where its first word begins, and is no longer than nothing."""
    first = starts[0] if starts else 0
    return Window(ids, terms, [first, *starts], [first, *ends])


def read_words(files: dict[str, Path], config: Config, analyse: Analyse) -> Words | Pieces:
    """The vocabulary of a folder. Raises: InputError (`bad_model_folder`) where it does not fit."""
    if TOKENIZER in files:
        return Pieces(_tokenizer(files[TOKENIZER], config), config)
    folder = files[TERMS].parent
    try:
        terms, forms = load_terms(files[TERMS]), load_terms(files[FORMS])
    except CorruptError as error:
        raise bad_folder(folder, error.message) from None
    if not len(terms) == len(forms) == config.vocabulary:
        raise bad_folder(
            folder,
            f"`{TERMS}` has {len(terms):,} words, `{FORMS}` {len(forms):,}, the network "
            f"{config.vocabulary:,}: they do not belong together",
        )
    return Words(terms, forms, config, analyse)


def _tokenizer(path: Path, config: Config) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_str(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise bad_folder(path.parent, f"`{path.name}` cannot be read ({error})") from None
    except Exception as error:  # the library has no class of its own for it
        raise bad_folder(path.parent, f"`{path.name}` is no tokenizer that can be read ({error})") from None
    if tokenizer.get_vocab_size() != config.vocabulary:
        raise bad_folder(
            path.parent,
            f"`{path.name}` has {tokenizer.get_vocab_size():,} pieces, the network {config.vocabulary:,}: "
            "they do not belong together",
        )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer

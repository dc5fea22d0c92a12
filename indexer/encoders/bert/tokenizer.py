"""Texts to tokens with offsets, and long ones to windows that overlap: WordPiece, BPE, Unigram."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from indexer.encoders.bert.folder import ModelFolder
from indexer.encoders.inside import Window
from indexer.encoders.modelfiles import bad_folder

OVERLAP = 8
"""Of the tokens of a window this part, one in so many, stands in the next one too."""
MOST_WINDOWS = 64
"""Windows of one text; the tokens behind them are left out, and counted."""
PADDING = 128
"""A vocabulary may be rounded up in the weights, by fewer than so many tokens that nothing becomes."""


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a text, none of one without tokens; `left_out`: its tokens that are in no window."""

    windows: Sequence[Window]
    left_out: int


class TextTokenizer:
    """The tokenizer of a model folder. Safe for any number of threads.

    Raises: InputError (`bad_model_folder`)."""

    def __init__(self, path: Path, vocabulary: int) -> None:
        self._tokenizer = _read(path)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        _check_size(path, self._tokenizer, vocabulary)
        self._before, self._behind = self._special()

    @classmethod
    def of(cls, folder: ModelFolder) -> "TextTokenizer":
        """That of a folder."""
        return cls(folder.tokenizer, folder.vocabulary)

    @property
    def mask_id(self) -> int | None:
        """The token that stands for one that is to be guessed; None where there is none."""
        ids = (self._tokenizer.token_to_id(name) for name in ("[MASK]", "<mask>"))
        return next((each for each in ids if each is not None), None)

    def term(self, token_id: int) -> str:
        """A token as the vocabulary has it."""
        return self._tokenizer.id_to_token(token_id) or ""

    def pair(self, first: str, second: str) -> Encoding:
        """Two texts as one sequence, as the model was trained on pairs."""
        return self._tokenizer.encode(_unicode(first), _unicode(second))

    def windows(
        self, texts: Sequence[str], prompt: str, length: int, most: int = MOST_WINDOWS
    ) -> list[Windows]:
        """The windows of each text, each behind the prompt and of at most so many tokens."""
        whole = [prompt + _unicode(text) for text in texts]
        found = self._tokenizer.encode_batch(whole, add_special_tokens=False)
        return [
            self._cut(text, encoding, prompt, length, most) if text.strip() else Windows([], 0)
            for text, encoding in zip(texts, found, strict=True)
        ]

    def _cut(self, text: str, encoding: Encoding, prompt: str, length: int, most: int) -> Windows:
        """A token that the prompt and the text share is of the text."""
        offsets = encoding.offsets  # a new list at each call, as are those of the window
        n_prompt = next((place for place, (_, end) in enumerate(offsets) if end > len(prompt)), len(offsets))
        n_tokens = len(offsets) - n_prompt
        if not n_tokens:
            return Windows([], 0)
        room = max(1, length - len(self._before) - len(self._behind) - n_prompt)
        step = max(1, room - room // OVERLAP)
        n_windows = 1 + max(0, -(-(n_tokens - room) // step))
        whole = Window(
            encoding.ids,
            encoding.tokens,
            *zip(*(_offset(text, *offset, len(prompt)) for offset in offsets), strict=True),
        )
        begins = [n_prompt + number * step for number in range(min(n_windows, most))]
        windows = [self._window(whole, n_prompt, slice(begin, begin + room)) for begin in begins]
        return Windows(windows, max(0, n_prompt + n_tokens - begins[-1] - room))

    def _window(self, whole: Window, n_prompt: int, part: slice) -> Window:
        """One window of a text: special tokens, the prompt, the part, special tokens."""
        starts, ends = whole.starts[part], whole.ends[part]
        n_ahead, n_behind = len(self._before) + n_prompt, len(self._behind)
        first, last = [starts[0]] * n_ahead, [ends[-1]] * n_behind
        return Window(
            [*self._before, *whole.ids[:n_prompt], *whole.ids[part], *self._behind],
            [
                *map(self.term, self._before),
                *whole.terms[:n_prompt],
                *whole.terms[part],
                *map(self.term, self._behind),
            ],
            [*first, *starts, *last],
            [*first, *ends, *last],
        )

    def _special(self) -> tuple[Sequence[int], Sequence[int]]:
        """The special tokens that stand before a text, and behind it."""
        found = self._tokenizer.encode("a")
        special = found.special_tokens_mask
        first = special.index(0) if 0 in special else len(special)
        own = special[first:].index(1) if 1 in special[first:] else len(special) - first
        return found.ids[:first], found.ids[first + own :]


class PairTokenizer:
    """The tokenizer of a model folder, for two texts at once. Safe for any number of threads.

    Raises: InputError (`bad_model_folder`)."""

    def __init__(self, folder: ModelFolder) -> None:
        self._single = TextTokenizer.of(folder)
        self._tokenizer = _read(folder.tokenizer)
        self._tokenizer.no_padding()
        self._room = max(1, folder.max_length // 2)
        self._tokenizer.enable_truncation(
            folder.max_length, stride=folder.max_length // OVERLAP, strategy="only_second"
        )

    def windows(self, first: str, seconds: Sequence[str]) -> list[Sequence[Encoding]]:
        """Each of the second texts beside the first, in windows that overlap where it is long.

        Of a first text that is longer than half of what the model reads the beginning is read."""
        first = self._beginning(first)
        pairs = [(first, _unicode(second)) for second in seconds]
        return [[each, *each.overflowing][:MOST_WINDOWS] for each in self._tokenizer.encode_batch(pairs)]

    def _beginning(self, text: str) -> str:
        [found] = self._single.windows([text], "", self._room, most=1)
        return text[: found.windows[0].ends[-1]] if found.windows and found.left_out else text


def _offset(text: str, start: int, end: int, shift: int) -> tuple[int, int]:
    """An offset in the text, without the white space that some tokenizers count to the word behind it."""
    start, end = max(0, start - shift), max(0, end - shift)
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _read(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_str(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise bad_folder(path.parent, f"`{path.name}` cannot be read ({error})") from None
    except Exception as error:  # the library has no class of its own for it
        raise bad_folder(path.parent, f"`{path.name}` is no tokenizer that can be read ({error})") from None


def _check_size(path: Path, tokenizer: Tokenizer, vocabulary: int) -> None:
    size = max(tokenizer.get_vocab().values(), default=-1) + 1
    if not size <= vocabulary < size + PADDING:
        raise bad_folder(
            path.parent,
            f"`{path.name}` has {size:,} tokens, by `vocab_size` of `config.json` the weights have "
            f"{vocabulary:,}: they do not belong together",
        )


def _unicode(text: str) -> str:
    """The text with `?` for each half of a surrogate pair, which is no character."""
    return text.encode("utf-8", "replace").decode("utf-8")

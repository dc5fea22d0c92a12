"""What `Analyzer.analyse` finds, found in many texts at once: terms as numbers, in arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis.analyzer import Analyzer
from indexer.analysis.folding import fold_all
from indexer.analysis.scanning import CHINESE, Atoms, atoms
from indexer.analysis.segmenting import Words, words
from indexer.analysis.views import View, stem, view
from indexer.analysis.vocabulary import Numbers, Octets, Offsets, Vocabulary


@dataclass(frozen=True, slots=True)
class TokenColumns:
    """The tokens of a batch of texts in one view.

    `terms` are numbers into the view's vocabulary, `positions` those of `Tokens`; shapes: (n_tokens,).
    The tokens of text t are `begins[t]` to `begins[t + 1]`; shape: (n_texts + 1,)."""

    terms: NDArray[np.int32]
    positions: NDArray[np.int32]
    begins: NDArray[np.int64]


class BatchAnalyzer:
    """Analyses batches of texts, one at a time, and numbers the terms of each view over all of them."""

    def __init__(self, analyzer: Analyzer, views: Sequence[str]) -> None:
        """Raises: UnknownNameError."""
        self._lexicon = analyzer.lexicon
        self._views = {name: view(name) for name in views}
        self._vocabularies = {name: Vocabulary() for name in views}
        given = self._vocabularies.get
        self._stems = _Stems(given("words", Vocabulary()), given("forms", Vocabulary()))

    def vocabulary(self, view: str) -> Vocabulary:
        """The terms of a view so far. Raises: KeyError for a view that this was not made with."""
        return self._vocabularies[view]

    def analyse(self, texts: Sequence[str]) -> dict[str, TokenColumns]:
        """The tokens of each text in each view: the terms and positions that `Analyzer.analyse` gives."""
        folded = [each.text for each in fold_all(texts)]
        found = atoms(folded)
        single = self._words(folded, found)
        return {
            name: _columns(found, *self._tokens(each, found, single, self._vocabularies[name]))
            for name, each in self._views.items()
        }

    def _words(self, folded: Sequence[str], found: Atoms) -> "_Numbered":
        """The words with the numbers of their terms; none where no view asks for words."""
        if all(each.unit == "character" for each in self._views.values()):
            none = np.empty(0, np.int32)
            return _Numbered(np.empty(0, np.int64), none, none, np.empty(0, np.bool_))
        single = words(folded, found, self._lexicon)
        return _Numbered(single.firsts, *self._stems.number(found.octets, single), single.whole)

    def _tokens(
        self, each: View, found: Atoms, single: "_Numbered", vocabulary: Vocabulary
    ) -> tuple[Offsets, Numbers]:
        """The first atom of each token of a view, and the number of its term."""
        if each.unit == "character":
            return _characters(found, each.n, vocabulary)
        if each.n == 1:
            return single.firsts, single.terms if each.stemmed else single.forms
        return _word_ngrams(found, single, each.n, self._stems.terms, vocabulary)


class _Numbered(NamedTuple):
    """Words as in `Words`, with the numbers of each as it is written, and of its stem."""

    firsts: Offsets
    forms: Numbers
    terms: Numbers
    whole: NDArray[np.bool_]


class _Stems:
    """The terms of words; each distinct form is stemmed once."""

    def __init__(self, terms: Vocabulary, forms: Vocabulary) -> None:
        self.terms = terms
        self._forms = forms
        self._term_of = np.empty(0, np.int32)  # by the number of the form

    def number(self, octets: Octets, words: Words) -> tuple[Numbers, Numbers]:
        """The number of the form of each word, and of its term."""
        forms = self._forms.number(octets, words.starts, words.ends)
        new = self.terms.number_all([stem(form) for form in self._forms.terms(len(self._term_of))])
        self._term_of = np.concatenate([self._term_of, new])
        return forms, self._term_of[forms]


def _columns(found: Atoms, firsts: Offsets, terms: Numbers) -> TokenColumns:
    """The columns of tokens, given their first atoms, which ascend."""
    begins = np.searchsorted(firsts, found.begins)
    atoms_before = np.repeat(found.begins[:-1], np.diff(begins))
    return TokenColumns(terms, (firsts - atoms_before).astype(np.int32), begins)


def _characters(found: Atoms, n: int, vocabulary: Vocabulary) -> tuple[Offsets, Numbers]:
    """Each run of `n` neighbouring Chinese characters: its first atom, and its number."""
    chinese = found.kinds == CHINESE
    beside = chinese[:-1] & chinese[1:] & (found.ends[:-1] == found.starts[1:])
    holds = chinese
    for _ in range(n - 1):
        holds = holds[1:] & beside[: len(holds) - 1]
    firsts = np.flatnonzero(holds)
    return firsts, vocabulary.number(found.octets, found.starts[firsts], found.ends[firsts + n - 1])


def _word_ngrams(
    found: Atoms, single: _Numbered, n: int, terms: Vocabulary, vocabulary: Vocabulary
) -> tuple[Offsets, Numbers]:
    """Each run of `n` consecutive words of one text, without wholes: its first atom, and its number."""
    firsts, numbers = single.firsts[~single.whole], single.terms[~single.whole]
    begins = np.searchsorted(firsts, found.begins)
    stops = np.repeat(begins[1:], np.diff(begins))  # for each word, where those of its text end
    places = np.flatnonzero(np.arange(n, n + len(firsts)) <= stops)
    octets, starts, ends = _spelled(terms, numbers)
    return firsts[places], vocabulary.number(octets, starts[places], ends[places + n - 1])


def _spelled(terms: Vocabulary, numbers: Numbers) -> tuple[Octets, Offsets, Offsets]:
    """The bytes of terms with a space after each, and where each term starts and ends in them."""
    sizes = np.diff(terms.begins)[numbers] + 1
    ends = np.cumsum(sizes)
    from_heap = np.repeat(terms.begins[numbers] - (ends - sizes), sizes) + np.arange(sizes.sum())
    octets = terms.heap.take(from_heap, mode="clip")
    octets[ends - 1] = ord(" ")
    return octets, ends - sizes, ends - 1

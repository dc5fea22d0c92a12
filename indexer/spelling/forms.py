"""The words of an index as they are written, with how frequent each is; on disk, and as it is looked up."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import runs
from indexer.errors import MismatchError
from indexer.storage.arrays import load_array, save_array
from indexer.storage.terms import load_terms, save_terms

FOLDER = "spelling"
FORMS, DF, CF = "forms.txt", "df.npy", "cf.npy"

MOST_FORMS = 500_000
LONGEST = 32
"""Characters of a word that is worth to be suggested."""

Frequencies = NDArray[np.int64]


class Forms:
    """Words, most frequent first, each with the documents that hold it and how often all of them do.

    Shapes: df (n,), cf (n,). Raises: MismatchError where they do not fit together."""

    def __init__(self, forms: Sequence[str], df: Frequencies, cf: Frequencies) -> None:
        if df.shape != (len(forms),) or cf.shape != (len(forms),):
            raise MismatchError(
                f"{len(forms)} words want as many frequencies; found arrays of shapes {df.shape} and "
                f"{cf.shape}: rebuild the index."
            )
        self.forms = forms
        self.df = df
        self.cf = cf
        self._numbers = {form: number for number, form in enumerate(forms)}

    def __contains__(self, form: str) -> bool:
        return form in self._numbers

    def number(self, form: str) -> int | None:
        """The place of a word in `forms`; None where it is in no document."""
        return self._numbers.get(form)

    @classmethod
    def open(cls, folder: Path) -> "Forms":
        """The words in a folder; their frequencies are memory-mapped. Raises: CorruptError, MismatchError."""
        return cls(load_terms(folder / FORMS), load_array(folder / DF), load_array(folder / CF))


def write_forms(folder: Path, forms: Sequence[str], df: Frequencies, cf: Frequencies) -> None:
    """Writes the words that are worth to be suggested into `folder`, which is created: letters of one script,
    at most `LONGEST`; the most frequent ones where there are more than `MOST_FORMS`. Ties: smaller form."""
    worth = [number for number, form in enumerate(forms) if _is_worth(form)]
    named = np.array(sorted(worth, key=forms.__getitem__), np.int64)
    kept = named[np.lexsort((-cf[named], -df[named]))[:MOST_FORMS]]  # stable: of equals the smaller form
    folder.mkdir()
    save_terms(folder / FORMS, [forms[number] for number in kept.tolist()])
    save_array(folder / DF, df[kept])
    save_array(folder / CF, cf[kept])


def _is_worth(form: str) -> bool:
    if not form.isalpha() or len(form) > LONGEST:
        return False
    return form.isascii() or len(list(runs(form))) == 1

"""Models that are kept by name, trained or imported, for any index of a data folder to use.

models/<name>/000001/   encoder.json, report.json, and of one version of word vectors vocabulary.txt and the
                        arrays, of a Transformer or an RNN the files of its folder"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from indexer.encoders.files import (
    Description,
    check_fingerprint,
    fingerprint_of,
    load_description,
    load_report,
    save_description,
    save_report,
)
from indexer.encoders.modelfiles import check_files, checksums, copy_files
from indexer.encoders.wordfiles import described, load_words, save_words, words_bytes
from indexer.encoders.words import WordVectors
from indexer.errors import CorruptError, InputError, MissingError
from indexer.storage.arrays import array_bytes
from indexer.storage.files import sync_folder
from indexer.storage.locks import file_lock

VERSION = 2
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_REFERENCE = re.compile(rf"({NAME.pattern})(?:@([1-9][0-9]{{0,5}}))?")

Spelled = Literal["terms", "words", "pieces", "nothing"]
"""Whether a vocabulary holds what the analysis makes of words, as that of a training does, or plain words,
or, as that of a Transformer, pieces of words, or there is none."""


@dataclass(frozen=True, slots=True)
class KeptModel:
    """What is known of one version of a kept model, without its weights.

    words: how many its vocabulary has · subwords: whether it reads words that are not in it."""

    name: str
    version: int
    type: str
    spelled: Spelled
    dims: int
    words: int
    subwords: bool
    created_at: str
    report: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class KeptModels:
    """The kept models of a data folder. What is there never changes; a new version stands beside it."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "models"

    def list(self) -> Sequence[KeptModel]:
        """The newest version of each, by name."""
        return [self.get(name) for name in self._names()]

    def get(self, reference: str) -> KeptModel:
        """The version that a name (the newest) or `name@version` says.

        Raises: MissingError; CorruptError, FormatError where it cannot be read."""
        name, version = self._find(reference)
        return self._described(name, version)[0]

    def words(self, model: KeptModel) -> WordVectors:
        """Its vectors, memory-mapped.

        Raises: InputError where it has none; CorruptError, MismatchError where the files are damaged."""
        folder = self._folder(model.name, model.version)
        _, description = self._described(model.name, model.version)
        if "files" in description.parameters:
            raise InputError(
                f"The model `{model}` is a `{model.type}`, without word vectors.", code="no_word_vectors"
            )
        try:
            words = load_words(folder, description.parameters["words"])
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(folder, error) from None
        found = fingerprint_of(model.type, VERSION, description.parameters, _bytes(words))
        check_fingerprint(folder, description, found)
        return words

    def folder(self, model: KeptModel) -> Path:
        """The folder of a network, every file as it was kept.

        Raises: InputError where it is of words; CorruptError, MismatchError where the files are damaged."""
        folder = self._folder(model.name, model.version)
        _, description = self._described(model.name, model.version)
        if "files" not in description.parameters:
            raise InputError(
                f"The model `{model}` is of word vectors, it has no folder.", code="no_transformer"
            )
        check_fingerprint(folder, description, fingerprint_of(model.type, VERSION, description.parameters))
        check_files(folder, description.parameters["files"])
        return folder

    def keep(
        self, name: str, type: str, words: WordVectors, spelled: Spelled, report: Mapping[str, Any]
    ) -> KeptModel:
        """The next version of that name, there whole or not at all. Raises: InputError for a bad name."""
        said = {
            "dims": words.dims,
            "n_words": len(words.words),
            "spelled": spelled,
            "words": described(words),
        }
        return self._keep(name, type, said, _bytes(words), partial(save_words, words=words), report)

    def keep_folder(
        self,
        name: str,
        type: str,
        source: Path,
        dims: int,
        words: int,
        report: Mapping[str, Any],
        spelled: Spelled = "pieces",
    ) -> KeptModel:
        """The next version of that name, a copy of the folder of a network; whole or not at all.

        dims, words: the length of its vectors, the size of its vocabulary. Raises: InputError: a bad name."""
        said = {"dims": dims, "n_words": words, "spelled": spelled, "files": checksums(source)}
        return self._keep(name, type, said, (), partial(copy_files, source), report)

    def training(self, name: str) -> Path:
        """Where a training of that name keeps how far it is; no version of the model."""
        return self._path / name / "training"

    @contextmanager
    def being_trained(self, name: str) -> Iterator[tuple[Path, Path]]:
        """Where a training of that name keeps how far it is, and an empty folder for what comes of it, which
        is gone behind it. Raises: LockedError where one is under way."""
        kept = self.training(name)
        with (
            file_lock(kept.with_suffix(".lock"), wait=False),
            TemporaryDirectory(prefix="textprism-") as folder,
        ):
            yield kept, Path(folder)

    def _keep(
        self,
        name: str,
        type: str,
        said: dict[str, Any],
        weights: Iterable[bytes | memoryview],
        save: Callable[[Path], None],
        report: Mapping[str, Any],
    ) -> KeptModel:
        check_model_name(name)
        said["created_at"] = datetime.now(UTC).isoformat(timespec="seconds")
        fingerprint = fingerprint_of(type, VERSION, said, weights)
        with file_lock(self._path / name / "write.lock", wait=True):
            version = max(self._versions(name), default=0) + 1
            building = self._folder(name, version).with_suffix(".building")
            shutil.rmtree(building, ignore_errors=True)
            building.mkdir()
            try:
                save(building)
                save_report(building, report)
                save_description(building, Description(type, VERSION, said, fingerprint))
                sync_folder(building)
                building.rename(self._folder(name, version))
            except BaseException:
                shutil.rmtree(building, ignore_errors=True)
                raise
            sync_folder(self._path / name)
        return self._described(name, version)[0]

    def remove(self, reference: str) -> None:
        """Takes one version away, or all of a name that is given alone. Raises: MissingError."""
        name, version = self._find(reference)
        for each in [version] if "@" in reference else self._versions(name):
            removed = self._folder(name, each).with_suffix(".removed")
            self._folder(name, each).rename(removed)  # at once, so that nobody finds half of it
            shutil.rmtree(removed)
        if not self._versions(name):
            shutil.rmtree(self._path / name)

    def _find(self, reference: str) -> tuple[str, int]:
        match = _REFERENCE.fullmatch(reference)
        versions = self._versions(match[1]) if match else []
        if match is None or not versions or (match[2] and int(match[2]) not in versions):
            raise MissingError("model", reference, known=self._names())
        return match[1], int(match[2]) if match[2] else versions[-1]

    def _names(self) -> Sequence[str]:
        if not self._path.is_dir():
            return []
        return sorted(each.name for each in self._path.iterdir() if self._versions(each.name))

    def _versions(self, name: str) -> Sequence[int]:
        folder = self._path / name
        if not folder.is_dir():
            return []
        return sorted(int(each.name) for each in folder.iterdir() if re.fullmatch(r"[0-9]{6}", each.name))

    def _folder(self, name: str, version: int) -> Path:
        return self._path / name / f"{version:06d}"

    def _described(self, name: str, version: int) -> tuple[KeptModel, Description]:
        folder = self._folder(name, version)
        description = load_description(folder, None, VERSION)
        said = description.parameters
        try:
            model = KeptModel(
                name=name,
                version=version,
                type=description.type,
                spelled=said["spelled"],
                dims=said["dims"],
                words=said["n_words"],
                subwords=said["spelled"] == "pieces"
                if "files" in said
                else said["words"]["ngrams"] is not None,
                created_at=said["created_at"],
                report=load_report(folder),
            )
        except (KeyError, TypeError) as error:
            raise _damaged(folder, error) from None
        return model, description


def _bytes(words: WordVectors) -> Iterable[bytes | memoryview]:
    """All that is kept of them, for a fingerprint."""
    yield from words_bytes(words)
    if words.counts is not None:
        yield array_bytes(words.counts)


def _damaged(folder: Path, error: Exception) -> CorruptError:
    return CorruptError(f"{folder} is damaged ({error!r}): train or import the model again.")


def check_model_name(name: str) -> None:
    """Raises InputError where a name is none for a model; it becomes a folder's name and part of URLs."""
    if not NAME.fullmatch(name):
        raise InputError(
            f"`{name[:100]}` cannot name a model: 1 to 63 of a-z, 0-9, `_` and `-` are wanted, "
            "with a letter or digit first.",
            code="invalid_model_name",
        )

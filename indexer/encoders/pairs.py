"""Kept models that read two texts together, opened: the few that were used last."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.encoders.kept import KeptModel, KeptModels
from indexer.errors import FeatureMissingError, InputError

if TYPE_CHECKING:
    from indexer.encoders.bert.pairs import CrossEncoder, Reader

MOST_OPEN = 4
RERANKER, READER = "reranker", "reader"


class PairModels:
    """The rerankers and readers of a data folder. Safe for any number of threads."""

    def __init__(self, models: KeptModels) -> None:
        self._models = models
        self._opened: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def reranker(self, reference: str | None = None) -> "tuple[KeptModel, CrossEncoder]":
        """A kept reranker by `name` or `name@version`, the first that there is where none is named.

        Raises: MissingError; FeatureMissingError where none is kept; InputError for a model of another type;
        CorruptError, InputError (`bad_model_folder`) where it cannot be read."""
        from indexer.encoders.bert.pairs import CrossEncoder

        model = self._model(RERANKER, reference)
        return model, self._open(model, CrossEncoder)

    def reader(self, reference: str | None = None) -> "tuple[KeptModel, Reader]":
        """A kept reader. Raises: as `reranker`."""
        from indexer.encoders.bert.pairs import Reader

        model = self._model(READER, reference)
        return model, self._open(model, Reader)

    def has_reader(self) -> bool:
        """Whether any reader is kept."""
        return any(each.type == READER for each in self._models.list())

    def _model(self, type: str, reference: str | None) -> KeptModel:
        if reference is not None:
            model = self._models.get(reference)
            if model.type == type:
                return model
            raise InputError(
                f"The model `{model}` is of the type `{model.type}`; a {type} was wanted.",
                pointer="/model",
                code="model_of_another_type",
            )
        for each in self._models.list():
            if each.type == type:
                return each
        raise FeatureMissingError(f"No {type} is kept: train one with `textprism train INDEX {type}`.")

    def _open(self, model: KeptModel, open_: Callable[[Path], Any]) -> Any:
        """What was opened before, or is now; the one that was not used for longest is closed."""
        with self._lock:
            found = self._opened.pop(str(model), None) or open_(self._models.folder(model))
            self._opened[str(model)] = found
            while len(self._opened) > MOST_OPEN:
                self._opened.popitem(last=False)
            return found

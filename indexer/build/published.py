"""The encoders of the published generation, for a build that makes none anew."""

from indexer.encoders import Analyse, Encoder, load_encoder
from indexer.errors import CorruptError
from indexer.generation import IndexFolder, read_manifest
from indexer.storage.files import checksum
from indexer.types import IndexSettings


class PublishedEncoders:
    """The encoders of the generation that CURRENT names.

    Raises: NotBuiltError, CorruptError, FormatError."""

    def __init__(self, folder: IndexFolder) -> None:
        self._folder = folder.path / folder.current()
        self._manifest = read_manifest(self._folder)

    def chosen(self, settings: IndexSettings) -> tuple[IndexSettings, list[str]]:
        """The settings with those of their encoders that are there, and what to say of the others.

        An encoder stays what it was made as; its kind of vectors and the weights of its fields are those of
        the settings, for they only say what is made with it."""
        encoders, warnings = {}, []
        for name, wanted in settings.encoders.items():
            if name not in self._manifest.encoders:
                told = f"{self._manifest.name} has no such encoder to keep, and none was to be made"
                warnings.append(f"`{name}` was left out: {told}. Reindex without keeping the encoders.")
                continue
            made = self._manifest.settings.encoders[name]
            encoders[name] = made.model_copy(update={"vectors": wanted.vectors, "fields": wanted.fields})
        return settings.model_copy(update={"encoders": encoders}), warnings

    def load(self, name: str, analyse: Analyse) -> Encoder:
        """One of them. Raises: CorruptError, FormatError, MismatchError."""
        below = f"models/{name}/"
        for path, expected in self._manifest.files.items():
            if path.startswith(below) and checksum(self._folder / path) != expected:
                raise CorruptError(
                    f"The file {self._folder / path} is damaged (sha256 differs): reindex without keeping "
                    "the encoders."
                )
        return load_encoder(self._manifest.encoders[name].type, self._folder / "models" / name, analyse)

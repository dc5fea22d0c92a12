"""Kept models beside the indexes that use them."""

from pathlib import Path

from indexer.database import Catalogue
from indexer.encoders import KeptModels
from indexer.errors import InputError


def remove_model(catalogue: Catalogue, data_dir: Path, reference: str) -> None:
    """Removes a version of a kept model, or all of a name.

    Raises: MissingError; InputError where an index is to use it, then nothing is removed."""
    models = KeptModels(data_dir)
    name = models.get(reference).name
    users = [
        record.name
        for record in catalogue.indexes.list()
        if any(_uses(each.model, reference, name) for each in record.settings.encoders.values())
    ]
    if users:
        raise InputError(
            f"`{reference}` is used by {', '.join(f'`{each}`' for each in users)}: give the encoders there "
            "another model first.",
            code="model_in_use",
        )
    models.remove(reference)


def _uses(used: str | None, reference: str, name: str) -> bool:
    """Whether what an encoder names would be missing: of a whole name any version, of a version itself, and
    the name alone, which may mean it."""
    if used is None:
        return False
    return used in (reference, name) if "@" in reference else used.partition("@")[0] == name

"""Whether an index can be built as its settings say."""

from indexer.analysis import VIEWS
from indexer.encoders import encoder_options
from indexer.errors import InputError, UnknownNameError
from indexer.types import IndexSettings


def check_settings(settings: IndexSettings) -> None:
    """Raises UnknownNameError or InputError, with a pointer, where a build could not follow the settings."""
    for number, name in enumerate(settings.views):
        if name not in VIEWS:
            raise UnknownNameError("view", name, VIEWS, pointer=f"/views/{number}")
    if not settings.views:
        raise InputError("An index needs at least one view, for example `words`.", pointer="/views")
    for name, encoder in settings.encoders.items():
        pointer = f"/encoders/{name}"
        try:
            encoder_options(encoder.type, encoder.options)
        except UnknownNameError as error:
            error.pointer = f"{pointer}/type"
            raise
        except InputError as error:
            error.pointer = f"{pointer}/options{error.pointer}"
            raise

"""`textprism models`: what is kept by name, word vectors and Transformers."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import AsJson, DataDir, settings_of, unicode
from app.cli.output import console, print_json, print_report, progress_bar
from app.settings import open_catalogue
from indexer.build import remove_model
from indexer.encoders import (
    FORMATS,
    KeptModel,
    KeptModels,
    WordSpace,
    WordVectors,
    import_vectors,
    write_vectors,
)
from indexer.errors import InputError, UnknownNameError
from indexer.generation import IndexFolder
from indexer.pretraining import require_train_extra

Reference = Annotated[
    str, typer.Argument(metavar="NAME", help="wiki, or one version of it, wiki@2.", callback=unicode)
]

Format = Annotated[str | None, typer.Option("--format", help=f"{', '.join(FORMATS)}. [default: by content]")]

_models = typer.Typer(
    name="models", help="Keep models by name, trained or brought along.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(_models)


@_models.command("list")
def list_models(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List the newest version of each model."""
    found = KeptModels(settings_of(data_dir).data_dir).list()
    if as_json:
        print_json({"models": found})
        return
    for each in found:
        _print(each)
    if not found:
        console().print("no models: textprism train INDEX word2vec, or textprism models import NAME FILE")


@_models.command("show")
def show(name: Reference, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Show a model and its report."""
    model = KeptModels(settings_of(data_dir).data_dir).get(name)
    if as_json:
        print_json(model)
        return
    _print(model)
    print_report(model.report)


@_models.command("import")
def import_command(
    name: Annotated[str, typer.Argument(help="What to keep it as.", callback=unicode)],
    file: Annotated[Path, typer.Argument(help="Word vectors, also as .gz.")],
    format: Format = None,
    limit: Annotated[int | None, typer.Option(help="Only so many words, from the first.")] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Import word vectors from a file: word2vec text or binary, GloVe text, fastText .vec or .bin."""
    models = KeptModels(settings_of(data_dir).data_dir)
    with progress_bar() as progress:
        model = import_vectors(models, name, file, format, limit, progress)
    if as_json:
        print_json(model)
        return
    _print(model)
    use = f"--set encoders.{model.type}.type={model.type} --set encoders.{model.type}.model={model.name}"
    console().print(f"next: textprism settings INDEX {use}", markup=False, soft_wrap=True)


@_models.command("export")
def export(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="Of a model, or INDEX/ENCODER as it is served.", callback=unicode
        ),
    ],
    file: Annotated[Path, typer.Argument(help="Where to write; one that is there is replaced.")],
    format: Annotated[str, typer.Option("--format", help=", ".join(FORMATS))] = "word2vec",
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Export word vectors to a file."""
    folder = settings_of(data_dir).data_dir
    with progress_bar() as progress:
        index, slash, encoder = name.partition("/")
        if slash:
            words = _served(folder, index, encoder)
        else:
            models = KeptModels(folder)
            words = models.words(models.get(name))
        write_vectors(file, words, format, progress)
    if as_json:
        print_json({"file": str(file), "words": len(words.words), "dims": words.dims})
        return
    console().print(f"{file}: {len(words.words):,} words, {words.dims} dimensions", markup=False)


@_models.command("convert")
def convert_command(
    folder: Annotated[Path, typer.Argument(help="A BERT, RoBERTa or XLM-R with safetensors weights.")],
    to: Annotated[Path | None, typer.Option(help="A new folder for the result. [default: FOLDER]")] = None,
    int8: Annotated[bool, typer.Option("--int8", help="Also as int8: a quarter of the size.")] = False,
    as_json: AsJson = False,
) -> None:
    """Convert a model folder's weights to ONNX, which serving reads; needs the extra `train`."""
    require_train_extra()
    from indexer.pretraining.convert import convert

    with progress_bar() as progress:
        done = convert(folder, to, progress, int8=int8)
    if as_json:
        print_json(done)
        return
    told = {name: f"differs from the weights by {far:.0e} at most" for name, far in done.graphs.items()}
    if done.int8_cosine is not None:
        told["model_quantized.onnx"] = f"cosine with the float graph at least {done.int8_cosine:.4f}"
    for name, what in told.items():
        console().print(f"{done.folder}/onnx/{name}: {what}", markup=False, soft_wrap=True)


@_models.command("remove")
def remove(name: Reference, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Remove a version, or all of a name; not what an index is to use."""
    settings = settings_of(data_dir)
    with open_catalogue(settings, create=True) as catalogue:
        remove_model(catalogue, settings.data_dir, name)
    if as_json:
        print_json({"removed": name})
    else:
        console().print(f"{name} removed", markup=False)


def _served(data_dir: Path, index: str, encoder: str) -> WordVectors:
    """The word vectors of an encoder of the published generation, as they are served: without what all texts
    have in common. Raises: UnknownNameError, NotBuiltError; InputError where it has no words."""
    dense = IndexFolder(data_dir, index).open()[0].dense
    if encoder not in dense:
        raise UnknownNameError("encoder", encoder, dense)
    found = dense[encoder].encoder
    if not isinstance(found, WordSpace):
        raise InputError(f"`{encoder}` has learned no words: there is nothing to export.")
    return found.words


def _print(model: KeptModel) -> None:
    if model.spelled == "nothing":
        told = f"{model.dims:,} dimensions"
    elif model.spelled == "pieces":
        told = f"{model.words:,} pieces of words, {model.dims} dimensions"
    else:
        made = ", and vectors for words that it has not" if model.subwords else ""
        told = f"{model.words:,} words, {model.dims} dimensions{made}"
    console().print(f"{model} {model.type}: {told}, {model.created_at}", markup=False)

"""Encoders of the folders that options name."""

from pathlib import Path

from indexer.encoders.bert.encoder import BertEncoder
from indexer.encoders.bert.files import Settings
from indexer.encoders.bert.finding import check_model, find_model
from indexer.encoders.bert.folder import ModelFolder, read_folder
from indexer.encoders.bert.inside import HEADS, LAYERS
from indexer.encoders.bert.options import MINILM, BertOptions, KeptBertOptions
from indexer.encoders.bert.packaged import packaged_model
from indexer.encoders.bert.tokenizer import TextTokenizer
from indexer.errors import InputError


def make_bert(options: BertOptions) -> BertEncoder:
    """The encoder of the folder that the options name.

    Raises: InputError (`bad_model_folder`), with a pointer."""
    if options.model == MINILM:
        return _made(packaged_model(), options)
    return make_kept_bert(find_model(options.model), options)


def make_kept_bert(path: Path, options: KeptBertOptions) -> BertEncoder:
    """The encoder of a model folder. Raises: InputError (`bad_model_folder`), with a pointer."""
    return _made(read_folder(path), options)


def _made(folder: ModelFolder, options: KeptBertOptions) -> BertEncoder:
    if options.max_length is not None and options.max_length > folder.max_length:
        raise InputError(
            f"The model in {folder.path} reads {folder.max_length} tokens at once, fewer than "
            f"{options.max_length}.",
            pointer="/max_length",
            code="invalid_option",
        )
    graph = folder.graph(options.precision)
    query, document = folder.prompts
    settings = Settings(
        graph=graph.name,
        pooling=options.pooling or folder.pooling,
        windows=options.windows,
        max_length=options.max_length or folder.max_length,
        query_prompt=query if options.query_prompt is None else options.query_prompt,
        document_prompt=document if options.document_prompt is None else options.document_prompt,
        vocabulary=folder.vocabulary,
        pad_id=folder.pad_id,
        dims=folder.dims,
    )
    beside = graph.with_name(f"{graph.name}_data")  # weights of more than 2 GB
    inner = (graph.with_name(name) for name in (LAYERS, HEADS))
    more = {path.name: path for path in (beside, *inner) if path.is_file()}
    return BertEncoder(settings, {graph.name: graph, "tokenizer.json": folder.tokenizer, **more})


def check_bert(options: BertOptions) -> None:
    """Raises InputError, with a pointer, where a folder that is here lacks what an encoder needs; what is in
    its weights is seen when the encoder is made."""
    if options.model == MINILM:
        folder = packaged_model()
    elif (path := check_model(options.model)) is not None:
        folder = read_folder(path)
    else:
        return
    folder.graph(options.precision)
    TextTokenizer.of(folder)

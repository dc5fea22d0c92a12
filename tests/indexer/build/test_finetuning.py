"""A BERT becomes a reranker or a reader, and is kept."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from transformers import BertForQuestionAnswering

from indexer.build import train_reader, train_reranker
from indexer.database import Catalogue
from indexer.encoders import KeptModels
from indexer.errors import BadFileError, InputError
from indexer.pretraining import Answered, BertOptions, Judged, ReaderOptions
from indexer.pretraining.finetuning import begin
from indexer.pretraining.hub import write_model
from indexer.pretraining.model import new_bert
from indexer.pretraining.reading import Reading, windows
from indexer.pretraining.vocabulary import learn_vocabulary
from indexer.types import EncoderSettings
from tests.indexer.pretraining.texts import TOPICS, documents
from tests.library import CATS_AND_DOGS, HASHING, new_catalogue, store


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        store(opened, "pets", CATS_AND_DOGS)
        yield opened


@pytest.fixture
def bert(tmp_path):
    """The folder of a BERT that has learned nothing."""
    vocabulary = learn_vocabulary((text for document in documents() for text in document), 300)
    options = BertOptions(layers=2, dims=32, heads=2, length=64)
    write_model(tmp_path / "bert", new_bert(options, vocabulary), vocabulary.tokenizer, 64)
    return tmp_path / "bert"


def judged():
    """Queries of a topic, with a text of it and texts of the others."""
    texts = documents(160)
    return [
        Judged(text.split(".")[0][:20], [text], [texts[(number + other) % 160][1] for other in (1, 2, 3)])
        for number, (_, text) in enumerate(texts)
    ]


def answered():
    """What falls on the tea? Each time the rain, somewhere among other words."""
    rng = np.random.default_rng(2)
    others = [word for word in TOPICS["ship"] if len(word) > 1]
    found = []
    for _ in range(120):
        words = rng.choice(others, 12).tolist()
        words.insert(int(rng.integers(12)), "rain")
        text = " ".join(words)
        found.append(Answered("tea", text, text.index("rain"), text.index("rain") + len("rain")))
    return found


def test_a_reranker_learns_which_documents_are_relevant(catalogue: Catalogue, tmp_path: Path, bert: Path):
    options = {"start": str(bert), "epochs": 12, "rate": 2e-3, "negatives": 3}
    trained = train_reranker(catalogue, tmp_path, "pets", judged(), options)
    assert (trained.model, trained.encoder) == ("pets-reranker@1", "reranker")
    report = trained.report
    assert report["ordered"] > 0.8 > report["ordered_before"]
    curve = report["curves"]["reranker"]
    assert curve[-1]["held_out"]["relevance"] < curve[0]["held_out"]["relevance"]
    models = KeptModels(tmp_path)
    model = models.get("pets-reranker")
    assert model.type == "reranker"
    folder = models.folder(model)
    assert json.loads((folder / "config.json").read_text())["architectures"] == [
        "BertForSequenceClassification"
    ]
    session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
    ids = np.ones((3, 9), np.int64)
    given = {"input_ids": ids, "attention_mask": ids, "token_type_ids": ids}
    assert session.run(["logits"], given)[0].shape == (3, 1)
    assert catalogue.indexes.get("pets").settings == HASHING.model_copy(
        update={"fields": catalogue.indexes.get("pets").settings.fields}
    )


def test_a_reader_learns_where_the_answer_is(catalogue: Catalogue, tmp_path: Path, bert: Path):
    options = {"start": str(bert), "epochs": 8, "rate": 3e-3, "batch": 8}
    trained = train_reader(catalogue, tmp_path, "pets", answered(), options)
    assert trained.model == "pets-reader@1"
    assert trained.report["exact"] > 0.9 > 0.5 > trained.report["exact_before"]
    folder = KeptModels(tmp_path).folder(KeptModels(tmp_path).get("pets-reader"))
    session = onnxruntime.InferenceSession(folder / "onnx" / "model.onnx")
    assert [each.name for each in session.get_outputs()] == ["start_logits", "end_logits"]


def test_the_windows_of_a_text_say_where_the_answer_is(bert: Path):
    begun = begin(BertForQuestionAnswering, bert, ReaderOptions(length=16))
    # 13 pieces less 1 of the question leave 12 of the text, and the next window begins 6 further on.
    text = "the green tea leaves dry in warm mountain wind until evening rain comes the green tea leaves dry"
    start = text.index("rain")
    found = windows(begun, Answered("tea", text, start, start + len("rain comes")))
    told = [(each.part, each.first, each.last) for each in found]
    pieces = begun.vocabulary.pieces([text])[0]
    # [CLS] tea [SEP] stand before the text: its piece 6 has place 3.
    assert told == [(pieces[6:18], 3 + 11 - 6, 3 + 12 - 6), (pieces[:12], 0, 0)]
    assert windows(begun, Answered("tea", text, len(text), len(text))) == []


def test_what_is_too_little_to_learn_from_is_refused(catalogue: Catalogue, tmp_path: Path, bert: Path):
    options = {"start": str(bert)}
    with pytest.raises(InputError, match="at least 10 queries") as few:
        train_reranker(catalogue, tmp_path, "pets", judged()[:9], options)
    assert few.value.code == "too_few_judgements"
    unfound = [Judged("cat", ["a cat"], [])] * 20
    with pytest.raises(InputError, match="there are 0"):
        train_reranker(catalogue, tmp_path, "pets", unfound, options)
    with pytest.raises(InputError, match="at least 10 questions"):
        train_reader(catalogue, tmp_path, "pets", answered()[:9], options)
    nowhere = [Answered("tea", "tea", 9, 9)] * 20
    with pytest.raises(InputError, match="No answer lies"):
        Reading(begin(BertForQuestionAnswering, bert, ReaderOptions()), nowhere, ReaderOptions())
    with pytest.raises(InputError, match="at most 64 pieces"):
        train_reader(catalogue, tmp_path, "pets", answered(), {**options, "length": 128})
    with pytest.raises(InputError, match="textprism train pets bert") as none:
        train_reader(catalogue, tmp_path, "pets", answered())
    assert none.value.code == "no_bert"
    with pytest.raises(BadFileError, match=r"config\.json"):
        train_reader(catalogue, tmp_path, "pets", answered(), {"start": str(tmp_path)})
    assert KeptModels(tmp_path).list() == []


def test_it_begins_with_the_bert_that_the_index_uses(catalogue: Catalogue, tmp_path: Path, bert: Path):
    kept = KeptModels(tmp_path).keep_folder("own", "bert", bert, 32, 300, {})
    settings = catalogue.indexes.get("pets").settings
    encoders = {"bert": EncoderSettings(type="bert", model=str(kept))}
    catalogue.indexes.save_settings("pets", settings.model_copy(update={"encoders": encoders}))
    with pytest.raises(InputError, match="at most 64 pieces"):
        train_reader(catalogue, tmp_path, "pets", answered(), {"length": 128})

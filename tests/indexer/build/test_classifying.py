"""Classifiers trained on an index, and their labels written into it."""

import pytest

from indexer.build import build_generation, label_index, open_labeller, train
from indexer.encoders import EmbeddingCache, KeptModels
from indexer.errors import (
    CanceledError,
    ConflictError,
    FeatureMissingError,
    InputError,
    MissingError,
    NotBuiltError,
    UnknownNameError,
)
from indexer.generation import IndexFolder
from indexer.types import Document, EncoderSettings, IndexSettings
from tests.indexer.build.labelled import DOCUMENTS, labelled_index
from tests.library import new_catalogue


@pytest.fixture(scope="module")
def catalogue_and_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    with new_catalogue(folder) as catalogue:
        labelled_index(catalogue)
        build_generation(catalogue, folder, "pets")
        yield catalogue, folder


@pytest.fixture
def catalogue(catalogue_and_folder):
    return catalogue_and_folder[0]


@pytest.fixture
def folder(catalogue_and_folder):
    return catalogue_and_folder[1]


@pytest.fixture
def fit(catalogue, folder):
    """Trains a classifier of the topics."""
    return lambda model=None, **options: train(
        catalogue, folder, "pets", "classifier", {"field": "topic", **options}, model
    )


def labels(folder, model, *texts):
    generation, _ = IndexFolder(folder, "pets").open()
    with EmbeddingCache(folder) as cache:
        labeller = open_labeller(KeptModels(folder), model, generation, cache)
        found = labeller.labels([Document("", {"text": text}) for text in texts], 2)
    generation.close()
    return found


def test_every_representation_is_measured_on_the_same_documents_and_the_best_is_kept(fit, folder):
    report = fit().report
    assert [row["representation"] for row in report["table"]] == ["tfidf", "hashing"]
    assert report["documents"] == 60
    assert report["held_out"] == 12
    assert report["left_out"] == 1  # the document without a topic
    assert report["labels"] == {"cat": 30, "ship": 30}
    assert report["best"]["macro_f1"] == max(row["macro_f1"] for row in report["table"])
    assert report["on"] == report["best"]["representation"]
    assert KeptModels(folder).get("pets-classifier").type == "classifier"


@pytest.mark.parametrize("on", ["tfidf", "hashing"])
@pytest.mark.parametrize("kind", ["linear", "mlp"])
def test_a_label_is_guessed_of_any_text(fit, folder, on, kind):
    model = fit(f"{on}-{kind}", on=on, kind=kind, hidden=16).model
    cat, ship, nothing = labels(folder, model, "a mouse purrs: sofa", "cargo in the harbour", "犇")
    assert (cat.labels[0].label, ship.labels[0].label) == ("cat", "ship")
    assert sum(each.probability for each in cat.labels) == pytest.approx(1)
    assert bool(nothing.labels) == (on == "hashing")  # which makes a vector of any word
    if (on, kind) == ("tfidf", "linear"):
        assert [each.term for each in ship.because][:2] in (["cargo", "harbour"], ["harbour", "cargo"])
    else:
        assert not ship.because


def test_the_same_seed_gives_the_same_classifier(fit, folder):
    first = KeptModels(folder).folder(KeptModels(folder).get(fit("one", on="tfidf", kind="mlp").model))
    second = KeptModels(folder).folder(KeptModels(folder).get(fit("two", on="tfidf", kind="mlp").model))
    assert (first / "weights-0.npy").read_bytes() == (second / "weights-0.npy").read_bytes()


def test_numbers_can_be_labels_too(fit):
    report = fit("numbers", field="mixed", on="tfidf").report
    assert set(report["labels"]) == {str(number) for number in range(7)}


@pytest.mark.parametrize(
    ("options", "error", "code", "pointer"),
    [
        ({}, InputError, "invalid_option", "/options/field"),
        ({"field": "nowhere"}, UnknownNameError, "unknown_field", "/options/field"),
        ({"field": "text"}, UnknownNameError, "unknown_field", "/options/field"),
        ({"field": "topic", "on": "bert"}, UnknownNameError, "unknown_representation", "/options/on"),
        ({"field": "topic", "kind": "deep"}, InputError, "invalid_option", "/options/kind"),
        ({"field": "topic", "strength": 0}, InputError, "invalid_option", "/options/strength"),
        ({"field": "lang"}, InputError, "one_label", "/options/field"),
    ],
)
def test_what_cannot_be_trained_is_told(catalogue, folder, options, error, code, pointer):
    with pytest.raises(error) as told:
        train(catalogue, folder, "pets", "classifier", options, "none")
    assert told.value.pointer == pointer
    assert told.value.code == code
    with pytest.raises(MissingError):
        KeptModels(folder).get("none")


def test_a_small_index_is_told_and_one_that_is_not_built_learns_of_words_alone(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        labelled_index(catalogue, "few", DOCUMENTS[:12])
        with pytest.raises(InputError, match="at least 20 are wanted") as told:
            train(catalogue, tmp_path, "few", "classifier", {"field": "topic"})
        assert told.value.code == "corpus_too_small"
        labelled_index(catalogue, "unbuilt")
        report = train(catalogue, tmp_path, "unbuilt", "classifier", {"field": "topic"}).report
        assert [row["representation"] for row in report["table"]] == ["tfidf"]
        with pytest.raises(NotBuiltError):
            train(catalogue, tmp_path, "unbuilt", "classifier", {"field": "topic", "on": "hashing"})
        with pytest.raises(NotBuiltError):
            label_index(catalogue, tmp_path, "unbuilt", "unbuilt-classifier", "guess")


def test_labels_are_written_once(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        labelled_index(catalogue)
        build_generation(catalogue, tmp_path, "pets")
        train(catalogue, tmp_path, "pets", "classifier", {"field": "topic", "on": "tfidf"})
        report = label_index(catalogue, tmp_path, "pets", "pets-classifier", "guess")
        assert (report.documents, report.labelled, report.unknown, report.unchanged) == (61, 60, 1, 0)
        assert catalogue.indexes.get("pets").settings.fields["guess"].type == "keyword"
        assert catalogue.documents.get("pets", "ship03").fields["guess"] == "ship"
        assert "guess" not in catalogue.documents.get("pets", "nothing").fields
        seq = catalogue.indexes.get("pets").seq
        again = label_index(catalogue, tmp_path, "pets", "pets-classifier", "guess")
        assert (again.labelled, again.unchanged) == (0, 60)
        assert catalogue.indexes.get("pets").seq == seq


def test_a_cancel_leaves_no_half_written_batch(catalogue, folder, fit):
    fit("stopped", on="tfidf")

    def stop(phase, done, total, loss=None):
        raise CanceledError("stop")

    with pytest.raises(CanceledError):
        label_index(catalogue, folder, "pets", "stopped", "stopped", stop)
    found = [catalogue.documents.get("pets", each["id"]).fields.get("stopped") for each in DOCUMENTS]
    assert len([label for label in found if label]) in (0, 60)


@pytest.mark.parametrize("field", ["id", "", "text", "mixed", "topic"])
def test_fields_that_cannot_hold_labels_are_told(catalogue, folder, fit, field):
    fit("fields", on="tfidf")
    with pytest.raises(InputError) as told:
        label_index(catalogue, folder, "pets", "fields", field)
    assert told.value.code in ("wrong_field_type", "field_of_labels")
    assert told.value.pointer == "/field"


def test_an_encoder_that_has_become_another_or_is_gone_is_told(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        labelled_index(catalogue)
        build_generation(catalogue, tmp_path, "pets")
        train(catalogue, tmp_path, "pets", "classifier", {"field": "topic", "on": "hashing"})
        settings = catalogue.indexes.get("pets").settings
        for encoders, error in (
            ({"hashing": EncoderSettings(type="hashing", options={"dims": 32})}, ConflictError),
            ({}, FeatureMissingError),
        ):
            changed: IndexSettings = settings.model_copy(update={"encoders": encoders})
            catalogue.indexes.save_settings("pets", changed)
            build_generation(catalogue, tmp_path, "pets")
            with pytest.raises(error, match="train the classifier"):
                labels(tmp_path, "pets-classifier", "cats")

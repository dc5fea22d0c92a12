"""Classifiers: by hand, beside scikit-learn's answers, on disk."""

import warnings

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier

from indexer.classification import Classifier, ClassifierOptions, describe, load_classifier, save_classifier
from indexer.classification.classifier import Layer
from indexer.classification.learning import learn, measure, split
from indexer.errors import CorruptError, MismatchError
from tests.indexer.encoders.corpora import analyse


def blobs(n_labels, n=30, dims=4):
    """Documents around one place for each label."""
    rng = np.random.default_rng(5)
    places = rng.normal(size=(n_labels, dims)) * 3
    labels = [f"label {number % n_labels}" for number in range(n * n_labels)]
    rows = np.array([places[number % n_labels] for number in range(n * n_labels)])
    return np.asarray(rows + rng.normal(size=rows.shape), np.float32), labels


def layer(weights, bias):
    return Layer(np.array(weights, np.float32), np.array(bias, np.float32))


def test_the_worked_example():
    """x = (1, 2): hidden max(1·1 + 2·(−1) + 0, 0) = 0 and max(0 + 2 + 1, 0) = 3; logits 0 and 3·ln 2 − ln 2 =
    2 ln 2, so that the second label is four times as probable."""
    hidden = layer([[1, 0], [-1, 1]], [0, 1])
    last = layer([[0, 1], [0, np.log(2)]], [0, -np.log(2)])
    classifier = Classifier(["no", "yes"], [hidden, last])
    assert classifier.probabilities(np.array([[1, 2]], np.float32)) == pytest.approx(np.array([[0.2, 0.8]]))
    [[first, second]] = classifier.guesses(np.array([[1, 2]], np.float32), 5)
    assert (first.label, second.label) == ("yes", "no")
    assert first.probability == pytest.approx(0.8)
    assert classifier.shares({0: 1.0}, "yes") == {}  # a hidden layer mixes features


def test_shares_add_up_to_what_a_label_is_ahead_of_the_mean():
    features, labels = blobs(3)
    classifier, _ = learn(features, labels, ClassifierOptions(field="x"))
    row = {at: float(value) for at, value in enumerate(features[0])}
    logits = features[0] @ classifier.layers[0].weights
    for place, label in enumerate(classifier.labels):
        wanted = logits[place] - logits.mean()
        assert sum(classifier.shares(row, label).values()) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("kind", ["linear", "mlp"])
@pytest.mark.parametrize("sparse", [False, True])
def test_answers_are_those_of_scikit_learn(n_labels, kind, sparse):
    features, labels = blobs(n_labels)
    given = csr_array(features) if sparse else features
    classifier, _ = learn(given, labels, ClassifierOptions(field="x", kind=kind, hidden=8, epochs=30))
    oracle = (
        LogisticRegression(C=10.0, max_iter=30)
        if kind == "linear"
        else MLPClassifier((8,), early_stopping=False, max_iter=30, random_state=1)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        oracle.fit(given, labels)
    assert classifier.labels == list(oracle.classes_)
    assert classifier.probabilities(given) == pytest.approx(oracle.predict_proba(given), abs=1e-4)


def test_what_is_measured_was_not_learned_from():
    features, labels = blobs(3)
    learned, held_out = split(labels, seed=1)
    assert not set(learned) & set(held_out)
    assert len(held_out) == len(labels) / 5
    assert sorted({labels[place] for place in held_out}) == sorted(set(labels))
    classifier, measured = measure("all", features, labels, (learned, held_out), ClassifierOptions(field="x"))
    found = [each[0].label for each in classifier.guesses(features[held_out], 1)]
    right = sum(one == labels[place] for one, place in zip(found, held_out, strict=True))
    assert measured.accuracy == pytest.approx(right / len(held_out), abs=1e-4)
    assert measured.macro_f1 == pytest.approx(np.mean(list(measured.f1.values())), abs=1e-4)
    again, _ = measure("all", features, labels, (learned, held_out), ClassifierOptions(field="x"))
    assert np.array_equal(again.layers[0].weights, classifier.layers[0].weights)


def test_a_classifier_comes_back_from_its_folder(tmp_path):
    features, labels = blobs(2)
    classifier, _ = learn(features, labels, ClassifierOptions(field="x", kind="mlp", hidden=4))
    save_classifier(tmp_path, describe("word2vec", "f", "x", ["text"], classifier), classifier, None)
    kept = load_classifier(tmp_path, analyse)
    assert (kept.description.on, kept.description.field, kept.tfidf) == ("word2vec", "x", None)
    assert np.array_equal(kept.classifier.probabilities(features), classifier.probabilities(features))
    (tmp_path / "bias-1.npy").unlink()
    with pytest.raises(CorruptError, match=r"bias-1\.npy"):
        load_classifier(tmp_path, analyse)
    (tmp_path / "classifier.json").write_text("{}")
    with pytest.raises(CorruptError, match="train the classifier again"):
        load_classifier(tmp_path, analyse)


def test_layers_that_do_not_fit_are_told():
    with pytest.raises(MismatchError, match="do not fit together"):
        Classifier(["a", "b"], [layer([[1, 2, 3]], [0, 0, 0])])

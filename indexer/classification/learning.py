"""Classifiers are learned by scikit-learn, and measured on documents that were held out."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

from indexer.classification.base import Features
from indexer.classification.classifier import Classifier, Layer
from indexer.classification.options import ClassifierOptions

HELD_OUT = 0.2
LEAST_FOR_STOPPING = 1_000
"""Documents from which on a tenth of those learned from says when to stop; of fewer it says little."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How well a classifier does on held-out documents, and how long it learned.

    accuracy: the share of right labels · macro_f1: the mean over labels of the harmonic mean of precision and
    recall · f1: of each label · converged: no more walks would change it."""

    representation: str
    kind: str
    accuracy: float
    macro_f1: float
    seconds: float
    features: int
    converged: bool
    f1: dict[str, float]


def split(labels: Sequence[str], seed: int) -> tuple[list[int], list[int]]:
    """The places of documents to learn from, and of a fifth that is held out, of each label alike."""
    places = list(range(len(labels)))
    learned, held_out = train_test_split(places, test_size=HELD_OUT, random_state=seed, stratify=labels)
    return sorted(learned), sorted(held_out)


def learn(features: Features, labels: Sequence[str], options: ClassifierOptions) -> tuple[Classifier, bool]:
    """A classifier of these documents; and whether it came to its end within the walks that it may take."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        found = (
            _linear(features, labels, options)
            if options.kind == "linear"
            else _mlp(features, labels, options)
        )
    return found, not any(issubclass(each.category, ConvergenceWarning) for each in caught)


def measure(
    name: str,
    features: Features,
    labels: Sequence[str],
    places: tuple[list[int], list[int]],
    options: ClassifierOptions,
) -> tuple[Classifier, Measured]:
    """A classifier learned from the documents at the first places, and how it does at the others."""
    learned, held_out = places
    rows = features[learned]
    began = perf_counter()
    classifier, converged = learn(rows, [labels[place] for place in learned], options)
    seconds = perf_counter() - began
    wanted = [labels[place] for place in held_out]
    found = [classifier.labels[int(np.argmax(row))] for row in classifier.probabilities(features[held_out])]
    f1 = f1_score(wanted, found, labels=classifier.labels, average=None, zero_division=0)
    return classifier, Measured(
        representation=name,
        kind=options.kind,
        accuracy=round(float(accuracy_score(wanted, found)), 4),
        macro_f1=round(float(np.mean(f1)), 4),
        seconds=round(seconds, 3),
        features=rows.shape[1],
        converged=converged,
        f1={label: round(float(each), 4) for label, each in zip(classifier.labels, f1, strict=True)},
    )


def _linear(features: Features, labels: Sequence[str], options: ClassifierOptions) -> Classifier:
    model = LogisticRegression(C=options.strength, max_iter=options.epochs)
    model.fit(features, labels)
    return Classifier(list(map(str, model.classes_)), [_last(model.coef_.T, model.intercept_)])


def _mlp(features: Features, labels: Sequence[str], options: ClassifierOptions) -> Classifier:
    model = MLPClassifier(
        (options.hidden,),
        early_stopping=len(labels) >= LEAST_FOR_STOPPING,
        max_iter=options.epochs,
        random_state=options.seed,
    )
    model.fit(features, labels)
    layers = [_layer(*each) for each in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True)]
    return Classifier(
        list(map(str, model.classes_)), [*layers, _last(model.coefs_[-1], model.intercepts_[-1])]
    )


def _layer(weights: np.ndarray, bias: np.ndarray) -> Layer:
    return Layer(np.ascontiguousarray(weights, np.float32), np.asarray(bias, np.float32))


def _last(weights: np.ndarray, bias: np.ndarray) -> Layer:
    """The last layer. Of two labels scikit-learn keeps the logit of the second one alone: the first has 0."""
    if weights.shape[1] == 1:
        weights = np.concatenate([np.zeros_like(weights), weights], axis=1)
        bias = np.concatenate([np.zeros_like(bias), bias])
    return _layer(weights, bias)

"""What changed settings need."""

import pytest

from indexer.build import Needed, needed
from indexer.types import AnalysisSettings, EncoderSettings, FieldSettings, IndexSettings

TEXT = {"text": FieldSettings(type="text")}
WORD2VEC = EncoderSettings(type="word2vec")
HASHING = EncoderSettings(type="hashing")
OLD = IndexSettings(fields=TEXT, encoders={"w": WORD2VEC, "h": HASHING})


def encoders(**changed):
    every = {"w": WORD2VEC, "h": HASHING, **changed}
    return {"encoders": {name: each for name, each in every.items() if each is not None}}


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({}, Needed("nothing")),
        (encoders(w=EncoderSettings(type="word2vec", vectors="HNSW32")), Needed("re-encoding", [], ["w"])),
        (encoders(h=EncoderSettings(type="hashing", fields={"text": 2})), Needed("re-encoding", [], ["h"])),
        (encoders(h=None), Needed("re-encoding", [], [], ["h"])),
        (encoders(g=EncoderSettings(type="glove")), Needed("retraining", ["g"])),
        (
            encoders(w=EncoderSettings(type="word2vec", options={"dims": 9}), h=None),
            Needed("retraining", ["w"], [], ["h"]),
        ),
        (encoders(w=EncoderSettings(type="word2vec", model="wiki")), Needed("retraining", ["w"])),
        ({"views": ["words"]}, Needed("re-analysis")),
        ({"positions": False}, Needed("re-analysis")),
        ({"fields": {**TEXT, "year": FieldSettings(type="number")}}, Needed("re-analysis")),
        ({"analysis": AnalysisSettings(synonyms=[["a", "b"]])}, Needed("re-analysis")),
        # Other words: what is trained on them is trained anew, what only reads them encodes anew.
        ({"analysis": AnalysisSettings(dictionary=["深度学习"])}, Needed("re-analysis", ["w"], ["h"])),
        ({"fields": {**TEXT, "title": FieldSettings(type="text")}}, Needed("re-analysis", ["w"], ["h"])),
        ({"views": ["words"], **encoders(h=None)}, Needed("re-analysis", [], [], ["h"])),
    ],
)
def test_changed_settings_say_what_they_need(changed, wanted):
    assert needed(OLD, OLD.model_copy(update=changed)) == wanted

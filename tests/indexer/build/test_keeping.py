"""A build that keeps the encoders of the published generation: a fold."""

import orjson
import pytest

from indexer.build import build_generation
from indexer.errors import CorruptError, NotBuiltError
from indexer.generation import IndexFolder, read_manifest
from indexer.types import AnalysisSettings, EncoderSettings, IndexSettings
from tests.app.sample import sample
from tests.library import CATS_AND_DOGS, new_catalogue, store

SMALL = {"dims": 8, "epochs": 2, "min_count": 1}
EVERY = IndexSettings(
    encoders={
        "hashing": EncoderSettings(type="hashing"),
        **{
            name: EncoderSettings(type=name, options=dict(SMALL))
            for name in ("word2vec", "fasttext", "glove")
        },
    }
)


@pytest.fixture
def catalogue(tmp_path):
    with new_catalogue(tmp_path) as opened:
        store(opened, "news", sample(), EVERY)
        yield opened


def manifests(tmp_path):
    folder = IndexFolder(tmp_path, "news")
    return [read_manifest(folder.path / name) for name in folder.generations()]


def models(manifest):
    return {path: each for path, each in manifest.files.items() if path.startswith("models/")}


def set_otherwise(catalogue, **changes):
    settings = catalogue.indexes.get("news").settings
    catalogue.indexes.save_settings("news", settings.model_copy(update=changes))


def test_a_fold_of_unchanged_documents_gives_the_same_bytes(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news")
    report = build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    built, folded = manifests(tmp_path)
    assert list(built.encoders) == ["hashing", "word2vec", "fasttext", "glove"]
    assert folded.files == built.files
    assert (folded.encoders, folded.settings, report.warnings) == (built.encoders, built.settings, [])


def test_a_fold_of_other_documents_keeps_the_models_and_encodes_all_anew(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news")
    store(catalogue, "news", [{"id": "new", "title": "猫", "text": "猫 喜欢 吃鱼 cats and fish"}])
    catalogue.documents.delete("news", ["anim-001"])
    build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    built, folded = manifests(tmp_path)
    assert models(folded) == models(built)
    assert folded.files["word2vec.faiss"] != built.files["word2vec.faiss"]
    # A fold twice over is a fold: what the encoders are does not depend on how they came here.
    build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    assert manifests(tmp_path)[-1].files == folded.files
    # Trained anew they are others.
    build_generation(catalogue, tmp_path, "news")
    assert models(manifests(tmp_path)[-1]) != models(built)


def test_an_encoder_stays_what_it_was_made_as_while_its_use_follows_the_settings(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news")
    wanted = EncoderSettings(
        type="word2vec", options={**SMALL, "dims": 16}, vectors="HNSW16", fields={"title": 2, "text": 1}
    )
    set_otherwise(catalogue, encoders={"word2vec": wanted})
    report = build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    assert report.encoders == ["word2vec"]
    folded = manifests(tmp_path)[-1]
    assert (folded.encoders["word2vec"].dims, folded.encoders["word2vec"].vectors) == (8, "HNSW16")
    assert folded.settings.encoders["word2vec"] == wanted.model_copy(update={"options": SMALL})


def test_an_encoder_that_the_published_generation_lacks_is_left_out(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news", ["hashing"])
    report = build_generation(catalogue, tmp_path, "news", ["hashing", "glove"], keep_encoders=True)
    assert report.encoders == ["hashing"]
    [warning] = report.warnings
    assert "`glove` was left out: gen-000001 has no such encoder" in warning
    assert list(manifests(tmp_path)[-1].settings.encoders) == ["hashing"]


def test_other_analysis_is_folded_too(catalogue, tmp_path):
    build_generation(catalogue, tmp_path, "news")
    set_otherwise(catalogue, views=["words"], analysis=AnalysisSettings(dictionary=["喜欢吃什么"]))
    build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    built, folded = manifests(tmp_path)
    assert models(folded) == models(built)
    assert folded.settings.views == ["words"]


def test_without_encoders_to_keep_nothing_is_built(catalogue, tmp_path):
    with pytest.raises(NotBuiltError):
        build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    build_generation(catalogue, tmp_path, "news", ["hashing"])
    folder = IndexFolder(tmp_path, "news")
    path = folder.path / "gen-000001" / "models" / "hashing" / "encoder.json"
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "type": "glove"}))
    with pytest.raises(CorruptError, match=r"encoder\.json is damaged"):
        build_generation(catalogue, tmp_path, "news", ["hashing"], keep_encoders=True)
    assert folder.generations() == ["gen-000001"]
    assert not list(folder.path.glob("*.building"))


def test_a_model_that_is_kept_elsewhere_is_not_asked_for(tmp_path):
    with new_catalogue(tmp_path) as catalogue:
        store(catalogue, "news", CATS_AND_DOGS)
        build_generation(catalogue, tmp_path, "news")
        set_otherwise(catalogue, encoders={"hashing": EncoderSettings(type="word2vec", model="nowhere")})
        report = build_generation(catalogue, tmp_path, "news", keep_encoders=True)
    assert report.encoders == ["hashing"]
    assert manifests(tmp_path)[-1].encoders["hashing"].type == "hashing"

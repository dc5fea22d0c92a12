"""The English model that comes as Python packages."""

from importlib.util import find_spec

import pytest

from indexer.encoders.bert import BertOptions, check_bert, make_bert, packaged
from indexer.errors import InputError

needs_packages = pytest.mark.skipif(
    find_spec(packaged.GRAPH.package) is None, reason="the extra `minilm` is not installed"
)


@needs_packages
def test_what_means_the_same_is_nearer_than_what_does_not():
    check_bert(BertOptions())
    encoder = make_bert(BertOptions())
    cat, kitten, rates = (
        rows[0] for rows in encoder.rows(["A cat sat.", "A kitten sat down.", "Interest rates rose."])
    )
    assert encoder.dims == 384
    assert cat @ kitten > 0.5 > cat @ rates
    assert encoder.encode_query("cat").vector @ cat > encoder.encode_query("bank").vector @ cat


@needs_packages
def test_it_loads_no_package_but_reads_its_files(tmp_path):
    make_bert(BertOptions()).save(tmp_path / "saved")
    assert {each.name for each in (tmp_path / "saved").iterdir()} >= {"model.onnx", "tokenizer.json"}
    with pytest.raises(InputError, match=r"onnx/model\.onnx"):
        make_bert(BertOptions(precision="float"))


def test_without_the_extra_it_says_how_it_is_installed(monkeypatch):
    monkeypatch.setattr(packaged, "GRAPH", packaged.GRAPH._replace(package="no_package_of_this_name"))
    with pytest.raises(InputError, match=r"textprism\[minilm\]") as caught:
        check_bert(BertOptions())
    assert caught.value.code == "bad_model_folder"


@needs_packages
def test_another_file_than_the_one_that_was_tried_is_refused(monkeypatch):
    monkeypatch.setattr(packaged, "TOKENIZER", packaged.TOKENIZER._replace(sha256="0" * 64))
    with pytest.raises(InputError, match=r"tokenizer\.json is not the file"):
        make_bert(BertOptions())

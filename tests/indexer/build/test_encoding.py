"""Texts that are encoded by several processes."""

import numpy as np
import pytest

from indexer.build.encoding import EncodingProcesses
from indexer.encoders import make_encoder
from indexer.errors import WorkerError
from tests.indexer.encoders.bert.tiny import write_folder
from tests.indexer.encoders.corpora import analyse

TEXTS = ["ship", "", "猫 " * 100, "bank 船", "x"]


@pytest.fixture
def encoder(tmp_path):
    made = make_encoder("bert", [], {"model": str(write_folder(tmp_path / "model"))}, analyse)
    made.save(tmp_path / "saved")
    return made


def test_processes_give_what_one_gives(encoder, tmp_path):
    with EncodingProcesses("bert", tmp_path / "saved", 2) as encode:
        for texts in (TEXTS, TEXTS[:1], []):
            found, wanted = encode(texts), encoder.rows(texts)
            assert [each.shape for each in found] == [each.shape for each in wanted]
            for one, other in zip(found, wanted, strict=True):
                np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)


def test_a_process_that_ends_is_told(tmp_path):
    with (
        pytest.raises(WorkerError, match="ended with status"),
        EncodingProcesses("bert", tmp_path / "nothing", 2) as encode,
    ):
        encode(TEXTS)

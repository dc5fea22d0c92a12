from indexer.encoders.hashing import HashingEncoder, HashingOptions
from tests.indexer.encoders.corpora import analyse


def test_worked_example():
    """Of the hash, the last bit is the sign, and the others modulo dims are the position.

    猫 3825438160567439: +1 at 4; 狗 e4fb949511052e28: −1 at 4; fish 709c1b7acd3b475e is −1 at 7."""
    encoder = HashingEncoder(HashingOptions(dims=8), analyse)
    cat, both, all_three = encoder.encode(["猫", "猫 狗", "猫 狗 fish"])
    assert cat.vector is not None
    assert cat.vector.tolist() == [0, 0, 0, 0, 1, 0, 0, 0]
    assert both.vector is None  # they cancel each other
    assert all_three.vector is not None
    assert all_three.vector.tolist() == [0, 0, 0, 0, 0, 0, 0, -1]
    assert [each.weight for each in all_three.tokens] == [1, 1, 1]


def test_a_term_has_one_position_whatever_the_text():
    encoder = HashingEncoder(HashingOptions(), analyse)
    rows = encoder.encode_terms([["猫"], ["猫", "猫"], []])
    assert rows.positions.tolist() == [0, 1]
    assert rows.vectors[0].tobytes() == rows.vectors[1].tobytes()

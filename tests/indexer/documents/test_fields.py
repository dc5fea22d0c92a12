import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.documents.faults import Fault
from indexer.documents.fields import TEXT_NAMES, fit_fields, infer_fields
from indexer.documents.parsing import Draft
from indexer.types import FieldSettings


def infer(*values, name="f", metadata=(), untyped=False):
    drafts = [Draft("d", {name: value}, frozenset(metadata), untyped) for value in values]
    return infer_fields(drafts, {})[name].type


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ([True], "boolean"),
        ([[True, False]], "boolean"),
        ([1], "number"),
        ([1, 2.5], "number"),
        ([[1, 2.5], 3], "number"),
        (["a"], "keyword"),
        ([["a", "b"]], "keyword"),
        (["a" * 64], "keyword"),
        (["a", "a" * 65], "text"),
        ([["a", "汉" * 65]], "text"),
        ([{"a": 1}], "object"),
        ([[{"a": 1}]], "object"),
        ([["a", 1]], "object"),
        ([[["a"]]], "object"),
        ([["a", None]], "object"),
        ([[]], "keyword"),
        ([[], 1], "number"),
        (["a", 1, 2], "number"),
        (["a", 1], "keyword"),
    ],
)
def test_a_type_is_that_of_most_values_and_of_the_first_of_equally_many(values, type):
    assert infer(*values) == type


@pytest.mark.parametrize("name", sorted(TEXT_NAMES))
def test_a_field_named_like_a_text_is_text_unless_it_came_from_metadata(name):
    assert infer("a", name=name) == "text"
    assert infer(["a", "b"], name=name) == "text"
    assert infer("a", name=name, metadata=[name]) == "keyword"
    assert infer(5, name=name) == "number"


def test_long_metadata_is_no_text():
    assert infer("a" * 1000, metadata=["f"]) == "keyword"


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        (["1", "-2.5", "1e3"], "number"),
        (["007"], "keyword"),
        (["1", "x"], "keyword"),
        (["true"], "keyword"),
        (["NaN"], "keyword"),
        (["1e999"], "keyword"),
        (["+1"], "keyword"),
    ],
)
def test_cells_are_numbers_where_all_are_written_as_in_json(cells, type):
    assert infer(*cells, untyped=True) == type


def test_known_fields_are_not_inferred_again():
    known = {"a": FieldSettings(type="keyword")}
    assert list(infer_fields([Draft("d", {"b": 1, "a": 2, "c": 3})], known)) == ["b", "c"]


values = st.recursive(
    st.text() | st.booleans() | st.integers() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(value=values)
def test_a_value_fits_the_type_that_is_inferred_from_it(value):
    draft = Draft("d", {"f": value, "text": "some"})
    assert fit_fields(draft, infer_fields([draft], {})) == draft.fields


def test_text_is_wanted_in_any_text_field():
    fields = {"title": FieldSettings(type="text"), "text": FieldSettings(type="text")}
    assert fit_fields(Draft("d", {"title": "", "text": ["", "x"]}), fields)
    with pytest.raises(Fault, match="some text was expected in `title`, `text`"):
        fit_fields(Draft("d", {"title": "\u3000", "text": [""]}), fields)
    with pytest.raises(Fault, match="but no field is of type `text`"):
        fit_fields(Draft("d", {}), {})


def test_dates_are_never_inferred():
    assert infer("2024-01-31", "2024-02-01T10:00:00Z") == "keyword"


@pytest.mark.parametrize("value", ["2024-01-31", "2024-01-31T10:00:00+08:00", ["2024-01-31", "20240201"], []])
@pytest.mark.parametrize("untyped", [False, True])
def test_iso_dates_fit_a_date_field_and_stay_as_they_are(value, untyped):
    fields = {"at": FieldSettings(type="date"), "text": FieldSettings(type="text")}
    draft = Draft("d", {"at": value, "text": "some"}, untyped=untyped)
    assert fit_fields(draft, fields) == draft.fields


@pytest.mark.parametrize(
    "value", ["", "31.1.2024", "2024-02-30", "9999-12-31T23:00:00-08:00", 20240131, ["2024-01-31", "x"]]
)
def test_what_is_no_iso_date_does_not_fit_a_date_field(value):
    fields = {"at": FieldSettings(type="date"), "text": FieldSettings(type="text")}
    with pytest.raises(Fault, match="field `at` is of type `date`") as caught:
        fit_fields(Draft("d", {"at": value, "text": "some"}), fields)
    assert caught.value.code == "wrong_type"

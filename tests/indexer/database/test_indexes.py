import pytest

from indexer.errors import InputError, MissingError
from indexer.types import FieldSettings, IndexSettings


def test_an_index_is_found_again_as_it_was_created(catalogue):
    settings = IndexSettings(
        fields={"标题": FieldSettings(type="text"), "year": FieldSettings(type="number")}
    )
    created = catalogue.indexes.create("news", settings)
    assert (created.name, created.settings, created.seq) == ("news", settings, 0)
    assert catalogue.indexes.get("news") == catalogue.indexes.find("news") == created
    assert list(created.settings.fields) == ["标题", "year"]
    assert created.created_at.endswith("+00:00")


def test_a_missing_index_is_named_with_the_known_ones(catalogue):
    catalogue.indexes.create("news", IndexSettings())
    assert catalogue.indexes.find("nwes") is None
    with pytest.raises(MissingError, match=r"no index `nwes`. Known: `news`\.") as caught:
        catalogue.indexes.get("nwes")
    assert caught.value.code == "index_not_found"


def test_a_name_is_taken_once(catalogue):
    catalogue.indexes.create("news", IndexSettings())
    with pytest.raises(InputError, match="There is an index `news` already"):
        catalogue.indexes.create("news", IndexSettings())


@pytest.mark.parametrize("name", ["", "News", "-a", "_a", "a b", "a/b", "..", "新闻", "a\n", "a" * 64])
def test_a_name_that_is_none_is_refused(catalogue, name):
    with pytest.raises(InputError) as caught:
        catalogue.indexes.create(name, IndexSettings())
    assert caught.value.code == "invalid_index_name"


@pytest.mark.parametrize("name", ["a", "0", "a-b_c", "a" * 63])
def test_a_name_that_is_one_is_taken(catalogue, name):
    assert catalogue.indexes.create(name, IndexSettings()).name == name


def test_indexes_are_listed_by_name_and_their_settings_replaced(catalogue):
    for name in ("b", "a"):
        catalogue.indexes.create(name, IndexSettings())
    changed = catalogue.indexes.save_settings("b", IndexSettings(views=["words"]))
    assert [each.name for each in catalogue.indexes.list()] == ["a", "b"]
    assert catalogue.indexes.list()[1] == changed
    assert changed.settings.views == ["words"]
    with pytest.raises(MissingError):
        catalogue.indexes.save_settings("c", IndexSettings())

import pytest

from indexer.errors import MissingError
from indexer.types import IndexSettings

FIRST, SECOND = {"depth": 100}, {"depth": 200, "fusion": {"method": "rrf"}}


@pytest.fixture
def profiles(catalogue):
    catalogue.indexes.create("news", IndexSettings())
    return catalogue.profiles


def test_each_save_is_a_new_version_and_is_active(profiles):
    one, two = profiles.save("news", "default", FIRST), profiles.save("news", "default", SECOND)
    assert (str(one), str(two)) == ("default@1", "default@2")
    assert profiles.get("news", "default") == profiles.find("news", "default") == two
    assert profiles.find("news", "other") is profiles.find("nowhere", "default") is None
    assert profiles.get("news", "default", 1).settings == FIRST
    assert [each.active for each in profiles.versions("news", "default")] == [False, True]


def test_to_save_what_is_active_changes_nothing(profiles):
    one = profiles.save("news", "default", FIRST)
    assert profiles.save("news", "default", FIRST) == one
    profiles.save("news", "default", SECOND)
    assert str(profiles.save("news", "default", FIRST)) == "default@3"


def test_a_version_is_rolled_back_to_by_one_call(profiles):
    profiles.save("news", "default", FIRST)
    profiles.save("news", "default", SECOND)
    assert profiles.activate("news", "default", 1).active
    assert profiles.get("news", "default").settings == FIRST
    assert [each.active for each in profiles.versions("news", "default")] == [True, False]
    assert str(profiles.save("news", "default", {})) == "default@3"


def test_the_list_has_the_active_version_of_each_name(profiles):
    for name in ("quick", "default", "quick"):
        profiles.save("news", name, {"depth": len(profiles.list("news")) + 1})
    assert [str(each) for each in profiles.list("news")] == ["default@1", "quick@2"]


def test_a_deleted_profile_is_gone_with_its_versions(profiles):
    profiles.save("news", "default", FIRST)
    profiles.save("news", "default", SECOND)
    assert profiles.delete("news", "default") == 2
    assert profiles.list("news") == []
    assert str(profiles.save("news", "default", FIRST)) == "default@1"


def test_indexes_have_profiles_of_their_own(catalogue, profiles):
    catalogue.indexes.create("other", IndexSettings())
    profiles.save("news", "default", FIRST)
    assert profiles.list("other") == []
    with pytest.raises(MissingError):
        profiles.get("other", "default")


def test_what_is_not_there_is_told_with_what_is(profiles):
    profiles.save("news", "default", FIRST)
    for call in (profiles.get, profiles.activate):
        with pytest.raises(MissingError, match="`default@1`"):
            call("news", "default", 2)
    with pytest.raises(MissingError, match="`default`"):
        profiles.get("news", "quick")
    for call in (profiles.versions, profiles.delete):
        with pytest.raises(MissingError, match="`default`"):
            call("news", "quick")
    with pytest.raises(MissingError, match="index"):
        profiles.list("none")

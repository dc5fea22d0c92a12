"""Writes of one document: what they do, under which condition, and what their key makes of a second one."""

from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from threading import Barrier

import pytest
from sqlalchemy import text

from indexer.database import Condition, Receipt, RequestKey, WriteRecord
from indexer.database.idempotency import MOST_KEYS
from indexer.documents import delete_document, patch_document, put_document
from indexer.errors import CorruptError, InputError, MissingError, PreconditionError, TooLargeError
from indexer.types import Document


def put(catalogue, doc_id="a", words="猫 喜欢 鱼", **given):
    return put_document(catalogue, "news", doc_id, {"text": words}, **given)


def patch(catalogue, index, doc_id):
    return patch_document(catalogue, index, doc_id, {"text": "x"})


def seq(catalogue):
    return catalogue.indexes.get("news").seq


def test_each_change_has_a_seq_and_an_etag_of_its_own(catalogue):
    created = put(catalogue)
    assert (created.id, created.outcome, created.seq) == ("a", "created", 1)
    updated = put(catalogue, words="狗")
    assert (updated.outcome, updated.seq, seq(catalogue)) == ("updated", 2, 2)
    deleted = delete_document(catalogue, "news", "a")
    assert deleted == WriteRecord("a", "deleted", 3, None)
    again = put(catalogue)
    assert (again.outcome, again.seq, seq(catalogue)) == ("created", 4, 4)
    assert len({created.etag, updated.etag, again.etag}) == 3
    assert catalogue.documents.stored("news", "a").etag == again.etag
    assert catalogue.documents.get("news", "a") == Document("a", {"text": "猫 喜欢 鱼"})


def test_what_is_stored_already_is_no_change(catalogue):
    first = put_document(catalogue, "news", "a", {"text": "x", "year": 1})
    same = put_document(catalogue, "news", "a", {"year": 1, "id": "a", "text": "x"})
    assert same == WriteRecord("a", "unchanged", 1, first.etag)
    assert patch_document(catalogue, "news", "a", {}) == same
    assert seq(catalogue) == 1


def damage(catalogue):
    with catalogue._database.write() as connection:
        connection.execute(text("UPDATE documents SET body = replace(body, '猫', '狗')"))


def test_a_damaged_document_is_not_patched_but_may_be_replaced_or_deleted(catalogue):
    first = put(catalogue)
    damage(catalogue)
    with pytest.raises(CorruptError):
        patch(catalogue, "news", "a")
    assert put(catalogue).outcome == "updated"
    assert catalogue.documents.get("news", "a").fields == {"text": "猫 喜欢 鱼"}
    assert catalogue.documents.stored("news", "a").etag != first.etag
    damage(catalogue)
    assert delete_document(catalogue, "news", "a").outcome == "deleted"


def test_new_fields_get_a_type_and_known_ones_keep_theirs(catalogue):
    put_document(catalogue, "news", "a", {"text": "x", "year": 1})
    patch_document(catalogue, "news", "a", {"lang": "zh"})
    fields = catalogue.indexes.get("news").settings.fields
    assert {name: each.type for name, each in fields.items()} == {
        "text": "text",
        "year": "number",
        "lang": "keyword",
    }
    with pytest.raises(InputError, match="field `year` is of type `number`") as caught:
        patch_document(catalogue, "news", "a", {"year": "long ago"})
    assert caught.value.code == "wrong_type"


@pytest.mark.parametrize(
    ("doc_id", "value", "code"),
    [
        ("a", {"id": "b", "text": "x"}, "other_id"),
        ("a", {"id": "a", "_id": "a", "text": "x"}, "two_ids"),
        ("a", {"text": " "}, "empty_document"),
        ("a", {}, "empty_document"),
        ("a" * 1_000, {"text": "x"}, "id_too_long"),
        ("a\n", {"text": "x"}, "control_character_in_id"),
        ("a", {"text": 1}, "empty_document"),
        ("a", {"text": "x", "metadata": {"text": "y"}}, "duplicate_field"),
    ],
)
def test_what_is_no_document_is_refused_and_makes_no_index(catalogue, doc_id, value, code):
    with pytest.raises(InputError) as caught:
        put_document(catalogue, "news", doc_id, value)
    assert caught.value.code == code
    assert catalogue.indexes.find("news") is None


def test_a_document_over_the_bound_is_refused_also_where_a_patch_makes_it(catalogue):
    put(catalogue, words="x" * 80, max_bytes=100)
    with pytest.raises(TooLargeError, match="may have 100 bytes, `a` would have 131"):
        put(catalogue, words="x" * 120, max_bytes=100)
    with pytest.raises(TooLargeError):
        patch_document(catalogue, "news", "a", {"title": "y" * 20}, max_bytes=100)
    assert catalogue.documents.get("news", "a").fields == {"text": "x" * 80}


def test_a_nesting_that_cannot_be_stored_is_refused(catalogue):
    put(catalogue)
    deep: dict[str, object] = {}
    for _ in range(400):
        deep = {"o": deep}
    for write in (put_document, patch_document):
        with pytest.raises(InputError) as caught:
            write(catalogue, "news", "a", {"text": "x", "o": deep})
        assert caught.value.code == "nested_too_deeply"
    assert seq(catalogue) == 1


def test_what_is_not_there_is_missing_and_only_a_put_makes_it(catalogue):
    for write in (delete_document, patch):
        with pytest.raises(MissingError) as caught:
            write(catalogue, "news", "a")
        assert caught.value.code == "index_not_found"
    put(catalogue)
    delete_document(catalogue, "news", "a")
    for write in (delete_document, patch):
        with pytest.raises(MissingError) as caught:
            write(catalogue, "news", "a")
        assert caught.value.code == "document_not_found"
    with pytest.raises(InputError) as refused:
        put_document(catalogue, "../news", "a", {"text": "x"})
    assert refused.value.code == "invalid_index_name"


@pytest.mark.parametrize(
    ("match", "none_match", "etag", "holds"),
    [
        (None, None, None, True),
        (None, None, '"1"', True),
        ("*", None, '"1"', True),
        ("*", None, None, False),
        (['"2"', '"1"'], None, '"1"', True),
        (['"2"'], None, '"1"', False),
        (['W/"1"'], None, '"1"', False),
        (['"1"'], None, None, False),
        ([], None, '"1"', False),
        (None, "*", None, True),
        (None, "*", '"1"', False),
        (None, ['"2"'], '"1"', True),
        (None, ['"2"', '"1"'], '"1"', False),
        (None, ['"1"'], None, True),
        ("*", ['"1"'], '"1"', False),
        (['"1"'], ['"2"'], '"1"', True),
    ],
)
def test_a_condition_holds_as_rfc_9110_says(match, none_match, etag, holds):
    with nullcontext() if holds else pytest.raises(PreconditionError):
        Condition(match, none_match).check("a", etag)


def test_of_many_writers_that_have_seen_the_same_version_one_wins(catalogue):
    etag = put(catalogue).etag
    start = Barrier(12)

    def write(number):
        start.wait()
        seen = Condition(match=[etag])
        if number % 3 == 0:
            return patch_document(catalogue, "news", "a", {"text": f"by {number}"}, condition=seen)
        if number % 3 == 1:
            return delete_document(catalogue, "news", "a", condition=seen)
        return put(catalogue, words=f"by {number}", condition=seen)

    with ThreadPoolExecutor(12) as pool:
        written = [pool.submit(write, number) for number in range(12)]
        errors = [each.exception() for each in as_completed(written)]
    assert [type(each) for each in errors if each] == [PreconditionError] * 11
    [winner] = [each.result() for each in written if not each.exception()]
    assert (winner.seq, seq(catalogue)) == (2, 2)


def test_of_many_writers_that_create_one_document_one_does(catalogue):
    start = Barrier(8)

    def create(number):
        start.wait()
        return put(catalogue, words=f"by {number}", condition=Condition(none_match="*"))

    with ThreadPoolExecutor(8) as pool:
        written = [pool.submit(create, number) for number in range(8)]
        refused = [each for each in as_completed(written) if each.exception()]
    assert {type(each.exception()) for each in refused} == {PreconditionError}
    assert (len(refused), seq(catalogue)) == (7, 1)


def test_many_counters_in_one_document_lose_no_step(catalogue):
    put_document(catalogue, "news", "a", {"text": "x", "n": 0})

    def step(_):
        while True:
            seen = catalogue.documents.stored("news", "a")
            try:
                more = {"n": seen.document.fields["n"] + 1}
                return patch_document(catalogue, "news", "a", more, condition=Condition(match=[seen.etag]))
            except PreconditionError:
                continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(step, range(40)))
    assert catalogue.documents.get("news", "a").fields["n"] == 40


def test_the_same_request_again_gets_the_same_answer_and_has_no_second_effect(catalogue):
    key = RequestKey("k1", "f1")
    first = put(catalogue, request=key)
    put(catalogue, words="in between")
    assert put(catalogue, request=key) == first
    assert catalogue.documents.get("news", "a").fields == {"text": "in between"}
    deleted = delete_document(catalogue, "news", "a", request=RequestKey("k2", "f2"))
    assert delete_document(catalogue, "news", "a", request=RequestKey("k2", "f2")) == deleted
    with pytest.raises(InputError, match="take a new key") as caught:
        put(catalogue, request=RequestKey("k1", "other"))
    assert caught.value.code == "idempotency_key_reused"
    assert seq(catalogue) == 3


def test_a_request_that_was_refused_may_come_again(catalogue):
    key = RequestKey("k", "f")
    with pytest.raises(MissingError):
        delete_document(catalogue, "news", "a", request=key)
    put(catalogue)
    assert delete_document(catalogue, "news", "a", request=key).outcome == "deleted"


def test_many_who_send_one_request_at_once_have_one_effect(catalogue):
    put(catalogue)
    start = Barrier(8)

    def delete(_):
        start.wait()
        return catalogue.documents.delete_as_task("news", ["a"], Receipt("delete", RequestKey("k", "f")))

    with ThreadPoolExecutor(8) as pool:
        tasks = list(pool.map(delete, range(8)))
    assert {each.id for each in tasks} == {"task-000001"}
    assert tasks[0].result == {"deleted": 1, "seq": 2}


def keys(catalogue):
    with catalogue._database.read() as connection:
        return connection.scalars(text("SELECT key FROM idempotency_keys ORDER BY number")).all()


def change_keys(catalogue, statement):
    with catalogue._database.write() as connection:
        connection.execute(text(f"UPDATE idempotency_keys SET {statement}"))


def test_keys_are_forgotten_after_a_day(catalogue):
    put(catalogue, request=RequestKey("old", "f"))
    put(catalogue, words="in between")
    change_keys(catalogue, "created_at = '2020-01-01T00:00:00.000+00:00'")
    assert put(catalogue, request=RequestKey("old", "other")).outcome == "updated"
    put(catalogue, words="more", request=RequestKey("new", "f"))
    assert keys(catalogue) == ["old", "new"]


def test_keys_are_forgotten_where_there_are_too_many(catalogue):
    put(catalogue, request=RequestKey("first", "f"))
    put(catalogue, request=RequestKey("second", "f"))
    change_keys(catalogue, f"number = {MOST_KEYS + 1} WHERE key = 'second'")
    put(catalogue, request=RequestKey("third", "f"))
    assert keys(catalogue) == ["second", "third"]


def test_documents_that_changed_since_they_were_selected_are_left(catalogue):
    for doc_id in "abc":
        put(catalogue, doc_id)
    put(catalogue, "b", words="newer")
    task = catalogue.documents.delete_as_task("news", ["c", "b", "a", "a", "x"], Receipt("delete"), 3)
    assert (task.type, task.status, task.result) == ("delete", "succeeded", {"deleted": 2, "seq": 6})
    assert [each.doc_id for each in catalogue.documents.list("news", 0, 9).documents] == ["b"]
    assert seq(catalogue) == 6

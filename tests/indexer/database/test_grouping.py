"""Writes of several threads that share a commit."""

import errno
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

from indexer.database.engine import Database, sqlite_url
from indexer.database.grouping import GroupCommit
from indexer.errors import BusyError, InputError


@pytest.fixture
def database(tmp_path):
    opened = Database(sqlite_url(tmp_path))
    with opened.write() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER)"))
    yield opened
    opened.close()


def insert(number):
    def work(connection):
        connection.execute(text(f"INSERT INTO numbers VALUES ({number})"))
        return number

    return work


def stored(database):
    with database.read() as connection:
        return connection.scalars(text("SELECT n FROM numbers ORDER BY n")).all()


class Group:
    """A group whose first write ends when so many others wait behind it."""

    def __init__(self, database, patience=30.0):
        self.commits = GroupCommit(database, patience)
        self.led = threading.Event()

    def lead(self, others):
        def work(connection):
            self.led.set()
            while len(self.commits._waiting) < others:
                pass
            return insert(0)(connection)

        return self.commits.run(work)

    def follow(self, work):
        self.led.wait()
        return self.commits.run(work)


def run_behind(group, works):
    """What becomes of works that all wait while another is committed."""
    with ThreadPoolExecutor(len(works) + 1) as pool:
        leader = pool.submit(group.lead, len(works))
        followers = [pool.submit(group.follow, each) for each in works]
    assert leader.result() == 0
    return followers


def test_writes_that_wait_at_once_share_one_commit(database):
    commits: list[object] = []
    event.listen(database._engine, "commit", commits.append)
    followers = run_behind(Group(database), [insert(i) for i in range(1, 9)])
    assert [each.result() for each in followers] == list(range(1, 9))
    assert stored(database) == list(range(9))
    assert len(commits) == 3  # the first write, the others, and the reading


def test_a_write_that_is_refused_leaves_the_others_of_its_group(database):
    def refused(connection):
        insert(99)(connection)
        raise InputError("no")

    one, other, third = run_behind(Group(database), [insert(1), refused, insert(2)])
    assert (one.result(), third.result()) == (1, 2)
    with pytest.raises(InputError, match="no"):
        other.result()
    assert stored(database) == [0, 1, 2]


def test_a_commit_that_fails_fails_its_whole_group_and_nothing_after_it(database):
    def too_much(connection):
        connection.execute(text("PRAGMA max_page_count = 3"))
        connection.execute(text("CREATE TABLE blobs AS SELECT zeroblob(1000000)"))

    group = Group(database)
    for follower in run_behind(group, [insert(1), too_much, insert(2)]):
        with pytest.raises(OSError, match="free some space") as caught:
            follower.result()
        assert caught.value.errno == errno.ENOSPC
    assert stored(database) == [0]
    group.commits.run(lambda connection: connection.execute(text("PRAGMA max_page_count = 100000")).scalar())
    assert group.commits.run(insert(3)) == 3
    assert stored(database) == [0, 3]


def test_a_write_that_waits_for_too_long_is_given_up_and_never_done(database):
    group = Group(database, patience=0.01)
    ending = threading.Event()

    def slow(connection):
        group.led.set()
        ending.wait()
        return insert(0)(connection)

    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(group.commits.run, slow)
        with pytest.raises(BusyError, match="try again"):
            group.follow(insert(1))
        ending.set()
        assert leader.result() == 0
    assert group.commits.run(insert(2)) == 2
    assert stored(database) == [0, 2]

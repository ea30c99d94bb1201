"""The chain: what was written is told from what was not, whatever is done to the file; and who was forgotten, is."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from msgspec import structs

from gateway.trail import store
from gateway.trail.book import DAY_MS, Book
from gateway.trail.chain import ANCHOR, HEAD, UNTIL, Mark, Signer, linked, origin
from gateway.trail.ends import broken_ends, signed_ends
from gateway.trail.record import ACCESS, DOCUMENT, Entry, Referred, members, now
from gateway.trail.retention import retain
from gateway.trail.vault import Vault, opened
from gateway.trail.verify import Found, verified

DOCUMENT_1 = Referred(DOCUMENT, "d1", members({"text": "{ x }"}))


class Folder:
    """A state folder, and the processes that write in it."""

    def __init__(self, path: Path) -> None:
        path.mkdir(exist_ok=True)
        self.path = path
        self.signer = Signer.kept(path)
        self.books: list[Book] = []

    def book(self, **how: float) -> Book:
        self.books.append(Book(self.path, self.signer, Vault(b"s" * 32), **how))
        return self.books[-1]

    def found(self, *exported: Mark) -> Found:
        with store.reading(self.path) as db:
            return verified(db, self.signer.public, exported)

    def change(self, sql: str, *values: object) -> None:
        with closing(sqlite3.connect(self.path / store.FILE, isolation_level=None)) as db:
            assert db.execute(sql, values).rowcount, f"{sql} changed nothing"

    def heads(self) -> dict[str, Mark]:
        with store.reading(self.path) as db:
            return store.marks(db)

    def bytes(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.path.iterdir() if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    one = Folder(tmp_path / "state")
    yield one
    for book in one.books:
        book.close()


def seen(*subjects: str, at: int | None = None) -> Entry:
    return Entry(ACCESS, now() if at is None else at, members({"who": "x", "document": "d1"}), subjects, (DOCUMENT_1,))


def written(folder: Folder) -> Book:
    """A chain of: begin, document, and records of Ada, Bo, both and nobody."""
    book = folder.book()
    book.write([seen("Ada"), seen("Bo")])
    book.write([seen("Ada", "Bo"), seen()])
    return book


def test_what_was_written_verifies(folder: Folder) -> None:
    written(folder)
    found = folder.found()
    assert (found.problems, found.chains, found.records) == ([], 1, 6)


TAMPERED: dict[str, Callable[[Folder], None]] = {
    "a changed record": lambda f: f.change("UPDATE entry SET record = replace(record, 'x', 'y') WHERE seq = 4"),
    "a changed moment": lambda f: f.change("UPDATE entry SET at = at + 1000 WHERE seq = 4"),
    "a changed kind": lambda f: f.change("UPDATE entry SET kind = 'begin' WHERE seq = 4"),
    "a removed record": lambda f: f.change("DELETE FROM entry WHERE seq = 4"),
    "a removed first record": lambda f: f.change("DELETE FROM entry WHERE seq = 1"),
    "a removed tail": lambda f: f.change("DELETE FROM entry WHERE seq = 6"),
    "two records in each other's place": lambda f: swapped(f, 3, 4),
    "an inserted record": lambda f: inserted(f),
    "a removed head": lambda f: f.change("DELETE FROM mark"),
    "a removed chain, but its head": lambda f: f.change("DELETE FROM entry"),
    "a line taken out of the index": lambda f: f.change("DELETE FROM seen WHERE seq = 4"),
    "a line put into the index": lambda f: f.change("INSERT INTO seen VALUES (x'00', 0, 'w1.x', 4)"),
    "a line of the index turned to another record": lambda f: f.change("UPDATE seen SET seq = 6 WHERE seq = 4"),
    "a head moved back": lambda f: f.change("UPDATE mark SET seq = 5"),
}


def swapped(folder: Folder, one: int, other: int) -> None:
    for old, new in ((one, -1), (other, one), (-1, other)):
        folder.change("UPDATE entry SET seq = ? WHERE seq = ?", new, old)


def inserted(folder: Folder) -> None:
    folder.change("UPDATE entry SET seq = seq + 1000 WHERE seq > 3")
    folder.change("UPDATE entry SET seq = seq - 999 WHERE seq > 1000")
    folder.change("INSERT INTO entry SELECT chain, 4, at, kind, ref, record, hash FROM entry WHERE seq = 3")


@pytest.mark.parametrize("what", TAMPERED)
def test_it_is_found(what: str, folder: Folder) -> None:
    written(folder).close()
    TAMPERED[what](folder)
    assert folder.found().problems, what


def test_a_chain_that_is_computed_anew_is_found_by_its_head(folder: Folder) -> None:
    """Who has the file, but not the key, cannot sign."""
    book = written(folder)
    tail, other = book.tail, Signer.kept(folder.path.parent / "elsewhere")
    assert tail
    book.close()
    forged = other.mark(HEAD, tail.chain, tail.seq, tail.hash, now())
    folder.change("UPDATE mark SET signature = ?, at = ?", forged.signature, forged.at)
    assert folder.found().problems == [f"{tail.chain}:6 the head is not signed with our key"]


def test_a_chain_that_was_taken_away_whole_is_missed_by_the_others_and_by_exported_heads(folder: Folder) -> None:
    one, exported = written(folder), folder.heads()
    two = folder.book()
    two.write([seen("Cy")])
    assert one.tail
    assert two.tail
    assert two.tail.chain.startswith("w2.")
    for table in ("entry", "seen", "mark"):
        folder.change(f"DELETE FROM {table} WHERE chain = ?", one.tail.chain)
    gone = f"{one.tail.chain}:6 is not there as "
    assert folder.found().problems == [f"{gone}the head that {two.tail.chain}:1 names has it"]
    assert folder.found(*exported.values()).problems == [f"{gone}an exported head has it"]


def test_a_file_put_back_to_an_earlier_day_is_found_by_exported_heads(folder: Folder) -> None:
    book = written(folder)
    with store.reading(folder.path) as db:
        earlier = list(db.iterdump())
    book.write([seen("Di")])
    exported = list(folder.heads().values())
    book.close()
    (folder.path / store.FILE).unlink()
    with closing(sqlite3.connect(folder.path / store.FILE)) as db:
        db.executescript("\n".join(earlier))
    assert folder.found().problems == []
    assert len(folder.found(*exported).problems) == 1


def test_a_chain_outlives_its_process_and_each_process_has_its_own(folder: Folder) -> None:
    first = written(folder)
    assert first.tail
    name = first.tail.chain
    beside = folder.book()
    beside.write([seen("Ada")])
    first.close()
    again = folder.book()
    again.write([seen("Ada")])
    assert again.tail
    assert (again.tail.chain, beside.slot) == (name, "w2")
    assert folder.found().problems == []


def test_a_broken_end_is_not_built_upon(folder: Folder) -> None:
    """Or the next commit would sign for what is left."""
    written(folder).close()
    folder.change("DELETE FROM entry WHERE seq = 6")
    folder.book().write([seen("Ada")])
    assert len(folder.heads()) == 2
    assert folder.found().problems


def test_a_segment_begins_when_one_is_full_and_has_all_it_refers_to(folder: Folder) -> None:
    book = folder.book(segment=3)
    for _ in range(4):
        book.write([seen("Ada"), seen("Bo")])
    with store.reading(folder.path) as db:
        kinds = [row[0] for row in db.execute("SELECT kind FROM entry ORDER BY seq")]
    assert kinds == ["begin", "document", *("access",) * 2] * 4
    assert folder.found().problems == []


# -- between two signed heads -----------------------------------------------------------------------------------------


def killed(folder: Folder, **how: float) -> Book:
    """A chain of which the last two records were committed since its head was signed, by a process that is gone."""
    book = folder.book(signing=60, **how)
    book.write([seen("Ada"), seen("Bo")])
    book.write([seen("Ada")])
    book.write([seen("Cy")])
    gone(book)
    return book


def gone(book: Book) -> None:
    """What a killed process holds, the system lets go."""
    book.close_file()
    assert book.lock
    book.lock.close()
    book.lock = None


def test_what_a_kill_leaves_unsigned_is_told_and_no_problem(folder: Folder) -> None:
    killed(folder)
    (chain,) = folder.heads()
    found = folder.found()
    assert (found.problems, found.unsigned) == ([], {chain: (5, 6)})


def test_the_next_process_goes_on_where_it_ends_and_signs_for_it(folder: Folder) -> None:
    killed(folder)
    folder.book(signing=60).write([seen("Di")])
    (head,) = folder.heads().values()
    found = folder.found()
    assert (found.problems, found.unsigned, head.seq) == ([], {}, 9)


UNSIGNED: dict[str, Callable[[Folder], None]] = {
    "a changed record": lambda f: f.change("UPDATE entry SET record = replace(record, 'x', 'y') WHERE seq = 5"),
    "a removed record": lambda f: f.change("DELETE FROM entry WHERE seq = 5"),
    "two records in each other's place": lambda f: swapped(f, 5, 6),
    "the record that is signed for": lambda f: f.change("DELETE FROM entry WHERE seq = 4"),
}


@pytest.mark.parametrize("what", UNSIGNED)
def test_what_is_not_signed_yet_hangs_together_and_is_not_built_upon_when_it_does_not(
    what: str, folder: Folder
) -> None:
    killed(folder)
    UNSIGNED[what](folder)
    assert folder.found().problems
    folder.book().write([seen("Di")])
    assert len(folder.heads()) == 2
    assert folder.found().problems


def marks(folder: Folder) -> list[Mark]:
    with store.reading(folder.path) as db:
        return [mark for kind in (HEAD, UNTIL) for mark in store.marks(db, kind).values()]


def put_back(folder: Folder, old: list[Mark]) -> None:
    with closing(store.opened(folder.path, 1)) as db:
        for mark in old:
            store.put_mark(db, mark)


def rewritten(folder: Folder, since: int, **moved: int) -> None:
    """Who was asked by is another from a record on, and all is hashed anew: no key is needed for that."""
    with closing(sqlite3.connect(folder.path / store.FILE, isolation_level=None)) as db:
        rows = db.execute("SELECT chain, seq, record FROM entry ORDER BY seq").fetchall()
        before = origin(rows[0][0])
        for chain, seq, record in rows:
            forged = record.replace(b'"who":"x"', b'"who":"z"') if seq >= since else record
            before = linked(before, forged)
            db.execute(
                "UPDATE entry SET record = ?, hash = ? WHERE (chain, seq) = (?, ?)", (forged, before, chain, seq)
            )
        for at in moved.values():
            db.execute("UPDATE entry SET at = ? WHERE seq >= ?", (at, since))


def an_older_head(folder: Folder) -> None:
    """Records of a minute, all signed for; then the marks of its beginning are put back, and what follows is forged."""
    book = folder.book(signing=1)
    book.write([seen("Ada")])
    old = marks(folder)
    for second in range(0, 60, 10):
        book.write([seen("Bo", at=now() + 1000 * second)])
    book.close()
    assert (folder.found().problems, folder.found().unsigned) == ([], {})
    put_back(folder, old)


FORGED: dict[str, Callable[[Folder], None]] = {
    "nothing else": lambda f: None,
    "records hashed anew": lambda f: rewritten(f, 5),
    "their moments as the table has them moved back": lambda f: rewritten(f, 5, at=now() - 1000),
    "a later promise": lambda f: f.change("UPDATE mark SET at = at + 100000 WHERE kind = ?", UNTIL),
    "no promise": lambda f: f.change("DELETE FROM mark WHERE kind = ?", UNTIL),
}


@pytest.mark.parametrize("what", FORGED)
def test_what_follows_an_older_head_is_no_end_that_a_kill_left(what: str, folder: Folder) -> None:
    an_older_head(folder)
    FORGED[what](folder)
    (old,) = folder.heads().values()
    assert f"{old.chain}:3 is the last record that a head signs for, and no kill leaves what follows to 9" in (
        folder.found().problems
    )


@pytest.mark.parametrize("what", FORGED)
def test_nobody_goes_on_from_it_or_signs_for_it(what: str, folder: Folder) -> None:
    an_older_head(folder)
    FORGED[what](folder)
    (old,) = folder.heads().values()
    with store.reading(folder.path) as db:
        assert (list(signed_ends(db, folder.signer)), broken_ends(db, folder.signer.public)) == ([old], [old.chain])
    book = folder.book(signing=1)
    book.write([seen("Cy")])
    retain(book, now() + 100_000)
    book.close()
    assert folder.heads()[old.chain] == old
    with store.reading(folder.path) as db:
        assert old.chain not in store.marks(db, ANCHOR)
    assert folder.found().problems


def test_the_promise_of_another_head_is_none(folder: Folder) -> None:
    book = folder.book(signing=60)
    book.write([seen("Ada")])
    old = [mark for mark in marks(folder) if mark.kind == HEAD]
    book.write([seen("Bo")])
    book.close()
    put_back(folder, old)
    assert folder.found().problems


def test_retention_signs_for_no_head_that_is_not_ours(folder: Folder) -> None:
    killed(folder)
    folder.change("UPDATE mark SET signature = x'00' WHERE kind = ?", HEAD)
    (forged,) = folder.heads().values()
    book = folder.book()
    book.write([seen("Di")])
    retain(book, now() + 1000)
    assert folder.heads()[forged.chain] == forged
    assert folder.found().problems


def test_a_kill_right_after_a_rest_leaves_an_end_like_any_other(folder: Folder) -> None:
    book = folder.book(signing=1)
    book.write([seen("Ada")])
    for hours in (1, 2, 5):
        book.write([seen("Bo", at=now() + hours * 3_600_000)])
    (chain,) = folder.heads()
    gone(book)
    assert (folder.found().problems, folder.found().unsigned) == ([], {})
    folder.book(signing=1).write([seen("Cy")])
    assert ([*folder.heads()], folder.found().problems) == ([chain], [])


def test_what_was_left_is_judged_by_the_setting_it_was_written_with(folder: Folder) -> None:
    book = folder.book(signing=60)
    book.write([seen("Ada")])
    book.write([seen("Bo", at=now() + 50_000)])
    (chain,) = folder.heads()
    gone(book)
    assert (folder.found().problems, folder.found().unsigned) == ([], {chain: (4, 4)})
    folder.book(signing=1).write([seen("Cy")])
    assert ([*folder.heads()], folder.found().problems) == ([chain], [])


@contextmanager
def unsigned(folder: Folder) -> Iterator[Book]:
    """A book of two entries, while somebody else holds the file and its head cannot be signed."""
    book = folder.book(signing=60, patience=0)
    book.write([seen("Ada")])
    book.write([seen("Bo")])
    with closing(sqlite3.connect(folder.path / store.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError):
            book.write(())
        yield book
        other.execute("ROLLBACK")


def test_a_head_that_could_not_be_signed_is_signed_in_the_end(folder: Folder) -> None:
    with unsigned(folder) as book:
        pass
    book.close()
    assert [head.seq for head in folder.heads().values()] == [4]
    assert (folder.found().problems, folder.found().unsigned) == ([], {})


def test_an_end_that_cannot_be_signed_is_told(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    with unsigned(folder) as book:
        book.close()
    assert "the audit chain of w1 ends without a signed head: database is locked" in caplog.text


def test_a_head_is_signed_when_its_time_has_come_and_at_the_end(folder: Folder) -> None:
    moment = [0.0]
    book = folder.book(signing=5)
    book.ticks = lambda: moment[0]
    book.write([seen("Ada")])
    for at, signed in ((1.0, 3), (4.9, 3), (5.0, 5), (6.0, 5)):
        moment[0] = at
        if at != 5.0:
            book.write([seen("Bo")])
        book.settle()
        assert [head.seq for head in folder.heads().values()] == [signed], at
    book.close()
    assert [head.seq for head in folder.heads().values()] == [6]


def test_each_commit_is_signed_where_nothing_may_go_without(folder: Folder) -> None:
    book = folder.book()
    for seq in (3, 4, 5):
        book.write([seen("Ada")])
        assert [head.seq for head in folder.heads().values()] == [seq]


def test_a_chain_that_a_kill_ended_is_dropped_by_age_to_its_last_record(folder: Folder) -> None:
    killed(folder)
    other = folder.book()
    other.lock, other.slot = store.claimed(folder.path, "w2"), "w2"
    other.write([seen("Di")])
    retain(other, now() + 1000)
    assert folder.found().problems == []
    with store.reading(folder.path) as db:
        assert {row[0][:3] for row in db.execute("SELECT DISTINCT chain FROM entry")} == {"w2."}


# -- retention --------------------------------------------------------------------------------------------------------


def test_old_segments_are_dropped_and_the_rest_still_verifies(folder: Folder) -> None:
    book = written(folder)
    kept = seen("Ada")
    cutoff = now() + 10
    book.write([structs.replace(kept, at=cutoff + DAY_MS)])
    exported = folder.heads().values()
    dropped = retain(book, cutoff + DAY_MS - 1)
    assert dropped >= 6
    found = folder.found(*exported)
    assert found.problems == []
    with store.reading(folder.path) as db:
        assert db.execute("SELECT COUNT(*) FROM seen").fetchone() in ((0,), (1,))


def test_who_shortens_a_chain_without_the_key_is_found(folder: Folder) -> None:
    book = written(folder)
    retain(book, now() + 1000)
    book.write([seen("Bo")])
    book.close()
    assert folder.found().problems == []
    folder.change("DELETE FROM entry WHERE seq = (SELECT MIN(seq) FROM entry)")
    assert folder.found().problems
    folder.change("UPDATE mark SET seq = seq + 1 WHERE kind = ?", ANCHOR)
    assert any("anchor is not signed" in problem for problem in folder.found().problems)


def test_a_chain_that_nobody_continues_is_dropped_to_its_end(folder: Folder) -> None:
    written(folder)
    ended = folder.book()
    ended.write([seen("Cy")])
    ended.close()
    retain(folder.books[0], now() + 1000)
    with store.reading(folder.path) as db:
        assert {row[0][:3] for row in db.execute("SELECT DISTINCT chain FROM entry")} == {"w1."}
    assert folder.found().problems == []
    folder.book().write([seen("Cy")])
    assert folder.found().problems == []


# -- forgetting -------------------------------------------------------------------------------------------------------


def forget(folder: Folder, *subjects: str) -> None:
    with closing(store.opened(folder.path, 1)) as db:
        with store.changing(db):
            Vault(b"s" * 32).forget(db, subjects)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_who_is_forgotten_is_in_no_record_any_more_and_the_chain_verifies(folder: Folder) -> None:
    book = written(folder)
    with store.reading(folder.path) as db:
        key, tag = db.execute("SELECT key, tag FROM subject").fetchone()
        record = db.execute("SELECT record FROM entry WHERE seq = 3").fetchone()[0].decode()
        named = record.partition('"subjects":[')[2].strip("[]}").replace('"', "").split(",")
        assert opened(db, named) == "Ada"
    book.close()
    forget(folder, "Ada", "Bo")
    assert key not in folder.bytes()
    with store.reading(folder.path) as db:
        assert opened(db, named) is None
        assert Vault(b"s" * 32).tags(db, ["Ada"]) == []
        assert db.execute("SELECT COUNT(*) FROM seen WHERE tag = ?", (tag,)).fetchone() != (0,)
    assert folder.found().problems == []


def test_who_is_seen_again_after_being_forgotten_is_somebody_new_for_every_process(folder: Folder) -> None:
    book = written(folder)
    with store.reading(folder.path) as db:
        before = Vault(b"s" * 32).tags(db, ["Ada"])
    forget(folder, "Ada")
    book.write([seen("Ada")])
    with store.reading(folder.path) as db:
        after = Vault(b"s" * 32).tags(db, ["Ada"])
        assert db.execute("SELECT COUNT(*) FROM seen WHERE tag = ?", (after[0],)).fetchone() == (1,)
    assert before != after


def test_ids_stand_nowhere_in_the_file(folder: Folder) -> None:
    book = folder.book()
    book.write([seen("Customer:ada-canary")])
    assert b"ada-canary" not in folder.bytes()


# -- when it cannot be written ----------------------------------------------------------------------------------------


def test_a_failed_commit_leaves_the_chain_as_it_was(folder: Folder) -> None:
    book = folder.book(patience=0)
    book.write([seen("Ada")])
    with closing(sqlite3.connect(folder.path / store.FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError):
            book.write([seen("Bo")])
        other.execute("ROLLBACK")
    book.write([seen("Cy")])
    assert folder.found().problems == []


def test_who_was_counted_in_a_commit_that_failed_is_counted_in_the_next(folder: Folder) -> None:
    """What is remembered of a transaction goes with it."""
    book = folder.book(patience=0)
    book.write([seen("Ada")])
    kim = structs.replace(seen("Bo"), reader=("agent", "kim"))
    with pytest.raises((OverflowError, ValueError)):
        book.write([kim, structs.replace(kim, at=10**30)])
    book.write([kim])
    with store.reading(folder.path) as db:
        assert db.execute("SELECT reader, COUNT(*) FROM counted GROUP BY reader").fetchall() == [("kim", 1)]
    assert folder.found().problems == []

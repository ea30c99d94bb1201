"""The trail as a file: checked without the folder it came from, against what was kept of it elsewhere."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from msgspec import structs

from gateway.cli import main
from gateway.trail import store
from gateway.trail.book import DAY_MS
from gateway.trail.chain import HEAD, START, Mark
from gateway.trail.ends import signed_ends
from gateway.trail.export import Exported, Unreadable, lines, read, unchanged
from gateway.trail.record import moment, now
from gateway.trail.retention import retain
from tests.gateway.trail.test_chain import Folder, killed, seen, written

Lines = list[dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    one = Folder(tmp_path / "state")
    yield one
    for book in one.books:
        book.close()


def exported(folder: Folder, since: int = 0) -> Lines:
    with store.reading(folder.path) as db:
        return [json.loads(line) for line in lines(db, folder.signer, since)]


def problems(folder: Folder, told: Lines, *heads: Mark) -> Sequence[str]:
    return unchanged(taken(told), folder.signer.public, heads).problems


def taken(told: Lines) -> Exported:
    return read(json.dumps(line) for line in told)


def kept(folder: Folder) -> list[Mark]:
    """What `audit heads` prints."""
    with store.reading(folder.path) as db:
        return list(signed_ends(db, folder.signer))


def records(told: Lines) -> Lines:
    return [line for line in told if "record" in line]


def test_an_export_verifies_without_its_folder(folder: Folder) -> None:
    written(folder)
    told = exported(folder)
    heads = kept(folder)
    found = unchanged(taken(told), folder.signer.public, heads)
    assert (found.problems, found.chains, found.records, found.unsigned) == ([], 1, 6, {})


def test_what_a_kill_left_unsigned_is_signed_for_in_an_export(folder: Folder) -> None:
    killed(folder)
    told = exported(folder)
    assert problems(folder, told) == []
    assert problems(folder, [line for line in told if line.get("seq") != 6])
    assert [head.seq for head in kept(folder)] == [6]


def test_a_file_ends_with_its_heads(folder: Folder) -> None:
    """With an older one instead, whatever hangs from it could be anything."""
    book = folder.book(signing=60)
    book.write([seen("Ada")])
    (old,) = kept(folder)
    book.write([seen("Bo")])
    told = [*unmarked(HEAD)(exported(folder)), {"mark": old.as_json()}]
    assert problems(folder, told) == [
        f"{old.chain}:3 is the last record that a head signs for, and no kill leaves what follows to 4"
    ]


def changed(told: Lines) -> Lines:
    place = told.index(records(told)[3])
    return [*told[:place], told[place] | {"record": told[place]["record"].replace('"x"', '"y"')}, *told[place + 1 :]]


def put_elsewhere(told: Lines) -> Lines:
    return [*told[:3], told[4], told[3], *told[5:]]


def without(number: int) -> Callable[[Lines], Lines]:
    return lambda told: [line for line in told if line is not records(told)[number]]


def renamed(told: Lines) -> Lines:
    """Another number beside a record, so that one less is missed."""
    return [
        line | {"seq": line["seq"] - 1} if line.get("seq", 0) > 4 else line for line in told if line.get("seq") != 4
    ]


def unmarked(kind: str) -> Callable[[Lines], Lines]:
    return lambda told: [line for line in told if line.get("mark", {}).get("kind") != kind]


TAMPERED: dict[str, Callable[[Lines], Lines]] = {
    "a changed record": changed,
    "two records in each other's place": put_elsewhere,
    "a removed first record": without(0),
    "a removed record": without(3),
    "a removed last record": without(-1),
    "a removed record, and the others renamed": renamed,
    "a record twice": lambda told: [*told[:4], told[3], *told[4:]],
    "no records": lambda told: [line for line in told if "record" not in line],
    "no head": unmarked(HEAD),
    "no start": unmarked(START),
    "no marks": lambda told: unmarked(HEAD)(unmarked(START)(told)),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_it_is_found_in_a_file(what: str, folder: Folder) -> None:
    written(folder)
    told = exported(folder)
    assert TAMPERED[what](told) != told
    assert problems(folder, TAMPERED[what](told)), what


def test_any_change_of_a_file_is_found_or_the_file_cannot_be_read(folder: Folder) -> None:
    """Of records; one byte here, one line there."""
    written(folder)
    dice, told = random.Random(7), exported(folder)
    for _ in range(300):
        place = told.index(dice.choice(records(told)))
        text = told[place]["record"]
        at = dice.randrange(len(text))
        other = text[:at] + dice.choice('0z"{}[],:é') + text[at + dice.choice((0, 1)) :]
        if other != text:
            try:
                found = problems(folder, [*told[:place], told[place] | {"record": other}, *told[place + 1 :]])
            except Unreadable:
                continue
            assert found, (text, other)


def test_a_file_that_somebody_else_signed_is_not_ours(folder: Folder, tmp_path: Path) -> None:
    """All of one piece, by another key: the one that was kept tells."""
    written(folder)
    other = Folder(tmp_path / "forged")
    written(other).close()
    told = exported(other)
    assert unchanged(taken(told), taken(told).key).problems == []
    assert problems(folder, told)


def test_a_chain_taken_out_whole_is_missed_by_the_heads_that_were_kept(folder: Folder) -> None:
    one, two = written(folder), folder.book()
    two.write([seen("Cy")])
    assert one.tail
    assert two.tail
    told, heads = exported(folder), kept(folder)
    assert problems(folder, told, *heads) == []
    for chain in (one.tail.chain, two.tail.chain):
        left = [line for line in told if chain not in (line.get("chain"), line.get("mark", {}).get("chain"))]
        assert problems(folder, left, *heads)


def test_a_part_begins_with_the_segment_of_its_moment_and_verifies_by_itself(folder: Folder) -> None:
    book = folder.book(segment=3)
    for number in range(6):
        book.write([structs.replace(seen("Ada"), at=now() + number * DAY_MS)])
    whole, heads = exported(folder), kept(folder)
    begins = [line for line in records(whole) if '"kind":"begin"' in line["record"]]
    assert len(begins) == 6
    part = exported(folder, now() + 10 * DAY_MS)
    assert records(part) == []
    assert problems(folder, part, *heads) == []
    assert problems(folder, exported(folder, now() + 1000), *heads) == []


def test_what_retention_has_dropped_is_not_missed(folder: Folder) -> None:
    book = written(folder)
    heads = kept(folder)
    retain(book, now() + 1000)
    book.write([seen("Bo")])
    told = exported(folder)
    assert records(told)[0]["seq"] > 1
    assert problems(folder, told, *heads) == []
    assert problems(folder, without(0)(told), *heads)


def test_lines_that_are_none_are_told_by_their_number(folder: Folder) -> None:
    written(folder)
    told = [json.dumps(line) for line in exported(folder)]
    for bad in ("", "[]", "{}", '{"record": 1}', '{"mark": {}}', '{"publicKey": "x"}', "null", '{"record": "{}"}'):
        with pytest.raises(Unreadable, match="line 3 "):
            read([*told[:2], bad, *told[2:]])


# -- on the command line ----------------------------------------------------------------------------------------------


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(main, ["audit", *words], catch_exceptions=False, **options)


def printed(folder: Folder, *words: str) -> str:
    result = run(*words, f"--set=state.dir={folder.path}", "--set=dev.mode=true")
    assert result.exit_code == 0, result.output
    return result.stdout


def test_verify_of_a_file_needs_neither_folder_nor_settings(folder: Folder, tmp_path: Path) -> None:
    written(folder).close()
    trail, heads, bent = (tmp_path / name for name in ("trail.jsonl", "heads.json", "bent.jsonl"))
    heads.write_text(printed(folder, "heads"))
    trail.write_text(printed(folder, "export"))
    bent.write_text(trail.read_text().replace('\\"x\\"', '\\"y\\"', 1))
    folder.path.rename(tmp_path / "gone")
    good = run("verify", str(trail), "--heads", str(heads))
    assert (good.exit_code, good.stdout) == (0, "6 records in 1 chain, 0 problems\n")
    assert "the key that the file itself names" in run("verify", str(trail)).stdout
    bad = run("verify", str(bent), "--heads", str(heads), "--json")
    assert bad.exit_code == 1
    assert json.loads(bad.stdout.splitlines()[0])["problems"]


def test_what_is_no_export_is_refused_with_a_sentence(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    for text in ("hello", "\x00\x01", '{"record": 3}'):
        other.write_text(text)
        result = run("verify", str(other))
        assert result.exit_code == 1
        assert "line 1 is none of an export" in result.output
    other.write_bytes(b"\xff\xfe")
    assert run("verify", str(other)).exit_code == 2
    assert run("verify", str(tmp_path / "none")).exit_code == 2


def test_verify_tells_what_is_not_signed_yet(folder: Folder) -> None:
    killed(folder)
    (chain,) = folder.heads()
    assert f"{chain}:5 to 6 hang from the signed head, and no head signs for them yet" in printed(folder, "verify")
    assert json.loads(printed(folder, "verify", "--json"))["unsigned"] == {chain: [5, 6]}


def test_what_is_not_signed_for_is_told_where_it_is_printed(folder: Folder) -> None:
    killed(folder)
    folder.change("DELETE FROM entry WHERE seq = 5")
    (old,) = folder.heads().values()
    for word in ("heads", "export"):
        result = run(word, f"--set=state.dir={folder.path}", "--set=dev.mode=true")
        assert result.exit_code == 1
        assert f"not signed for, since it does not end as it was written: {old.chain}" in result.stderr
        assert old.hash.hex() in result.stdout


def test_a_moment_of_the_command_line_is_utc(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Wherever the machine stands."""
    written(folder).close()
    request.addfinalizer(time.tzset)
    request.addfinalizer(monkeypatch.undo)  # before the clock is set back
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    later = moment(now() + 60_000)[:19]
    assert records([json.loads(line) for line in printed(folder, "export", f"--since={later}").splitlines()]) == []

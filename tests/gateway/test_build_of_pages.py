"""The pages are built when what they are made of has changed, with whatever Node.js there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.front.build import digest, found


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    for name in ("src/page.ts", "src/page.test.ts", "package-lock.json", "node_modules/react/index.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize("name", ["src/page.ts", "package-lock.json", "src/new.css"])
def test_a_change_of_sources_or_packages_makes_them_stale(sources: Path, name: str) -> None:
    before = digest(sources)
    (sources / name).write_text("changed")
    assert digest(sources) != before


@pytest.mark.parametrize("name", ["src/page.test.ts", "node_modules/react/index.js", "src/page.ts"])
def test_what_has_no_say_in_them_does_not(sources: Path, name: str) -> None:
    before = digest(sources)
    (sources / name).write_text("changed" if name != "src/page.ts" else name)
    assert digest(sources) == before


def tool(folder: Path, name: str, says: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\necho {says}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("version", "taken"),
    [("v18.20.4", False), ("v20.18.9", False), ("v20.19.0", True), ("v24.1.0", True), ("?", False)],
)
def test_a_node_that_is_too_old_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    tool(tmp_path, "node", version)
    tool(tmp_path, "npm", "11.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    node = found()
    assert (node is not None and node.node == (str(tmp_path / "node"),)) is taken

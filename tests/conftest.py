"""What every test may use."""

from __future__ import annotations

import gc
import pickle
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import strawberry
from hypothesis import settings

import schema
from mocks.world import open_world
from tests.company import Company, Founding
from tests.gateway.questions.shared import shared
from tests.gateway.questions.whole import pytest_sessionfinish, pytest_terminal_summary

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]

SUPERSTORE = Path(__file__).parent / "data" / "superstore.csv"
ALONE = "alone and not long"
"""As `make test` asks for what nothing but its like may run beside."""
SELDOM = (50_000, 10, 100)
"""How often to look for garbage: of very many small values, hardly any lie in circles."""

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("anew", deadline=None)
settings.load_profile("same")  # what is green here is green elsewhere; `make test-long` draws examples anew


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Few files have a test that runs alone: the others need not be read to find that out."""
    if config.option.markexpr != ALONE or collection_path.suffix != ".py":
        return None
    return "mark.alone" not in collection_path.read_text(encoding="utf-8") or None


def pytest_collection_finish() -> None:
    """What there is now stays until the end: none of it need be looked through for garbage, and the rest seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)


def pytest_runtest_setup() -> None:
    """What the test before left is taken away now, and not in the middle of one that has a deadline."""
    gc.collect(1)


@pytest.fixture(scope="session", autouse=True)
def nobody_runs_trio() -> None:
    """httpx looks for `sniffio` all over the disk, at each request to an app in this process; and nobody has it here."""
    if find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # known not to be there


@pytest.fixture(scope="session", autouse=True)
def the_same_toml_is_read_once() -> Iterator[None]:
    """Each of a thousand gateways reads the same few files. Every reader gets a copy."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tomllib, "loads", _copied)
        yield


def _copied(text: str) -> dict[str, Any]:
    tables: dict[str, Any] = pickle.loads(_parsed(text))  # noqa: S301 - our own
    return tables


@cache
def _parsed(text: str, parse: Any = tomllib.loads) -> bytes:
    return pickle.dumps(parse(text))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def declared() -> strawberry.Schema:
    """The graph's schema once more, for the reference engine: it puts its own resolvers into it at every question."""
    return schema.build()


@pytest.fixture(scope="session")
def founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """The invented company, a tenth of its usual size."""
    return Founding.of(open_world(customers=200), tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="session")
def superstore_founding(tmp_path_factory: pytest.TempPathFactory) -> Founding:
    """The company of the Superstore sales file, whose clock stands still: who is who in it is asked once for all
    processes."""
    world, folder = open_world(SUPERSTORE), tmp_path_factory.mktemp("superstore")
    return Founding(world, shared(tmp_path_factory, "superstore", lambda: Founding.of(world, folder).crossref))


@pytest.fixture
async def company(founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    opened = founding.open(tmp_path)
    yield opened
    await opened.app.stop()


@pytest.fixture
async def superstore(superstore_founding: Founding, tmp_path: Path) -> AsyncIterator[Company]:
    now = superstore_founding.world.now.isoformat()  # the file's clock, as `demo` tells the gateway
    opened = superstore_founding.open(tmp_path, world__now=now)
    yield opened
    await opened.app.stop()

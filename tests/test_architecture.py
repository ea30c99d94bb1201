"""The shape of the tree: imports point one way, modules fit their page, and everything outside has its counterpart."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import schema
from gateway.app import ADAPTERS
from gateway.catalogue import catalogue
from mocks.serve import MOCKS

ROOT = Path(__file__).parent.parent
PACKAGES = {"schema": {"schema"}, "resolvers": {"schema", "resolvers"}, "gateway": {"schema", "resolvers", "gateway"}}
MAY_IMPORT = PACKAGES | {"mocks": {"mocks"}}
LONGEST = 400


def modules(package: str) -> list[Path]:
    return sorted(path for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts)


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
    return found & MAY_IMPORT.keys()


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    for path in modules(package):
        allowed = MAY_IMPORT[package] | ({"mocks"} if path.is_relative_to(ROOT / "gateway/cli") else set())
        assert imported(path) <= allowed, path


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_nothing_is_imported_inside_a_function(package: str) -> None:
    for path in modules(package):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [one for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)]
                assert not inner, f"{path}: {node.name}"


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_module_fits_its_page_and_says_what_it_is_for(package: str) -> None:
    for path in modules(package):
        text = path.read_text()
        assert text.count("\n") <= LONGEST, path
        assert ast.get_docstring(ast.parse(text)), path


def test_the_schema_package_is_ours() -> None:
    assert Path(schema.__file__).parent == ROOT / "schema"


def test_every_backend_has_a_mock_tests_and_settings_of_the_same_name() -> None:
    backends = {name for _, name, _ in pkgutil.iter_modules([str(ROOT / "resolvers/backends")])} - {"base"}
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}

    assert backends == {adapter.name for adapter in ADAPTERS}
    assert backends == MOCKS.keys()
    for name in backends:
        assert importlib.import_module(f"mocks.{name}").TITLE
        assert (ROOT / "tests/resolvers/backends" / f"test_{name}.py").exists() or f"test_{name}" in tests
        assert (ROOT / "tests/mocks" / f"test_{name}.py").exists()
        assert f"backends.{name}.base_url" in catalogue()


def test_every_domain_has_the_same_name_in_schema_and_resolvers() -> None:
    shared = {"classification", "coverage", "given", "scalars", "__init__"}
    domains = {path.stem for path in (ROOT / "schema").glob("*.py")} - shared

    packages = {path.parent.name for path in (ROOT / "resolvers").glob("*/__init__.py")}
    assert domains <= {path.stem for path in (ROOT / "resolvers").glob("*.py")} | packages


def test_only_the_owners_folders_stand_at_the_top() -> None:
    tracked = {"gateway", "schema", "resolvers", "mocks", "tests"}
    ignored = {"build", "dist", "__pycache__", "customer_graph.egg-info"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}

    assert folders - ignored == tracked

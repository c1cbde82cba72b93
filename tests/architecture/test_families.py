"""A constraint family is one module and one name in the list; one without the other does not pass."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest

from optimizer import blocks
from tests.architecture.source import modules

NO_FAMILIES = {"__init__", "sets", "caps", "pairs"}
"""Modules of ``blocks`` that are no family: the list itself, what families start from, and what stands in for one."""


def difference(files: Iterable[str], names: Iterable[str]) -> str:
    """Say which families have no name in the list, or no module; blank where all is well."""
    on_disk, listed = set(files) - NO_FAMILIES, set(names)
    parts = [f"not in blocks.NAMES: {name}" for name in sorted(on_disk - listed)]
    parts += [f"no module blocks/{name}.py" for name in sorted(listed - on_disk)]
    return "; ".join(parts)


def files() -> list[str]:
    return [path.stem for path in Path(blocks.__file__).parent.glob("*.py")]


def test_every_module_is_in_the_list_and_the_other_way_round() -> None:
    assert difference(files(), blocks.NAMES) == ""
    assert len(set(blocks.NAMES)) == len(blocks.NAMES)


@pytest.mark.parametrize("name", blocks.NAMES)
def test_a_forgotten_line_or_file_would_be_named(name: str) -> None:
    assert difference(files(), [other for other in blocks.NAMES if other != name]) == f"not in blocks.NAMES: {name}"
    assert difference([other for other in files() if other != name], blocks.NAMES) == f"no module blocks/{name}.py"


@pytest.mark.parametrize("name", blocks.NAMES)
def test_a_family_is_its_mathematics_and_one_function(name: str) -> None:
    module = import_module(f"{blocks.__name__}.{name}")
    assert list(inspect.signature(module.add).parameters) == ["builder", "sets"]
    documented = module.__doc__ or ""
    assert "FORMULATION" in documented
    assert "sets " in documented
    assert any(word in documented for word in ("constraints", "objective"))
    assert "[money]" in documented or "[projects]" in documented or "[launches]" in documented


@pytest.mark.parametrize("name", blocks.NAMES)
def test_a_family_reads_no_private_names_of_another(name: str) -> None:
    module = modules()[f"{blocks.__name__}.{name}"]
    private = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.startswith("_")
    ]
    assert private == []


@pytest.mark.parametrize("name", blocks.NAMES)
def test_a_family_has_its_tests(name: str) -> None:
    folder = Path(__file__).parent.parent / "blocks"
    assert list((folder / name).glob("test_*.py")), f"no test under tests/blocks/{name}"
    assert (folder / "golden" / f"{name}.txt").is_file(), f"no listing tests/blocks/golden/{name}.txt"

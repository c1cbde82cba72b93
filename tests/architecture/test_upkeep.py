"""What keeps the package readable: size, docstrings, silence, and a public face that is whole."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

import optimizer as vc
from tests.architecture.source import Module, modules, public_definitions

MODULES = modules()
LONGEST = 500
LONGEST_CLASS = 300
MOST_METHODS = 20


def nodes() -> Iterator[tuple[Module, ast.AST]]:
    """Yield everything that every module of the package says."""
    return ((module, node) for module in MODULES.values() for node in ast.walk(module.tree))


def place(module: Module, node: ast.AST) -> str:
    return f"{module.name}:{getattr(node, 'lineno', 0)}"


def test_no_module_is_long() -> None:
    lines = {module.name: len(module.text.splitlines()) for module in MODULES.values()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}, "split them"


def test_everything_public_says_what_it_is() -> None:
    assert [module.name for module in MODULES.values() if not ast.get_docstring(module.tree)] == []
    silent = [
        name
        for module in MODULES.values()
        for name, node in public_definitions(module)
        if not ast.get_docstring(node) and not _inherits_its_words(node)  # type: ignore[arg-type]
    ]
    assert silent == []


def _inherits_its_words(node: ast.AST) -> bool:
    """Whether a definition is marked as taking over another one, whose docstring holds."""
    marks = getattr(node, "decorator_list", [])
    return any(isinstance(mark, ast.Name) and mark.id in ("override", "overload") for mark in marks)


def test_no_class_does_everything() -> None:
    classes = [(place(module, node), node) for module, node in nodes() if isinstance(node, ast.ClassDef)]
    assert [where for where, node in classes if (node.end_lineno or 0) - node.lineno > LONGEST_CLASS] == []
    methods = {
        where: sum(isinstance(item, ast.FunctionDef) and item.name[0] != "_" for item in node.body)
        for where, node in classes
    }
    assert {where: count for where, count in methods.items() if count > MOST_METHODS} == {}


def test_only_the_command_line_prints() -> None:
    calls = [
        place(module, node)
        for module, node in nodes()
        if module.layer != "cli"
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert calls == []


def test_errors_are_of_the_tree() -> None:
    bare = [
        place(module, node)
        for module, node in nodes()
        if (
            isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
            and node.exc.func.id in ("Exception", "RuntimeError")
        )
        or (isinstance(node, ast.ExceptHandler) and node.type is None)
    ]
    assert bare == []


@pytest.mark.parametrize("name", vc.__all__)
def test_every_public_name_resolves_and_is_documented(name: str) -> None:
    found = getattr(vc, name)
    assert (found.__doc__ or "").strip()
    assert found.__doc__ != type(found).__doc__


def test_the_public_names_are_sorted_and_what_dir_shows() -> None:
    assert list(vc.__all__) == sorted(vc.__all__)
    assert set(dir(vc)) >= set(vc.__all__)
    with pytest.raises(AttributeError, match="no attribute 'abacus'"):
        vc.abacus  # noqa: B018


def test_importing_the_package_costs_nothing() -> None:
    script = "import sys, optimizer; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {"pandas", "numpy", "highspy", "ortools", "plotly", "dask", "SALib", "xlsxwriter", "jinja2", "babel"}
    assert not heavy & set(ended.stdout.split())
    assert ended.stderr == ""


def test_using_the_package_leaves_what_is_only_sometimes_wanted() -> None:
    script = (
        "import sys, optimizer as vc; vc.load_case; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"ortools", "plotly", "dask", "SALib", "pulp"} & set(ended.stdout.split())

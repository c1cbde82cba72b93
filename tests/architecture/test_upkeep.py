"""What keeps the package readable: size, docstrings, silence, and a public face that is whole."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

import optimizer as vc
from tests.architecture.source import Module, modules, public_definitions

MODULES = modules()
every_module = pytest.mark.parametrize("module", MODULES.values(), ids=lambda module: module.name)
LONGEST = 500
LONGEST_CLASS = 300
MOST_METHODS = 20


@every_module
def test_no_module_is_long(module: Module) -> None:
    lines = len(module.text.splitlines())
    assert lines <= LONGEST, f"{module.name} has {lines} lines; split it"


@every_module
def test_everything_public_says_what_it_is(module: Module) -> None:
    assert ast.get_docstring(module.tree), f"{module.name} has no docstring"
    silent = [
        name
        for name, node in public_definitions(module)
        if not ast.get_docstring(node) and not _inherits_its_words(node)  # type: ignore[arg-type]
    ]
    assert silent == []


def _inherits_its_words(node: ast.AST) -> bool:
    """Whether a definition is marked as taking over another one, whose docstring holds."""
    marks = getattr(node, "decorator_list", [])
    return any(isinstance(mark, ast.Name) and mark.id in ("override", "overload") for mark in marks)


@every_module
def test_no_class_does_everything(module: Module) -> None:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef):
            methods = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name[0] != "_"]
            assert (node.end_lineno or 0) - node.lineno <= LONGEST_CLASS, node.name
            assert len(methods) <= MOST_METHODS, f"{node.name} has {len(methods)} public methods"


@every_module
def test_only_the_command_line_prints(module: Module) -> None:
    if module.layer == "cli":
        return
    calls = [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert calls == []


@every_module
def test_errors_are_of_the_tree(module: Module) -> None:
    bare = [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id in ("Exception", "RuntimeError")
    ]
    bare += [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler) and node.type is None
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

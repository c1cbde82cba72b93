"""The package as source: its modules, what each imports, and what each defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import optimizer

ROOT = Path(optimizer.__file__).parent


@dataclass(frozen=True)
class Module:
    """One module: its dotted name and its file."""

    name: str
    path: Path

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed source."""
        return ast.parse(self.text)

    @property
    def layer(self) -> str:
        """The part of the package it belongs to: ``blocks``, ``lp``, ``api``; a blank for the package itself."""
        return self.name.partition(".")[2].partition(".")[0]


def modules() -> dict[str, Module]:
    """Return all modules of the package by name."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path)
    return found


def imports(module: Module, known: dict[str, Module]) -> set[str]:
    """Return the modules a module imports, wherever the import stands: functions and ``TYPE_CHECKING`` count."""
    wanted = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            # ``from package import module`` imports the module, ``from module import name`` the module it stands in
            wanted |= {f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names}
    return {name for name in wanted if name in known}


def public_definitions(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Yield every public class, function and method, with its dotted name."""

    def inside(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.AST]]:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith(
                "_"
            ):
                yield f"{prefix}.{node.name}", node
                if isinstance(node, ast.ClassDef):
                    yield from inside(node.body, f"{prefix}.{node.name}")

    yield from inside(module.tree.body, module.name)

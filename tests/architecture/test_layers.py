"""Dependencies point downwards; imports inside functions and under ``TYPE_CHECKING`` count."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source import Module, imports, modules

# from top to bottom; parts of one layer do not know each other
LAYERS = (
    {"cli"},
    {"desk"},
    {"api"},
    {"export"},
    {"analysis"},
    {"plan"},
    {"planning"},
    {"compiler"},
    {"blocks", "solvers"},
    {"data", "lp"},
    {"options"},
    {"arguments"},
    {"language"},
    {"errors"},
)
HEIGHT = {part: len(LAYERS) - number for number, layer in enumerate(LAYERS) for part in layer}
MODULES = modules()
EDGES = {name: imports(module, MODULES) for name, module in MODULES.items()}


def upward(edges: Mapping[str, set[str]]) -> list[str]:
    """Return the imports that do not point down: to a higher part, or to another part of the same layer."""
    wrong = []
    for name, targets in edges.items():
        here = Module(name, MODULES["optimizer"].path).layer
        for target in targets:
            there = Module(target, MODULES["optimizer"].path).layer
            # the package itself is the face of everything: it may name all parts, and only the command line names it
            if here in ("", there) or (there == "" and here == "cli"):
                continue
            if there == "" or HEIGHT[there] >= HEIGHT[here]:
                wrong.append(f"{name} imports {target}")
    return sorted(wrong)


def test_every_part_has_a_place() -> None:
    parts = {module.layer for module in MODULES.values()} - {""}
    assert parts <= set(HEIGHT), f"parts without a layer: {sorted(parts - set(HEIGHT))}"


def test_imports_point_downwards() -> None:
    assert upward(EDGES) == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("optimizer.lp.program", "optimizer.data.case"),
        ("optimizer.blocks.market", "optimizer.solvers.base"),
        ("optimizer.solvers.highs", "optimizer.blocks.sets"),
        ("optimizer.plan.tables", "optimizer.export.xlsx"),
        ("optimizer.errors", "optimizer.options"),
        ("optimizer.data.case", "optimizer"),
    ],
)
def test_an_upward_import_would_be_found(importer: str, imported: str) -> None:
    assert upward({**EDGES, importer: {*EDGES[importer], imported}}) == [f"{importer} imports {imported}"]


def test_there_is_no_cycle_of_modules() -> None:
    # a package's own module is imported by each of its modules, and imports none of them back at run time
    edges = {name: {target for target in targets if target != "optimizer"} for name, targets in EDGES.items()}
    try:
        list(TopologicalSorter(edges).static_order())
    except CycleError as cycle:
        pytest.fail(f"modules import each other in a circle: {' -> '.join(cycle.args[1])}")


def test_domain_and_engine_words_stay_where_they_belong() -> None:
    foreign = {
        "lp": ("stage", "spend", "budget", "cluster", "funder"),
        "solvers": ("stage", "spend", "budget", "cluster", "funder"),
        "data": ("dual", "coefficient", "sparse"),
    }
    found = [
        f"{module.name}:{number}: {word}"
        for module in MODULES.values()
        for number, line in enumerate(module.text.lower().splitlines(), start=1)
        for word in foreign.get(module.layer, ())
        if word in line
    ]
    assert found == []

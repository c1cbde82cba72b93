"""What would change the plan of a case: the studies an analyst runs first, one workbook each.

    python notebooks/scripts/sensitivity.py inputs/tutorial results/sensitivity

Copy it and change what is asked. A run that is stopped and started again goes on where it was: planned points are kept
in the files that end in .db.
"""

import argparse
import sys
from pathlib import Path

import optimizer as vc

BUDGETS = [0.8, 0.9, 1.0, 1.1, 1.2]
PENALTIES = [0.0, 0.1, 0.3, 1.0]


def launches_by_2030(plan):
    """Return a figure of our own to look at beside those of the summary [projects]."""
    launches = plan.launches
    return launches.loc[launches["year"] <= 2030, "launches"].sum()


def questions(case, folder):
    """Yield the name of each study and what makes it."""
    grid = vc.grid({
        "budget": vc.levels("budget", "amount", BUDGETS, operation="multiply"),
        "penalty": vc.levels("case", "overlap.between_clusters", PENALTIES),
    })
    measures = {"launches_by_2030": launches_by_2030}
    yield "sweep", lambda: vc.sweep(case, grid, store=folder / "sweep.db", measures=measures)
    yield "tornado", lambda: vc.tornado(case, share=0.1, store=folder / "tornado.db")
    plan = case.solve(raise_on_failure=True)  # what the further studies begin from
    yield "budget-curve", lambda: vc.budget_curve(plan)
    yield "frontier", lambda: vc.frontier(plan, ("worth", "overlap"), points=7)
    yield "alternatives", lambda: vc.alternatives(plan, slack=0.02, n=3)
    yield "priorities", lambda: vc.priority_list(plan)
    yield "replacement", lambda: vc.replacement_cost(plan, of="cluster", store=folder / "replacement.db")
    yield "regret", lambda: vc.regret({"plan": plan}, case=case, with_best=True)


def main():
    """Run every study and keep what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", help="folder or workbook of the case")
    parser.add_argument("folder", help="where the workbooks go", type=Path)
    parser.add_argument("--lang", choices=["en", "ko"], default="en", help="language of the workbooks")
    arguments = parser.parse_args()
    case = vc.load_case(arguments.case)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, study in questions(case, arguments.folder):
        try:
            found = study()
        except vc.OptimizerError as problem:  # one question without an answer does not cost the others
            print(f"{name}: {problem}", file=sys.stderr)
            continue
        path = found.to_excel(arguments.folder / f"{name}.xlsx", language=arguments.lang)
        print(f"{name}: {path}")
        for note in found.notes:
            print(f"  {note.text(arguments.lang)}")


if __name__ == "__main__":  # processes of our own start this file again
    main()

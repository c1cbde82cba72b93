"""A plan as one workbook: what it is, what it achieves, its allocation with living sums, prices, rules and sources.

The allocation sheet bears the keys and headings that ``case.evaluate`` reads, so that an edited workbook can be valued.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.data.allocation import AllocationRow
from optimizer.data.money import currency_in
from optimizer.data.names import notes_of_rules, title
from optimizer.data.provenance import provenance
from optimizer.export.book_pivots import Allocation, LivePivots, PivotKind, quoted
from optimizer.export.book_solver import CONSTRAINTS, VARIABLE_CELLS, solver_table
from optimizer.export.book_style import (
    COLOURS,
    Book,
    finish,
    format_with_unit,
    plan_book,
    write_frame,
    write_head,
    write_lines,
)
from optimizer.export.case_words import named_places, stated_sources
from optimizer.export.identity import Identity, basis_of, identify
from optimizer.export.overlap import named_ledger, named_matrix
from optimizer.export.words import FIGURES, MONEY, Names, certificate_table, figure, heading_of
from optimizer.language import Language, sentence, translate
from optimizer.plan.plan import PlanTables

HEADINGS = {
    "cover": sentence("Cover"),
    "summary": sentence("Summary"),
    "cluster_stage": sentence("Cluster by stage"),
    "funder_year": sentence("Funder by year"),
    "cluster_year": sentence("Cluster by year"),
    "allocation": sentence("Allocation"),
    "headroom": sentence("Left over"),
    "launches": sentence("Launches"),
    "overlap": sentence("Overlap"),
    "overlap_clusters": sentence("Overlap of clusters"),
    "overlap_funders": sentence("Overlap of funders"),
    "specialization": sentence("Specialisation"),
    "concentration": sentence("Specialisation of clusters"),
    "suggestions": sentence("Related niches"),
    "rules": sentence("Rules"),
    "variables": sentence("Variable Cells (Solver)"),
    "constraints": sentence("Constraints (Solver)"),
    "prices": sentence("Prices of limits"),
    "certificate": sentence("Certificate"),
    "figures": sentence("Basis of figures"),
    "sources": sentence("Sources"),
}
"""Sheet -> its name."""
PIVOTS = {
    "cluster_stage": PivotKind("cluster", "stage", sentence("Public money by cluster and stage"), "bar"),
    "funder_year": PivotKind("funder", "year", sentence("Public money by funder and year"), "column"),
    "cluster_year": PivotKind("cluster", "year", sentence("Public money by cluster and year"), "column"),
}
HEAT_MAPS = {"overlap_clusters": "cluster", "overlap_funders": "funder"}
"""Sheets that are shaded by size, and whom they are of."""
DECIDED = ("budget", "carry_over", "rules", "specialization", "demand", "private_cap")
"""Families of limits whose prices are told beside those of Solver's layout, with the ends of what is not unique."""
MOST_ROWS = 10_000
"""Lines of Solver's layout up to which all are written."""
OBJECTIVE_PARTS = {"worth_launches": 1, "worth_pipeline": 1, "overlap_penalty": -1, "rule_price": -1}
"""Figures that add up to the objective, with their sign."""
ALLOCATION_TABLE = "allocation_of_the_plan"
"""Name of the allocation as a table of Excel."""


def write_workbook(plan: PlanTables, path: Path, language: Language = Language.EN) -> None:
    """Write a plan as a workbook."""
    known = identify(plan, language)
    name = title(plan.case, language)
    foot = f"optimizer {known.version} · {known.time} · {known.digest[:16]}"
    with plan_book(path, currency_in(plan.case.currency, language), name, foot) as book:
        writer = _Writer(book, plan, language)
        writer.write_cover(known)
        writer.write_summary()
        writer.write_money()
        writer.write_tables()


class _Writer:
    """Writes the sheets of one workbook, in order."""

    def __init__(self, book: Book, plan: PlanTables, language: Language) -> None:
        self._book, self._plan, self._language = book, plan, language
        self._names = Names(plan.case, language)
        self._currency = currency_in(plan.case.currency, language)
        self._lines = plan.allocation
        self._source = Allocation(self._name("allocation"), tuple(self._lines.columns), len(self._lines))

    def _name(self, sheet: str) -> str:
        return translate(HEADINGS[sheet], self._language)

    def say(self, template: str, /, **values: object) -> str:
        """Return a text of the catalogue in the language of the workbook."""
        return translate(template, self._language, **values)

    def write_cover(self, known: Identity) -> None:
        """Write what the workbook is of, who made it when from what, and what proves it."""
        case = self._plan.case
        sheet = self._book.sheet(self._name("cover"), tall=True)
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 84)
        sheet.write_string(0, 0, known.case, self._book.formats["title"])
        lines = [
            (self.say("Horizon"), f"{case.years[0]}–{case.years[-1]}"),
            (self.say("Money in"), self._currency),
            (self.say("Scenario"), known.scenario),
            (self.say("Made"), known.time),
            (self.say("Version"), f"optimizer {known.version}"),
            (self.say("Inputs (SHA-256)"), known.digest),
            (self.say("Engine and method"), known.engine),
            (self.say("Certificate"), known.proof),
            (self.say("Basis of figures"), basis_of(case, self._language)),
        ]
        below = write_lines(sheet, lines, self._book.formats, 2)
        sheet.write_string(below + 1, 0, self.say("Sheets"), self._book.formats["heading"])
        for line, name in enumerate(list(HEADINGS)[1:], start=below + 2):
            target = f"internal:{quoted(self._name(name))}!A1"
            sheet.write_url(line, 0, target, string=self._name(name))
        sheet.print_area(0, 0, below + 1 + len(HEADINGS), 1)

    def write_summary(self) -> None:
        """Write the figures of the plan; sums of them, and the spend, are formulas."""
        sheet, formats = self._book.sheet(self._name("summary"), tall=True), self._book.formats
        case, summary = self._plan.case, self._plan.summary()
        note = self.say(
            "Worth is that of the plan as it was solved; of an edited allocation, 'optimizer evaluate' tells it."
        )
        top = write_head(sheet, self._book, self._name("summary"), note)
        sheet.write_string(top, 0, self.say("Figure"), formats["bold"])
        sheet.write_string(top, 1, heading_of(case, self._language), formats["bold"])
        at = {name: top + 1 + line for line, name in enumerate(FIGURES)}
        for name, words in FIGURES.items():
            sheet.write_string(at[name], 0, self.say(words))
            value = summary[name]
            if (formula := self._formula(name, at, summary)) is not None:
                sheet.write_formula(at[name], 1, formula, formats["share" if name == "gap" else "money"], float(value))
            elif name in MONEY and value is not None:
                sheet.write_number(at[name], 1, float(value), formats["money"])
            elif isinstance(value, int | float) and not isinstance(value, bool):
                sheet.write_number(at[name], 1, value, None if isinstance(value, int) else formats["number"])
            else:
                sheet.write_string(at[name], 1, figure(name, value, case.currency, self._language))
        sheet.set_column(0, 0, 42)
        sheet.set_column(1, 1, 36)
        sheet.freeze_panes(top + 1, 0)
        finish(sheet, top, len(FIGURES), 2)

    def _formula(self, name: str, at: dict[str, int], summary: pd.Series) -> str | None:
        """Return the formula of a figure that follows from others; ``None`` of one that does not."""
        cell = {figure_name: f"B{line + 1}" for figure_name, line in at.items()}
        if name == "objective":
            return "=" + "".join(
                f"{'+' if sign > 0 else '-'}{cell[part]}" for part, sign in OBJECTIVE_PARTS.items()
            ).removeprefix("+")
        if name == "worth":
            return f"={cell['worth_launches']}+{cell['worth_pipeline']}"
        if name == "spend":
            return f"=SUM({self._source.range('amount')})"
        if name == "gap" and summary["gap"] is not None:
            return f"=({cell['bound']}-{cell['objective']})/MAX(ABS({cell['bound']}),1E-12)"
        return None

    def write_money(self) -> None:
        """Write the pivots, which are formulas, and the allocation that they sum up."""
        pivots = LivePivots(self._book, self._plan, self._language, self._source)
        for name, kind in PIVOTS.items():
            pivots.write(self._book.sheet(self._name(name)), kind)
        sheet = self._book.sheet(self._source.sheet)
        lines, columns = self._lines, list(self._lines.columns)
        if len(lines):
            headings = [{"header": self._heading(column)} for column in columns]
            table = {"columns": headings, "name": ALLOCATION_TABLE, "style": "Table Style Light 9"}
            sheet.add_table(0, 0, len(lines), len(columns) - 1, table)
        plain = lines.drop(columns="change") if lines["baseline"].notna().any() else lines
        write_frame(sheet, plain, self._book.formats | {"bold": None}, filtered=False)
        for position, column in enumerate(columns):
            sheet.write_string(0, position, self._heading(column))
            description = AllocationRow.model_fields[column].description
            if description and column not in ("baseline", "change"):
                sheet.write_comment(0, position, self.say(description))
        if "change" not in plain:
            change, formats = columns.index("change"), self._book.formats
            for line, value in enumerate(lines["change"], start=2):
                sheet.write_formula(line - 1, change, f"=G{line}-H{line}", formats["number"], float(value))
        money = self._book.file.add_format({"num_format": format_with_unit(self._currency)})
        sheet.set_column(columns.index("amount"), len(columns) - 1, 18, money)
        finish(sheet, 0, len(lines), len(columns))

    def _heading(self, column: str) -> str:
        """Return a heading of the allocation: its key, by which it is read back, and beside it what it is."""
        return column if self._language == Language.EN else f"{self._names.heading(column)} ({column})"

    def write_tables(self) -> None:
        """Write the tables that are plain figures, each into a sheet of its own."""
        plan, names, language = self._plan, self._names, self._language
        self._write_table("headroom", names.named(self._headroom()))
        launches = self._write_table("launches", names.named(plan.statistics.launches(["field", "year"])))
        self._draw_launches(launches)
        self._write_table("overlap", named_ledger(plan.overlap_ledger, names))
        for name, by in HEAT_MAPS.items():
            matrix = named_matrix(plan, by, language)
            sheet = self._write_table(name, matrix)
            if len(matrix):
                colours = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": COLOURS[0]}
                sheet.conditional_format(1, 1, len(matrix), len(matrix), colours)
        self._write_table("specialization", names.named(plan.specialization))
        self._write_table("concentration", names.named(plan.statistics.concentration()))
        self._write_table("suggestions", names.named(plan.suggestions()))
        self._write_table("rules", self._rules())
        self._write_solver("variables", plan.sensitivity.variables, VARIABLE_CELLS)
        self._write_solver("constraints", plan.sensitivity.constraints, CONSTRAINTS)
        self._write_table("prices", names.named(self._prices()))
        self._write_table("certificate", certificate_table(plan.certificate, language))
        self._write_table("figures", names.named(named_places(provenance(plan.case), language)))
        self._write_table("sources", names.named(stated_sources(plan.case, language)))

    def _write_table(self, name: str, frame: pd.DataFrame) -> Any:
        sheet = self._book.sheet(self._name(name))
        write_frame(sheet, frame, self._book.formats)
        return sheet

    def _write_solver(self, name: str, frame: pd.DataFrame, columns: dict[str, str]) -> None:
        """Write a sheet in Solver's layout; of a large program only what is not 0, and how much is left out is said."""
        price = "reduced_cost" if "reduced_cost" in frame else "shadow_price"
        told = (frame["final_value"] != 0) if price == "reduced_cost" else (frame[price] != 0)
        kept = frame if len(frame) <= MOST_ROWS else frame[told]
        note = self.say("1E+30: without end. Blank: not known.")
        if len(kept) < len(frame):
            left = self.say(
                "{count} lines are left out, variables of 0 or limits without a price; all of them are in {file}.",
                count=f"{len(frame) - len(kept):,}",
                file=f"{name}.csv",
            )
            note = f"{note} {left}"
        sheet = self._book.sheet(self._name(name))
        top = write_head(sheet, self._book, self._name(name), note)
        write_frame(sheet, solver_table(kept, columns, self._names, self._language), self._book.formats, top)

    def _headroom(self) -> pd.DataFrame:
        frame = self._plan.statistics.headroom()
        frame["reason"] = [reason.text(self._language) if reason else "" for reason in frame["reason"]]
        return frame

    def _rules(self) -> pd.DataFrame:
        """Return every row of every rule: what is attained, its target and state, and the rule's note."""
        rules = self._plan.statistics.rules()
        rules["state"] = [self.say(str(state)) for state in rules["state"]]
        rules["note"] = rules["rule"].map(notes_of_rules(self._plan.case, self._language))
        return self._names.named(rules)

    def _prices(self) -> pd.DataFrame:
        prices = self._plan.sensitivity.constraints
        told = prices["family"].isin(DECIDED) & ((prices["shadow_price"] != 0) | prices["degenerate"])
        return prices[told].reset_index(drop=True).dropna(axis="columns", how="all")

    def _draw_launches(self, sheet: Any) -> None:
        """Draw the launches of each field over the years: its lines stand together, year by year."""
        fields = self._plan.statistics.launches(["field", "year"])["field"]
        chart, name = self._book.file.add_chart({"type": "line"}), sheet.get_name()
        for number, field in enumerate(fields.unique()):
            lines = fields.index[fields == field]
            first, last = int(lines[0]) + 1, int(lines[-1]) + 1
            chart.add_series(
                {
                    "name": [name, first, 0],
                    "categories": [name, first, 1, last, 1],
                    "values": [name, first, 2, last, 2],
                    "line": {"color": COLOURS[number % len(COLOURS)]},
                    "marker": {"type": "automatic"},
                }
            )
        if fields.empty:
            return
        chart.set_title({"name": self._name("launches"), "name_font": {"size": 12}})
        chart.set_x_axis({"name": self._names.heading("year")})
        chart.set_y_axis({"name": self.say("projects/year")})
        chart.set_legend({"position": "bottom"})
        sheet.insert_chart(1, 4, chart, {"x_scale": 1.5, "y_scale": 1.3})
        sheet.print_area(0, 0, max(len(fields), 22), 14)

"""More of anything that limits, or less of any demand, never hurts."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.strategies import Draft, Row, cases, law


def objective(case: Draft) -> float:
    return float(case.solve().summary()["lp_objective"])


def assert_no_worse(after: Draft, before: Draft) -> None:
    low = objective(before)
    assert objective(after) >= low - 1e-6 * (1 + abs(low))


def changed(case: Draft, table: str, number: int, **cells: str) -> Draft:
    rows: list[Row] = list(case.tables[table].rows)
    rows[number] = {**rows[number], **cells}
    return case.with_rows(table, rows)


@law(20)
@given(case=cases(), data=st.data(), more=st.sampled_from([1, 25, 300]))
def test_a_larger_budget_never_hurts(case: Draft, data: st.DataObject, more: float) -> None:
    rows = case.tables["budget"].rows
    number = data.draw(st.integers(0, len(rows) - 1))
    assert_no_worse(changed(case, "budget", number, amount=str(float(rows[number]["amount"]) + more)), case)


@law(20)
@given(case=cases(always=["sites"]), data=st.data(), more=st.sampled_from([0.5, 4]))
def test_more_capacity_never_hurts(case: Draft, data: st.DataObject, more: float) -> None:
    limited = [
        (table, number, column)
        for table, columns in (("sites", ("capacity", "expansion_limit")), ("links", ("capacity", "expansion_limit")))
        for number, row in enumerate(case.tables[table].rows if table in case.tables else ())
        for column in columns
        if row[column]
    ]
    assume(limited)
    table, number, column = data.draw(st.sampled_from(limited))
    amount = float(case.tables[table].rows[number][column]) + more
    assert_no_worse(changed(case, table, number, **{column: str(amount)}), case)


@law(25)
@given(case=cases(always=["rules"]), data=st.data(), by=st.sampled_from([0.1, 0.5]))
def test_relaxing_a_rule_never_hurts(case: Draft, data: st.DataObject, by: float) -> None:
    rows = case.tables["rules"].rows
    number = data.draw(st.integers(0, len(rows) - 1))
    rule = rows[number]
    factor = 1 + by if rule["sense"] == "at_most" else 1 - by
    value = float(rule["value"]) * factor
    relaxed = {
        "the limit moves away": {"value": str(min(value, 1) if rule["kind"] == "share" else value)},
        "a price in place of the limit": {"price": rule["price"] or "1"},
        "a lower price": {"price": str(float(rule["price"]) * factor / (1 + by)) if rule["price"] else ""},
        "no rule": {"enabled": "false"},
    }
    way = data.draw(st.sampled_from(sorted(relaxed)))
    assert_no_worse(changed(case, "rules", number, **relaxed[way]), case)


@law(15)
@given(case=cases(overlap=False, rules=False, always=["mandates"]), data=st.data())
def test_a_funder_that_may_fund_everything_never_hurts(case: Draft, data: st.DataObject) -> None:
    # no price on overlap, for a further funder may rank before others; no rules, for new terms may make new rows
    rows = case.tables["mandates"].rows
    assume(rows)
    freed = data.draw(st.sampled_from(sorted({row["funder"] for row in rows})))
    free = case.with_rows("mandates", [row for row in rows if row["funder"] != freed])
    assert_no_worse(free, case)

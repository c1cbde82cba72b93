"""The cases that ship: sound, sourced figure by figure, and written by the derivation that they name."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import optimizer as vc
from optimizer.data.template import tutorial_files

ROOT = Path(__file__).parent.parent
KOREA = ROOT / "inputs" / "korea"
HANGUL = re.compile("[가-힣]")
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
FIGURE_WORDS = {"ten": ("10",), "tenth": ("10", "1"), "five": ("5",), "six": ("6",), "seven": ("7",)}
"""Words of English texts that Korean writes as figures."""
TEXTS = {"sources": ("source",), "benchmarks": ("cluster", "metric", "unit")}
"""Columns of texts that have a Korean companion; a publication's name needs none."""


@pytest.fixture(scope="module")
def korea() -> vc.Case:
    return vc.load_case(KOREA)


@pytest.fixture(scope="module")
def korea_plan(korea: vc.Case) -> vc.Plan:
    plan = korea.solve(method="fixed")  # one linear program; how the overlap is ranked is no matter of the inputs
    assert isinstance(plan, vc.Plan)
    return plan


@pytest.mark.parametrize("name", ["korea", "tutorial"])
def test_every_figure_has_a_source_and_nothing_needs_a_remark(name: str) -> None:
    case = vc.load_case(ROOT / "inputs" / name)
    counts = vc.provenance(case)
    assert counts["figures"].sum() > 0
    assert counts["unstated"].sum() == 0, counts[counts["unstated"] > 0]
    assert [str(remark) for remark in case.remarks] == []


@pytest.mark.parametrize("name", ["korea", "tutorial"])
def test_every_text_of_sources_and_benchmarks_is_said_in_korean_with_its_figures(name: str) -> None:
    case = vc.load_case(ROOT / "inputs" / name)
    for table, columns in TEXTS.items():
        for column in columns:
            for english, korean in case.table(table)[[column, f"{column}_ko"]].itertuples(index=False):
                if english or korean:
                    assert HANGUL.search(korean), english
                assert ("가정: " in korean) == ("assuming " in english), korean
                told, meant = Counter(FIGURE.findall(korean)), Counter(FIGURE.findall(english))
                words = [figure for word in english.split() for figure in FIGURE_WORDS.get(word, ())]
                assert not meant - told, (english, korean)
                assert not told - meant - Counter(words), (english, korean)


def test_names_of_publications_stay_as_they_are(korea: vc.Case) -> None:
    named = korea.table("benchmarks")[["source", "source_ko"]].query("source_ko != ''")
    assert len(named)
    for english, korean in named.itertuples(index=False):
        assert english.replace("p.", "") + "쪽" == korean


def test_the_tables_of_korea_are_what_its_derivation_writes(tmp_path: Path) -> None:
    copy = tmp_path / "korea"
    shutil.copytree(KOREA, copy, ignore=shutil.ignore_patterns("__pycache__"))
    before = {path.name: path.read_bytes() for path in KOREA.glob("*.csv")}
    for path in copy.glob("*.csv"):
        path.unlink()
    subprocess.run([sys.executable, str(copy / "derivation" / "derive.py")], check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in copy.glob("*.csv")} == before


def test_korea_has_what_a_planner_expects(korea: vc.Case) -> None:
    clusters = korea.table("clusters")
    assert len(clusters) > 16
    for column in ("name", "name_ko", "region", "kind", "anchor"):
        assert (clusters[column] != "").all(), column
    for column in ("region", "province", "kind", "anchor"):
        named = clusters[[column, f"{column}_ko"]].drop_duplicates()
        assert len(named) == clusters[column].nunique() == named[f"{column}_ko"].nunique(), column
        assert named[f"{column}_ko"].str.fullmatch("[가-힣 ]+").all(), column
    assert clusters["latitude"].between(33, 39).all()
    assert clusters["longitude"].between(124, 132).all()
    assert set(korea.table("budget")["funder"]) == {"msit", "mohw", "motie", "mss", "mfds"}
    links = korea.table("links")
    assert set(links.loc[links["origin"] == links["destination"], "origin"]) == set(clusters["cluster"])
    assert links.loc[links["origin"] != links["destination"], "expansion_cost"].notna().any()
    rules = korea.table("rules")
    live = rules[rules["enabled"]]
    assert live["where"].str.contains("anchor=university-hospital").any()
    assert live["where"].str.contains("kind=gangso-special-zone").any()
    assert live["where"].str.contains("capital=no").any()


def test_the_plan_of_korea_is_no_corner(korea_plan: vc.Plan) -> None:
    summary = korea_plan.summary()
    budget = korea_plan.statistics.headroom()["budget"].sum()
    assert 0.5 * budget < summary["spend"] <= budget * (1 + 1e-9)
    by_cluster = korea_plan.pivot(["cluster"])["spend"].drop("total")
    assert by_cluster.max() < 0.3 * summary["spend"]
    assert (korea_plan.statistics.launches(["field"])["launches"] > 0).sum() >= 3
    assert summary["overlap_clusters"] > 0


def test_the_tutorial_is_the_case_that_new_writes(tmp_path: Path) -> None:
    shipped = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "inputs" / "tutorial").iterdir()}
    assert tutorial_files() == shipped
    made = vc.new_case(tmp_path / "case")
    assert {path.name: path.read_text(encoding="utf-8") for path in made.iterdir()} == shipped
    tutorial = vc.load_case(made)
    sizes = [len(tutorial.table(name)) for name in ("clusters", "stages", "fields")]
    assert sizes == [4, 4, 2]


def test_today_of_the_tutorial_breaks_nothing_and_falls_short_by_what_it_pays_twice_and_cannot_use(
    tutorial: vc.Case, tutorial_plan: vc.Plan
) -> None:
    today = tutorial.evaluate(against=tutorial_plan)
    assert today.broken[today.broken["counted"] != "physical"].empty
    assert 0.85 < today.efficiency < 0.95
    assert 0 < today.summary()["unused"] < 0.1 * today.summary()["given"]
    assert today.summary()["overlap_clusters"] > tutorial_plan.summary()["overlap_clusters"]

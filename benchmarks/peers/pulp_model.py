"""The formulation's linear program, overlap method `fixed`, as an analyst would write it in PuLP.

One dictionary of variables per symbol, one function per paragraph of the formulation. It answers two questions: do two
programs written apart print the same numbers, and how long does the usual way of writing such a program take to build?
`minimum` and `max_niches` need whole numbers and are not part of method `fixed`; they are not read.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import Any, TypeAlias

import pulp

from benchmarks.peers.case import Link, PeerCase, Site, SiteKey, read_case
from benchmarks.peers.derived import overlap_rates, project_values, specialized_sites, true_overlap
from benchmarks.peers.rules import Term, project_terms, rule_rows, spend_terms

Variables = dict[Any, pulp.LpVariable]
Expression: TypeAlias = pulp.LpAffineExpression
"""Made of pairs (variable, coefficient), or of `lpSum` where a variable may occur twice."""

THRIFT = 1e-6
"""Worth of a unit of money left unspent, too little to change which plans are best but enough to choose among them."""

__all__ = ["PeerModel", "Solution", "Words", "budget_name", "build", "read_case", "report", "solve", "true_overlap"]


@dataclass(frozen=True)
class Words:
    """The words of a modelling language that the program is written in; PuLP's unless others are given."""

    problem: Callable[[], Any] = lambda: pulp.LpProblem("value_chain", pulp.LpMaximize)
    expression: Callable[..., Any] = pulp.LpAffineExpression
    total: Callable[[Iterable[Any]], Any] = pulp.lpSum
    variable: Callable[[Any, str], Any] = lambda problem, name: problem.add_variable(name, lowBound=0)
    limit: Callable[[Any, float], None] = lambda variable, bound: setattr(variable, "upBound", bound)


@dataclass
class PeerModel:
    """The problem and what its variables mean; keys are labels in the order of the formulation, years last."""

    words: Words
    problem: Any
    starts: Variables = field(default_factory=dict)
    """`w[cluster, stage, field, year, tranche]`, projects."""
    bought: Variables = field(default_factory=dict)
    """`g[cluster, stage, field, year]`, yearly starts."""
    waiting: Variables = field(default_factory=dict)
    """`b[cluster, stage, field, year]`, projects."""
    passed: Variables = field(default_factory=dict)
    """`z[link, stage, field, year]`, projects; links by their place in the case."""
    widened: Variables = field(default_factory=dict)
    """`g[link, year]`, projects a year."""
    public: Variables = field(default_factory=dict)
    """`x[funder, cluster, stage, field, year]`, money."""
    private: Variables = field(default_factory=dict)
    """`q[cluster, stage, field, year]`, money."""
    transfer: Variables = field(default_factory=dict)
    """`y[funder, link, year]`, money."""
    carried: Variables = field(default_factory=dict)
    """`carry[funder, year]`, money."""
    full: Variables = field(default_factory=dict)
    """`[field, year]`, launches within the demand."""
    beyond: Variables = field(default_factory=dict)
    """`[field, year]`, launches beyond it."""
    finished: dict[Any, Expression] = field(default_factory=dict)
    """`[cluster, stage, field, year]`, successes."""
    worth: Expression = field(init=False)
    penalty: Expression = field(init=False)
    rule_price: Expression = field(init=False)

    def __post_init__(self) -> None:
        """Start the parts of the objective."""
        self.worth, self.penalty, self.rule_price = (self.words.expression() for _ in range(3))


@dataclass(frozen=True)
class Solution:
    """How the solve ended; the values stand in the model's variables."""

    status: str
    lp_objective: float | None
    model: PeerModel


def build(case: PeerCase, words: Words | None = None) -> PeerModel:
    """Write the whole linear program, in PuLP unless in other words."""
    words = words or Words()
    model = PeerModel(words, words.problem())
    _add_variables(case, model)
    _add_capacity(case, model)
    _add_pipeline(case, model)
    _add_links(case, model)
    _add_site_money(case, model)
    _add_private_caps(case, model)
    _add_budgets(case, model)
    _add_market(case, model)
    _add_pipeline_worth(case, model)
    _add_specialization(case, model)
    _add_overlap(case, model)
    _add_rules(case, model)
    model.problem.setObjective(model.worth - model.penalty - model.rule_price)
    return model


# --- variables ---------------------------------------------------------------------------------------------------


def _add_variables(case: PeerCase, model: PeerModel) -> None:
    """Create every variable that exists; a link that never costs anything needs none for its money."""
    years, tranches, sites, links = case.years, range(len(case.tranches)), case.sites, list(enumerate(case.links))
    private = [key for key in sites if case.stages[key[1]].crowd_in > 0]
    growing = [key for key, site in sites.items() if site.expansion_cost is not None]
    paying = [(m, n) for n, link in links if not link.free for m in case.funders_of_link(link)]
    keys: dict[str, list[tuple[Any, ...]]] = {
        "starts": [(*key, t, i) for key in sites for t in years for i in tranches],
        "bought": [(*key, t) for key in growing for t in years],
        "waiting": [(*key, t) for key, site in sites.items() if not site.endless for t in years],
        "passed": [(n, *way, t) for n, link in links for way in link.carries for t in years],
        "widened": [(n, t) for n, link in links if link.expansion_cost is not None for t in years],
        "public": [(m, *key, t) for key in sites for m in case.funders_of(key) for t in years],
        "private": [(*key, t) for key in private for t in years],
        "transfer": [(*payer, t) for payer in paying for t in years],
        "carried": list(product(case.funders, years[:-1])),
        "full": list(product(case.fields, years)),
        "beyond": list(product(case.fields, years)),
    }
    for name, labels in keys.items():
        setattr(model, name, model.problem.add_variable_dicts(name, labels, lowBound=0))


# --- starts, backlogs and links ----------------------------------------------------------------------------------


def _add_capacity(case: PeerCase, model: PeerModel) -> None:
    """Hold the starts of each tranche within its share of the capacity, what was bought in earlier years included."""
    for key, site in case.sites.items():
        if site.capacity == inf:
            continue
        for place, year in enumerate(case.years):
            earlier = [model.bought[*key, u] for u in case.years[:place]] if site.expansion_cost is not None else []
            for tranche, (share, _) in enumerate(case.tranches):
                start = model.starts[*key, year, tranche]
                if earlier:
                    row = model.words.expression([(start, 1), *((bought, -share) for bought in earlier)])
                    model.problem += row <= share * site.capacity, _name("capacity", *key, year, tranche)
                else:
                    model.words.limit(start, share * site.capacity)
        _add_expansion_limit(case, model, model.bought, key, site)


def _add_expansion_limit(
    case: PeerCase, model: PeerModel, bought: Variables, key: tuple[Any, ...], limited: Site | Link
) -> None:
    """Hold what is bought over the whole horizon within its limit."""
    if limited.expansion_cost is not None and limited.expansion_limit < inf:
        total = model.words.expression((bought[*key, year], 1) for year in case.years)
        model.problem += total <= limited.expansion_limit, _name("expansion_limit", *key)


def _add_pipeline(case: PeerCase, model: PeerModel) -> None:
    """Carry each backlog from year to year; what is not passed on is lost."""
    for key, year in product(case.sites, case.years):
        model.finished[*key, year] = _finished(case, model, key, year)
    arriving, leaving = _handed_over(case, model)
    for place, handed in leaving.items():
        model.problem += model.words.total(handed) - model.finished[place] <= 0, _name("handoff", *place)
    for key, site in case.sites.items():
        if not site.endless:
            _add_backlogs(case, model, key, arriving)


def _finished(case: PeerCase, model: PeerModel, key: SiteKey, year: int) -> Expression:
    """Count the successes of a year, of projects begun inside the horizon."""
    success, figures = case.sites[key].success, case.niches[key[1:]]
    return model.words.expression(
        (model.starts[*key, year - lag, tranche], success * share)
        for lag, share in figures.done().items()
        if year - lag >= case.years[0]
        for tranche in range(len(case.tranches))
    )


def _handed_over(case: PeerCase, model: PeerModel) -> tuple[dict[Any, list[Any]], dict[Any, list[Any]]]:
    """Gather what arrives at each site in each year, with its weight, and what leaves it."""
    arriving, leaving = defaultdict(list), defaultdict(list)
    for (number, stage, market, year), passed in model.passed.items():
        link = case.links[number]
        leaving[link.origin, stage, market, year].append(passed)
        arriving[link.destination, case.next_stage[stage], market, year].append((passed, link.retention))
    return arriving, leaving


def _add_backlogs(case: PeerCase, model: PeerModel, key: SiteKey, arriving: Mapping[Any, list[Any]]) -> None:
    """Count what waits: what waited and did not decay, and what came in, less what was begun."""
    cluster, stage, market = key
    site, kept = case.sites[key], 1 - case.stages[stage].decay
    for place, year in enumerate(case.years):
        row = model.words.expression([(model.waiting[*key, year], 1)])
        row += model.words.expression((model.starts[*key, year, tranche], 1) for tranche in range(len(case.tranches)))
        row -= model.words.expression(arriving.get((*key, year), ()))
        if place:
            row.addterm(model.waiting[*key, year - 1], -kept)
        if stage == case.first_stage:
            row -= _ideas(case, model, cluster, market, year)
        coming = site.inflow + (0 if place else kept * site.backlog)
        model.problem += row == coming, _name("backlog", *key, year)


def _ideas(case: PeerCase, model: PeerModel, cluster: str, market: str, year: int) -> Expression:
    """Add up the new first-stage projects that successes of all stages of a cluster bring up."""
    return model.words.total(
        stage.feedback * model.finished[cluster, name, market, year]
        for name, stage in case.stages.items()
        if stage.feedback and (cluster, name, market) in case.sites
    )


def _add_links(case: PeerCase, model: PeerModel) -> None:
    """Limit what a link passes on in a year, and pay for it."""
    for number, link in enumerate(case.links):
        for place, year in enumerate(case.years):
            load = [model.passed[number, *way, year] for way in link.carries]
            labels = (number, link.origin, link.destination, year)
            if link.capacity < inf:
                earlier = case.years[:place] if link.expansion_cost is not None else []
                row = model.words.expression(
                    [*((z, 1) for z in load), *((model.widened[number, u], -1) for u in earlier)]
                )
                model.problem += row <= link.capacity, _name("link_capacity", *labels)
            if not link.free:
                row = model.words.expression((model.transfer[m, number, year], 1) for m in case.funders_of_link(link))
                row -= model.words.expression((passed, link.transfer_cost) for passed in load)
                if link.expansion_cost is not None:
                    row.addterm(model.widened[number, year], -link.expansion_cost)
                model.problem += row == 0, _name("link_money", *labels)
        _add_expansion_limit(case, model, model.widened, (number,), link)


# --- money -------------------------------------------------------------------------------------------------------


def _add_site_money(case: PeerCase, model: PeerModel) -> None:
    """Pay for what is under way and for new capacity, by public money and what private money it draws in."""
    for key in case.sites:
        funders, crowd_in = case.funders_of(key), case.stages[key[1]].crowd_in
        for year in case.years:
            public = [model.public[funder, *key, year] for funder in funders]
            row = _due(case, model, key, year)
            row -= model.words.expression((amount, 1) for amount in public)
            if crowd_in > 0:
                private = model.private[*key, year]
                row.addterm(private, -1)
                limit = model.words.expression([(private, 1), *((amount, -crowd_in) for amount in public)])
                model.problem += limit <= 0, _name("crowd_in", *key, year)
            model.problem += row == 0, _name("money", *key, year)


def _due(case: PeerCase, model: PeerModel, key: SiteKey, year: int) -> Expression:
    """Add up what projects under way and new capacity cost in a year."""
    site, figures = case.sites[key], case.niches[key[1:]]
    due = model.words.expression(
        (model.starts[*key, year - age, tranche], share * site.unit_cost * multiplier)
        for age, share in enumerate(figures.paid())
        if year - age >= case.years[0]
        for tranche, (_, multiplier) in enumerate(case.tranches)
    )
    if site.expansion_cost is not None:
        due.addterm(model.bought[*key, year], site.expansion_cost)
    return due


def _add_private_caps(case: PeerCase, model: PeerModel) -> None:
    """Limit a cluster's private money, which last year's launches replenish."""
    private: dict[tuple[str, int], list[pulp.LpVariable]] = defaultdict(list)
    for (cluster, _, _, year), amount in model.private.items():
        private[cluster, year].append(amount)
    for (cluster, year), amounts in private.items():
        cap = case.private_cap[cluster]
        if cap < inf:
            returned = case.reinvestment * _launch_value(case, model, cluster, year - 1)
            model.problem += model.words.total(amounts) - returned <= cap, _name("private_cap", cluster, year)


def _launch_value(case: PeerCase, model: PeerModel, cluster: str, year: int) -> Expression:
    """Add up the undiscounted value of a cluster's launches; none before the horizon."""
    return model.words.total(
        market.value * model.finished[cluster, case.last_stage, name, year]
        for name, market in case.fields.items()
        if (cluster, case.last_stage, name, year) in model.finished
    )


def _add_budgets(case: PeerCase, model: PeerModel) -> None:
    """Hold each funder within its yearly budget, part of which may wait a year."""
    spent: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for (funder, *_, year), amount in [*model.public.items(), *model.transfer.items()]:
        spent[funder, year].append((amount, 1))
    for (funder, year), kept in model.carried.items():
        model.words.limit(kept, case.carry_over * case.budget[funder, year])
        spent[funder, year].append((kept, 1))
        spent[funder, year + 1].append((kept, -1))
    for funder, year in product(case.funders, case.years):
        row = model.words.expression(spent[funder, year]) <= case.budget[funder, year]
        model.problem += row, budget_name(funder, year)


def budget_name(funder: str, year: int) -> str:
    """Return the name of a budget's row."""
    return _name("budget", funder, year)


# --- worth -------------------------------------------------------------------------------------------------------


def _add_market(case: PeerCase, model: PeerModel) -> None:
    """Value launches, those beyond the yearly demand of their field at the saturated share."""
    for (name, market), year in product(case.fields.items(), case.years):
        full, beyond = model.full[name, year], model.beyond[name, year]
        sites = [(cluster, case.last_stage, name) for cluster in case.clusters]
        launches = model.words.total(model.finished[*key, year] for key in sites if key in case.sites)
        model.problem += model.words.total([full, beyond]) - launches == 0, _name("market", name, year)
        if market.demand < inf:
            model.words.limit(full, market.demand)
        worth = case.discount(year) * market.value
        model.worth += model.words.expression([(full, worth), (beyond, worth * case.saturation)])


def _add_pipeline_worth(case: PeerCase, model: PeerModel) -> None:
    """Value what waits and what is still under way after the last year, less what is still to be paid for it."""
    values, last, weight = project_values(case), case.years[-1], case.terminal_weight
    for (*key, year), waiting in model.waiting.items():
        if year == last:
            model.worth.addterm(waiting, weight * case.discount(last + 1) * values[key[1], key[2]])
    for key, year in product(case.sites, case.years):
        figures, site = case.niches[key[1:]], case.sites[key]
        won = sum(done * case.discount(year + lag) for lag, done in figures.done().items() if year + lag > last)
        owed = sum(paid * case.discount(year + age) for age, paid in enumerate(figures.paid()) if year + age > last)
        if won or owed:
            prize = won * site.success * values[case.next_stage[key[1]], key[2]]
            for tranche, (_, multiplier) in enumerate(case.tranches):
                price = owed * site.unit_cost * multiplier
                model.worth.addterm(model.starts[*key, year, tranche], weight * (prize - price))


def _add_overlap(case: PeerCase, model: PeerModel) -> None:
    """Price each unit by what ranks above it; never below the true overlap."""
    rates = overlap_rates(case)
    for (*labels, year), amount in model.public.items():
        rate = rates[tuple(labels)]
        if rate:
            model.penalty.addterm(amount, case.discount(year) * rate)


# --- specialisation and rules ------------------------------------------------------------------------------------


def _add_specialization(case: PeerCase, model: PeerModel) -> None:
    """Keep a share of each cluster's site money where the cluster is specialised."""
    if case.specialization_share == 0:
        return
    special = specialized_sites(case)
    rows: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for (_, *key, year), amount in model.public.items():
        rows[key[0], year].append((amount, (tuple(key) in special) - case.specialization_share))
    for labels, amounts in rows.items():
        model.problem += model.words.expression(amounts) >= 0, _name("specialization", *labels)


def _add_rules(case: PeerCase, model: PeerModel) -> None:
    """Write the rows of every rule; a priced one may be broken."""
    terms: dict[str, list[Term]] = {}
    for rule in case.rules:
        if rule.measure not in terms:
            terms[rule.measure] = _terms(case, model, rule.measure)
        floor, limit = rule.sense == "at_least", 0.0 if rule.kind == "share" else rule.value
        for labels, amount in rule_rows(case, rule, terms[rule.measure]):
            row = model.words.expression(amount)
            if rule.price is not None:
                violation = model.words.variable(model.problem, _name("violation", rule.name, *labels))
                row.addterm(violation, 1 if floor else -1)
                model.rule_price.addterm(violation, rule.price)
            relation = row >= limit if floor else row <= limit
            model.problem += relation, _name("rules", rule.name, *labels)


def _terms(case: PeerCase, model: PeerModel, measure: str) -> list[Term]:
    """List everything a rule of this measure may speak of."""
    if measure == "spend":
        return spend_terms(case, model.public, model.transfer)
    if measure == "launches":
        return project_terms({labels: done for labels, done in model.finished.items() if labels[1] == case.last_stage})
    tranches = range(len(case.tranches))
    return project_terms(
        {
            (*key, year): {model.starts[*key, year, tranche]: 1.0 for tranche in tranches}
            for key, year in product(case.sites, case.years)
        }
    )


# --- solving and reporting ---------------------------------------------------------------------------------------


def solve(model: PeerModel, *, least_spend: bool = True) -> Solution:
    """Solve with CBC; of the plans that attain the optimum, take one with the least public spend."""
    engine = pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False)
    status = pulp.LpStatus[model.problem.solve(engine)].lower()
    if status != "optimal":
        return Solution(status, None, model)
    optimum = _value(model.problem.objective)
    if least_spend:
        frugal = model.problem.copy()
        spend = pulp.lpSum([*model.public.values(), *model.transfer.values()])
        frugal.setObjective(model.problem.objective - THRIFT * spend)
        status = pulp.LpStatus[frugal.solve(engine)].lower()
    return Solution(status, optimum, model)


def report(case: PeerCase, solution: Solution) -> dict[str, Any]:
    """Return the numbers of the plan found, overlap and objective the true ones."""
    if solution.status != "optimal":
        return {"status": solution.status}
    model = solution.model
    public = {labels: float(amount.value() or 0) for labels, amount in model.public.items()}
    clusters, funders = true_overlap(case, public)
    rates = {year: case.discount(year) for year in case.years}
    penalty = case.between_clusters * sum(rates[year] * overlap for year, overlap in clusters.items())
    penalty += case.between_funders * sum(rates[year] * overlap for year, overlap in funders.items())
    worth, rule_price = _value(model.worth), _value(model.rule_price)
    return {
        "status": solution.status,
        "lp_objective": solution.lp_objective,
        "objective": worth - penalty - rule_price,
        "worth": worth,
        "overlap_clusters": sum(clusters.values()),
        "overlap_funders": sum(funders.values()),
        "spend": sum(public.values()) + _total(model.transfer.values()),
        "launches": _total([*model.full.values(), *model.beyond.values()]),
        "private": _total(model.private.values()),
        "rule_price": rule_price,
    }


def _value(expression: Expression) -> float:
    return float(pulp.value(expression) or 0)


def _total(variables: Iterable[pulp.LpVariable]) -> float:
    return sum((float(variable.value() or 0) for variable in variables), start=0.0)


def _name(family: str, *labels: object) -> str:
    return f"{family}({','.join(map(str, labels))})"


def main() -> None:
    """Print the report of one case."""
    parser = argparse.ArgumentParser(description="Solve a case with the PuLP peer and print what it found.")
    parser.add_argument("folder")
    case = read_case(parser.parse_args().folder)
    print(json.dumps(report(case, solve(build(case))), indent=1))


if __name__ == "__main__":
    main()

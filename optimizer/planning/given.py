"""A given allocation as amounts over the columns of a program: which money may go where.

A line that leaves nothing open is an upper bound of one column. A line that leaves something open (any field, any
stage, any origin of a link) is shared out by the program among all columns it fits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.blocks.sets import Mask, Sets, codes_of
from optimizer.compiler import Compiled, compile_with
from optimizer.data.rows import LINK_STAGE
from optimizer.lp.labels import BLANK, Codes
from optimizer.lp.program import Vector


@dataclass(frozen=True, eq=False)
class Given:
    """A given allocation over a program.

    Attributes
    ----------
    lines
        The lines within the horizon that give money, as read, numbered from 0.
    outside
        Money given in years outside the horizon.
    mandated
        Whether some place a line's money fits is within the funder's mandate.
    placed
        Whether there is any place that the line's money fits.
    line, column
        Each line beside each column its money may go to.
    compiled
        The case with mandates as wide as the allocation needs.
    """

    lines: pd.DataFrame
    outside: float
    mandated: Mask
    placed: Mask
    line: Codes
    column: Codes
    compiled: Compiled

    @property
    def amount(self) -> Vector:
        """Money of each line."""
        return self.lines["amount"].to_numpy(float)

    @property
    def single(self) -> Mask:
        """Whether a pair of line and column is the line's only one."""
        count = np.bincount(self.line, minlength=len(self.lines))
        single: Mask = count[self.line] == 1
        return single

    def fixed(self) -> Vector:
        """Return the money each column gets from lines that leave nothing open."""
        bound = np.zeros(self.compiled.program.n_columns)
        single = self.single
        np.add.at(bound, self.column[single], self.amount[self.line[single]])
        return bound


def place(sets: Sets, table: pd.DataFrame) -> Given:
    """Find the columns that each line of an allocation fits, widening mandates where none admits it.

    Parameters
    ----------
    sets
        Sets of the case.
    table
        The allocation, as :func:`optimizer.data.allocation.read_allocation` returns it.
    """
    within = table["year"].isin(list(sets.years))
    lines = table[within & (table["amount"] > 0)].reset_index(drop=True)
    codes = {
        "funder": codes_of(lines["funder"], sets.funders),
        "cluster": codes_of(lines["cluster"], sets.clusters),
        "partner": codes_of(lines["partner"], sets.clusters),
        "stage": codes_of(lines["stage"], sets.stages),
        "field": codes_of(lines["field"], sets.fields),
        "year": codes_of(lines["year"], sets.years),
    }
    on_link = (lines["stage"] == LINK_STAGE).to_numpy()
    sites, links = _fitting_sites(sets, codes, on_link), _fitting_links(sets, codes, on_link)
    sites, sites_admitted = _within_mandates(sites, codes["funder"], sets.admits_site)
    links, links_admitted = _within_mandates(links, codes["funder"], sets.admits_link)
    admits_site, admits_link = sets.admits_site.copy(), sets.admits_link.copy()
    admits_site[codes["funder"][sites[0]], sites[1]] = True
    admits_link[codes["funder"][links[0]], links[1]] = True
    same = (admits_site == sets.admits_site).all() and (admits_link == sets.admits_link).all()
    compiled = compile_with(sets if same else replace(sets, admits_site=admits_site, admits_link=admits_link))
    line = np.concatenate([sites[0], links[0]])
    column = np.concatenate([_site_columns(compiled, codes, *sites), _link_columns(compiled, codes, *links)])
    placed, mandated = np.zeros(len(lines), dtype=bool), np.zeros(len(lines), dtype=bool)
    placed[line] = True
    mandated[np.concatenate([sites_admitted, links_admitted])] = True
    outside = float(table.loc[~within, "amount"].sum())
    return Given(lines, outside, mandated, placed, line, column, compiled)


def _fitting_sites(sets: Sets, codes: dict[str, Codes], on_link: Mask) -> tuple[Codes, Codes]:
    """Return lines and the sites they fit; lines that leave the same open are looked up together."""
    sites = sets.sites
    found: list[tuple[Codes, Codes]] = []
    for any_stage, any_field in np.ndindex(2, 2):
        chosen = ~on_link & ((codes["stage"] == BLANK) == any_stage) & ((codes["field"] == BLANK) == any_field)
        left = pd.DataFrame({"line": np.flatnonzero(chosen)} | {name: codes[name][chosen] for name in codes})
        right = pd.DataFrame({"site": np.arange(len(sites)), "cluster": sites.cluster})
        by = ["cluster"]
        for name, is_open in (("stage", any_stage), ("field", any_field)):
            if not is_open:
                right[name] = getattr(sites, name)
                by.append(name)
        joined = left.merge(right, on=by, how="inner", validate="many_to_many")
        found.append((joined["line"].to_numpy(), joined["site"].to_numpy()))
    return np.concatenate([line for line, _ in found]), np.concatenate([site for _, site in found])


def _fitting_links(sets: Sets, codes: dict[str, Codes], on_link: Mask) -> tuple[Codes, Codes]:
    links, line = sets.links, np.flatnonzero(on_link)
    partner = codes["partner"][line][:, None]
    fits = links.costly & (links.destination == codes["cluster"][line][:, None])
    fits &= (partner == BLANK) | (links.origin == partner)
    row, link = np.nonzero(fits)
    return line[row], link


def _within_mandates(pairs: tuple[Codes, Codes], funder: Codes, admits: Mask) -> tuple[tuple[Codes, Codes], Codes]:
    """Return each line with the places its funder may fund, with all of them where it may fund none; and the former."""
    line, target = pairs
    allowed = admits[funder[line], target]
    mandated = np.unique(line[allowed])
    kept = allowed | ~np.isin(line, mandated)
    return (line[kept], target[kept]), mandated


def _site_columns(compiled: Compiled, codes: dict[str, Codes], line: Codes, site: Codes) -> Codes:
    sets = compiled.sets
    grid = compiled.program.columns.positions("public").reshape(-1, sets.n_years)
    pair_of = np.full((len(sets.sites), len(sets.funders)), BLANK, dtype=np.intp)
    pair_of[sets.site_pairs] = np.arange(len(grid))
    columns: Codes = grid[pair_of[site, codes["funder"][line]], codes["year"][line]]
    return columns


def _link_columns(compiled: Compiled, codes: dict[str, Codes], line: Codes, link: Codes) -> Codes:
    sets = compiled.sets
    grid = compiled.program.columns.positions("link_public").reshape(-1, sets.n_years)
    of_link, funder = sets.link_pairs
    costly = sets.links.costly[of_link]
    pair_of = np.full((len(sets.links), len(sets.funders)), BLANK, dtype=np.intp)
    pair_of[of_link[costly], funder[costly]] = np.arange(len(grid))
    columns: Codes = grid[pair_of[link, codes["funder"][line]], codes["year"][line]]
    return columns

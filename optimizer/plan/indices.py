"""Specialisation: how far each cluster's work differs from the whole, and which niches lie close to what it does.

sets         c in CLUSTERS, k, l in NICHES; a_ck activity; s_ck = a_ck / a_c shares of a cluster, t_k = a_k / a of all
location_quotient   LQ_ck = s_ck / t_k                        (Balassa 1965; Hoen and Oosterhaven 2006)
krugman             sum_k |s_ck - t_k|                        (Krugman 1991), 0 as the whole .. near 2 nothing in common
hachman             1 / sum_k s_ck LQ_ck                      (Hachman 1995), 1 as the whole .. near 0 one rare niche
herfindahl          sum_k s_ck^2                              (Herfindahl 1950), 1/n all alike .. 1 one niche alone
relatedness         phi_kl = sum_c M_ck M_cl / max(sum_c M_ck, sum_c M_cl)              (Hidalgo et al. 2007)
                    with M_ck = 1 where LQ_ck >= quotient: the smaller of the two conditional probabilities that a
                    cluster specialised in one of two niches is specialised in the other
density             d_ck = sum_l phi_kl M_cl / sum_l phi_kl   (Hidalgo et al. 2007; Boschma, Balland and Kogler 2015)
                    over l other than k; over all l if the niche itself is included

What is not defined (shares of no activity, relations of a niche nobody is specialised in) is NaN, and a note says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from optimizer.arguments import checked
from optimizer.blocks.sets import Mask
from optimizer.blocks.specialization import TOLERANCE
from optimizer.errors import InputError
from optimizer.language import Message, say
from optimizer.lp.program import Vector

MOST_LABELS = 5
"""Labels a note names before it only counts."""
TIE = 1e-12
"""Difference of two relatednesses that counts as none."""


@dataclass(frozen=True, eq=False, repr=False)
class SpecializationIndices:
    """How clusters are specialised, and how niches are related. Made by :func:`specialization_indices`.

    Attributes
    ----------
    location_quotient
        Share of a niche in its cluster over its share in the whole, cluster x niche (Balassa 1965; Hoen and
        Oosterhaven 2006). NaN where the cluster or the niche has no activity.
    specialized
        Whether a cluster counts as specialised in a niche, cluster x niche.
    krugman
        Distance of each cluster's shares from those of the whole (Krugman 1991), in [0, 2).
    hachman
        Likeness of each cluster's shares to those of the whole (Hachman 1995), in (0, 1].
    herfindahl
        Concentration of each cluster on few niches, in [1 / number of niches, 1].
    relatedness
        Niche x niche, symmetric, in [0, 1]: the smaller of the two conditional probabilities of being specialised in
        both (Hidalgo et al. 2007). NaN where nobody is specialised in one of them.
    density
        Share of a niche's relatedness to others that falls on niches the cluster is specialised in, cluster x niche,
        in [0, 1] (Hidalgo et al. 2007; Boschma, Balland and Kogler 2015). NaN for a niche related to nothing and for
        a cluster of which nothing is known.
    notes
        Why figures are NaN, in words.
    """

    location_quotient: pd.DataFrame
    specialized: pd.DataFrame
    krugman: pd.Series[float]
    hachman: pd.Series[float]
    herfindahl: pd.Series[float]
    relatedness: pd.DataFrame
    density: pd.DataFrame
    notes: tuple[Message, ...]

    def suggestions(self, most: int = 3) -> pd.DataFrame:
        """Return for each cluster the niches it is not specialised in that are closest to what it does.

        Parameters
        ----------
        most
            Niches named per cluster.

        Returns
        -------
        pandas.DataFrame
            ``cluster``, the niche's labels, ``density``, ``location_quotient``, the labels of the cluster's own
            specialised niche that is most related (``related_...``; among equals the one with the highest quotient)
            and that ``relatedness``. Densest first, then by quotient, then in the order of the table. A niche without
            any relation to what the cluster does (density 0 or NaN) is not suggested, so a cluster may have no row.

        Raises
        ------
        InputError
            If ``most`` is less than 1.
        """
        _check_count(most)
        density, quotient = self.density.to_numpy(), np.nan_to_num(self.location_quotient.to_numpy())
        own = self.specialized.to_numpy()
        cluster, niche = np.nonzero(~own & (density > 0))
        order = np.lexsort((niche, -quotient[cluster, niche], -density[cluster, niche], cluster))
        cluster, niche = cluster[order], niche[order]
        kept = np.arange(len(cluster)) - np.searchsorted(cluster, cluster) < most
        cluster, niche = cluster[kept], niche[kept]
        ties = np.nan_to_num(self.relatedness.to_numpy())[niche] * own[cluster]
        strength = ties.max(axis=1, initial=0.0)
        closest = np.where(ties >= strength[:, None] - TIE, quotient[cluster], -1.0).argmax(axis=1)
        niches = self.density.columns
        return pd.DataFrame(
            {
                **_labels(self.density.index.take(cluster), "cluster"),
                **_labels(niches.take(niche), "niche"),
                "density": density[cluster, niche],
                "location_quotient": self.location_quotient.to_numpy()[cluster, niche],
                **_labels(niches.take(closest), "niche", "related_"),
                "relatedness": strength,
            }
        )

    def __repr__(self) -> str:
        clusters, niches = self.density.shape
        return f"SpecializationIndices({clusters} clusters, {niches} niches, {len(self.notes)} notes)"


@checked
def specialization_indices(
    activity: pd.DataFrame,
    *,
    quotient: float = 1.0,
    include_itself: bool = False,
    specialized: pd.DataFrame | None = None,
) -> SpecializationIndices:
    """Return the specialisation of clusters and the relatedness of niches of an activity table.

    Parameters
    ----------
    activity
        Activity of each cluster (rows) in each niche (columns), any unit, not negative.
    quotient
        Location quotient from which a cluster counts as specialised (to within 1e-9).
    include_itself
        Whether the density of a niche counts its relatedness to itself, which is 1. Left out by default: with it a
        cluster is close to a niche merely because it is specialised there.
    specialized
        Who is specialised in what, in place of the quotient; labelled as ``activity``, true or false.

    Returns
    -------
    SpecializationIndices
        Scaling the activity changes nothing. What is not defined is NaN, and ``notes`` says why.

    Raises
    ------
    InputError
        If the table is empty, has duplicate labels, or holds anything but finite numbers of 0 or more; if the quotient
        is negative or no number; if ``specialized`` bears other labels.

    References
    ----------
    Balassa (1965), Trade liberalisation and "revealed" comparative advantage; Hoen and Oosterhaven (2006), On the
    measurement of comparative advantage; Krugman (1991), Geography and Trade; Hachman (1995), index of the Bureau of
    Economic and Business Research, University of Utah; Hidalgo, Klinger, Barabasi and Hausmann (2007), The product
    space conditions the development of nations; Boschma, Balland and Kogler (2015), Relatedness and technological
    change in cities. Quotients, Krugman, Hachman and Herfindahl indices are those of the R package EconGeo, which knows
    other measures of relatedness and gives density in percent.

    Examples
    --------
    >>> import optimizer as vc, pandas as pd
    >>> table = pd.DataFrame([[9, 1], [1, 1]], index=["Osong", "Jeju"], columns=["vaccine", "device"])
    >>> vc.specialization_indices(table).herfindahl.round(2).tolist()
    [0.82, 0.5]
    """
    if not (np.isfinite(quotient) and quotient >= 0):
        raise InputError(say("the quotient is {quotient}; give a number of 0 or more, such as 1.", quotient=quotient))
    amounts = _amounts(activity)
    clusters, niches = activity.index, activity.columns
    of_cluster, of_niche = amounts.sum(axis=1, keepdims=True), amounts.sum(axis=0, keepdims=True)
    shares = _ratio(amounts, of_cluster)
    national = _ratio(of_niche, of_niche.sum(axis=1, keepdims=True))
    quotients = _ratio(shares, national)
    mask = quotients >= quotient - TOLERANCE if specialized is None else _mask(specialized, activity)
    relatedness = _relatedness(mask)
    density = _density(mask, relatedness, include_itself=include_itself)
    density[(of_cluster[:, 0] == 0) & ~mask.any(axis=1)] = np.nan
    likeness = (shares * np.nan_to_num(quotients)).sum(axis=1)  # a niche without activity has no share in it

    def table(values: Vector | Mask) -> pd.DataFrame:
        return pd.DataFrame(values, index=clusters, columns=niches)

    return SpecializationIndices(
        location_quotient=table(quotients),
        specialized=table(mask),
        krugman=pd.Series(np.abs(shares - national).sum(axis=1), index=clusters, name="krugman"),
        hachman=pd.Series(1 / likeness, index=clusters, name="hachman"),
        herfindahl=pd.Series((shares**2).sum(axis=1), index=clusters, name="herfindahl"),
        relatedness=pd.DataFrame(relatedness, index=niches, columns=niches),
        density=table(density),
        notes=_notes(activity, of_cluster[:, 0] == 0, of_niche[0] == 0, mask, density),
    )


def _relatedness(mask: Mask) -> Vector:
    """Return ``phi``; NaN where nobody is specialised in one of two niches."""
    member = mask.astype(float)
    count = member.sum(axis=0)
    both, larger, smaller = member.T @ member, np.maximum.outer(count, count), np.minimum.outer(count, count)
    relatedness: Vector = np.divide(both, larger, out=np.full(both.shape, np.nan), where=smaller > 0)
    return relatedness


def _density(mask: Mask, relatedness: Vector, *, include_itself: bool) -> Vector:
    """Return ``d``; NaN for niches related to nothing that counts."""
    known = np.nan_to_num(relatedness)
    if not include_itself:
        np.fill_diagonal(known, 0.0)
    # both sums may round apart, and a share is no more than 1
    density: Vector = np.minimum(_ratio(mask.astype(float) @ known, known.sum(axis=0, keepdims=True)), 1.0)
    return density


def _ratio(part: Vector, whole: Vector) -> Vector:
    """Return shares, NaN where the whole is 0 or unknown."""
    shape = np.broadcast_shapes(part.shape, whole.shape)
    ratio: Vector = np.divide(part, whole, out=np.full(shape, np.nan), where=np.broadcast_to(whole > 0, shape))
    return ratio


def _amounts(activity: pd.DataFrame) -> Vector:
    """Return a checked activity table as an array; its largest amount is 1, so that sums cannot overflow."""
    if activity.empty:
        raise InputError(say("the activity table is empty; give a row per cluster and a column per niche."))
    _check_labels(activity)
    if not all(
        pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in activity.dtypes
    ):
        raise InputError(say("the activity table holds texts; make clusters its index and niches its columns."))
    amounts = activity.to_numpy(dtype=float, na_value=np.nan)
    wrong = ~(np.isfinite(amounts) & (amounts >= 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        message = say(
            "the activity of {cluster} in {niche} is {value} ({count} such cells); give finite numbers of 0 or more, 0 "
            "for none.",
            cluster=activity.index[row],
            niche=activity.columns[column],
            value=amounts[row, column],
            count=int(wrong.sum()),
        )
        raise InputError(message)
    largest = amounts.max()
    return amounts / largest if largest > 0 else amounts


def _check_labels(activity: pd.DataFrame) -> None:
    for labels in (activity.index, activity.columns):
        if not labels.is_unique:
            twice = labels[labels.duplicated()].unique()
            message = say("the activity table names {labels} more than once; add such lines up.", labels=_listed(twice))
            raise InputError(message)
    names = [*_names(activity.index, "cluster"), *_names(activity.columns, "niche")]
    names += [f"related_{name}" for name in _names(activity.columns, "niche")]
    names += ["density", "location_quotient", "relatedness"]
    if len(set(names)) < len(names):
        message = say(
            "the rows and columns of the activity table bear the names {names}; give each a name of its own that is "
            "no column of the results.",
            names=", ".join([*_names(activity.index, "cluster"), *_names(activity.columns, "niche")]),
        )
        raise InputError(message)


def _mask(specialized: pd.DataFrame, activity: pd.DataFrame) -> Mask:
    same = specialized.index.equals(activity.index) and specialized.columns.equals(activity.columns)
    if not same or not all(pd.api.types.is_bool_dtype(kind) for kind in specialized.dtypes):
        message = say("who is specialised must be a table of true and false with the labels of the activity table.")
        raise InputError(message)
    mask: Mask = specialized.to_numpy(dtype=bool)
    return mask


def _check_count(most: int) -> None:
    if isinstance(most, bool) or not isinstance(most, int | np.integer) or most < 1:
        raise InputError(say("most is {most}; give a whole number of 1 or more.", most=most))


def _names(index: pd.Index, usual: str) -> list[str]:
    """Return the names of an index's levels, with a usual one where there is none."""
    numbered = [usual] if index.nlevels == 1 else [f"{usual}_{level + 1}" for level in range(index.nlevels)]
    return [str(name) if name is not None else other for name, other in zip(index.names, numbered, strict=True)]


def _labels(index: pd.Index, usual: str, prefix: str = "") -> dict[str, Any]:
    """Return the labels of an index as columns, one per level."""
    names = _names(index, usual)
    return {f"{prefix}{name}": index.get_level_values(level) for level, name in enumerate(names)}


def _listed(labels: Iterable[Any]) -> str:
    """Return labels as text: five, then how many more."""
    texts = [" / ".join(map(str, label)) if isinstance(label, tuple) else str(label) for label in labels]
    more = len(texts) - MOST_LABELS
    return ", ".join(texts[:MOST_LABELS]) + (f" (+{more})" if more > 0 else "")


def _notes(activity: pd.DataFrame, idle: Mask, unused: Mask, mask: Mask, density: Vector) -> tuple[Message, ...]:
    """Say why figures are NaN, most general reason first."""
    nobody = np.logical_not(mask.any(axis=0))
    alone = np.logical_not(nobody) & np.isnan(density[mask.any(axis=1)]).all(axis=0)
    notes = []
    if idle.any():
        clusters = _listed(activity.index[idle])
        notes.append(say("not defined, for want of any activity: all figures of {clusters}", clusters=clusters))
    if unused.any():
        niches = _listed(activity.columns[unused])
        notes.append(say("not defined, for nobody is active there: location quotients of {niches}", niches=niches))
    if nobody.any():
        niches = _listed(activity.columns[nobody])
        text = say("not defined, for nobody is specialised there: relatedness and density of {niches}", niches=niches)
        notes.append(text)
    if alone.any():
        niches = _listed(activity.columns[alone])
        notes.append(say("not defined, for nothing else is related to it: density of {niches}", niches=niches))
    return tuple(notes)

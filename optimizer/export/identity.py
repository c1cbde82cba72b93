"""What a document must say of itself so that its figures can be found again: case, version, time, inputs, proof."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from optimizer.data.case import CaseTables
from optimizer.data.names import title
from optimizer.data.provenance import BASES, UNSTATED, provenance
from optimizer.errors import SolveError
from optimizer.export.words import figure, percent
from optimizer.language import Language, translate
from optimizer.plan.plan import PlanTables

DIGEST_SHOWN = 16
"""Signs of a digest that are printed: enough to tell cases apart."""
MINUTE = "%Y-%m-%d %H:%M UTC"
"""How a time is printed."""


@dataclass(frozen=True)
class Identity:
    """Where the figures of a document come from.

    Attributes
    ----------
    case
        Name of the case.
    scenario
        Whether the case is planned as it is written, or which changes were made to it.
    made
        Time in UTC.
    version
        Version of this program.
    digest
        SHA-256 of the case's settings and tables as they were read.
    engine
        Engine, its algorithms, and the overlap method.
    proof
        What the certificate says.
    """

    case: str
    scenario: str
    made: datetime
    version: str
    digest: str
    engine: str
    proof: str

    @property
    def day(self) -> str:
        """The day it was made."""
        return self.made.strftime("%Y-%m-%d")

    @property
    def time(self) -> str:
        """The time it was made, with its zone."""
        return self.made.strftime(MINUTE)


def identify(plan: PlanTables, language: Language) -> Identity:
    """Return where the figures of a plan come from, said in a language."""
    case, summary = plan.case, plan.summary()
    return Identity(
        case=title(case, language),
        scenario=_scenario(case, language),
        made=now(),
        version=version("optimizer"),
        digest=input_digest(case),
        engine=f"{summary['engine']}, {figure('method', summary['method'], case.currency, language)}",
        proof=_proof(plan, language),
    )


def now() -> datetime:
    """Return the time that is printed on what is made now."""
    return datetime.now(UTC)


def input_digest(case: CaseTables) -> str:
    """Return the SHA-256 of what a case says, changes made to it included; the form of its files does not count."""
    told = {
        "settings": {section: dict(keys) for section, keys in case.raw.settings.items()},
        "tables": {name: [table.header, *table.cells] for name, table in case.raw.tables.items()},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def basis_of(case: CaseTables, language: Language) -> str:
    """Return how many of the figures of a case are published, derived, assumed or without a source, in per cent."""
    counts = provenance(case)
    total = max(int(counts["figures"].sum()), 1)
    shares = {basis: 100 * int(counts[basis].sum()) / total for basis in (*BASES, UNSTATED)}
    return ", ".join(
        f"{translate(basis, language)} {percent(share, language)}" for basis, share in shares.items() if share
    )


def _scenario(case: CaseTables, language: Language) -> str:
    changes = case.raw.changes
    if not changes:
        return translate("the case as written, without changes", language)
    shown = "; ".join(changes[:3]) + (" ..." if len(changes) > 3 else "")
    return translate("the case with {count} changes: {changes}", language, count=len(changes), changes=shown)


def _proof(plan: PlanTables, language: Language) -> str:
    try:
        return plan.certificate.text(language)
    except SolveError as error:
        return error.text(language)

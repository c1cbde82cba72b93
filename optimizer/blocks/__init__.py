"""Constraint families: one module each, named here in the order in which they are added to a program.

Each module's docstring is its mathematics, and its ``add(builder, sets)`` puts it into the program. ``sets`` is no
family but what all of them start from, ``caps`` the big numbers of whole decisions; ``pairs`` takes the place of
``overlap`` in the mixed-integer program. To add a family, write its module and name it here.
"""

from typing import Final

NAMES: Final = (
    "pipeline",
    "links",
    "market",
    "funding",
    "overlap",
    "specialization",
    "rules",
    "openings",
)

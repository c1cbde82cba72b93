"""A small sound case as texts, to be spoiled one file at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

SOUND = {
    "case.toml": '[case]\nname = "small"\ncurrency = "KRW bn"\nfirst_year = 2026\nlast_year = 2027\n',
    "clusters.csv": "cluster,name,private_cap\na,Alpha,\nb,Beta,5\n",
    "stages.csv": "stage,cost,success_rate\nidea,1,0.5\nmarket,2,0.5\n",
    "fields.csv": "field,value\ndrug,100\ndevice,50\n",
    "sites.csv": (
        "cluster,stage,field,capacity,backlog\na,idea,drug,5,9\na,market,drug,5,\n"
        "b,idea,device,4,9\nb,market,device,4,\n"
    ),
    "budget.csv": "funder,year,amount\nm,2026,10\nm,2027,10\nn,2026,10\nn,2027,10\n",
}

WriteCase = Callable[[Mapping[str, str | bytes | None]], Path]


@pytest.fixture
def write_case(tmp_path: Path) -> WriteCase:
    """Return a function that writes the sound case with some files replaced, or left out where ``None``."""

    def write(changes: Mapping[str, str | bytes | None]) -> Path:
        folder = tmp_path / "case"
        folder.mkdir()
        for name, content in {**SOUND, **changes}.items():
            if content is not None:
                (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write

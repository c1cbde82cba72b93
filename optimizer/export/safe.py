"""Making cells harmless: a case may come by mail, and no text of it may become a formula in a spreadsheet."""

from __future__ import annotations

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: a leading apostrophe where it would be one."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def harmless_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose texts are all harmless; numbers stay numbers."""
    safe = frame.copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            cells = [harmless(cell) if isinstance(cell, str) else cell for cell in frame[name]]
            safe[name] = pd.Series(cells, index=frame.index, dtype=object)  # whole numbers stay whole beside blanks
    return safe.rename(columns=lambda name: harmless(str(name)))

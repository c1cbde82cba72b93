"""A real browser for tests: Chromium as the system brings it; nothing is downloaded."""

from __future__ import annotations

import shutil

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
NO_CHROMIUM = "there is no Chromium on this machine to open JupyterLab in"

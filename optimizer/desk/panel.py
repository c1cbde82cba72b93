"""The widget: dials, numbers and buttons in the browser. It shows plain data and says what was turned or pressed.

Imported only when a panel is wanted, for it needs the package anywidget.
"""

from __future__ import annotations

from pathlib import Path

import anywidget
import traitlets

HERE = Path(__file__).parent


class Panel(anywidget.AnyWidget):
    """Dials, numbers and buttons.

    Attributes
    ----------
    controls
        What stays as it is; see :func:`optimizer.desk.payload.controls`.
    values
        Where dials and switches stand, set by the browser too; see :func:`optimizer.desk.payload.positions`.
    state
        What changes; see :func:`optimizer.desk.payload.shown_state`.
    view
        Picture that is shown, set by the browser too.
    said
        What came of the last button.
    """

    _esm = HERE / "panel.js"
    _css = HERE / "panel.css"
    controls = traitlets.Dict().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    view = traitlets.Unicode("allocation").tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)

"""Inspection: what is this file? Codecs are put together here, and nothing is tracked, mapped or changed.

    inspect_path(path) -> Inspection, Places      what is to be said of it; where things were, to draw

`opening` finds out what it is; `asterix`, `remote_id`, `adsb`, `table`, `frames`, `journal` and `unknown` each say what
is in one; `tally` counts while it goes by; `plot` draws.
"""

from luchtwacht.inspection.frames import read_frame
from luchtwacht.inspection.journal import holds_journal
from luchtwacht.inspection.opening import inspect_octets, inspect_path, open_octets
from luchtwacht.inspection.report import Inspection
from luchtwacht.inspection.tally import Places

__all__ = [
    "Inspection",
    "Places",
    "holds_journal",
    "inspect_octets",
    "inspect_path",
    "open_octets",
    "read_frame",
]

"""How good was it: what the pipeline said, held against where things really were.

Tracked, Detected, alerts ─┐
Truth ─────────────────────┴─► match ─► Picture ─► report (figures) and plot
"""

from luchtwacht.evaluation.compare import compare, comparison_rows
from luchtwacht.evaluation.gospa import Gospa, gospa
from luchtwacht.evaluation.launches import trace_launches
from luchtwacht.evaluation.matching import Picture, match
from luchtwacht.evaluation.ospa2 import ospa2
from luchtwacht.evaluation.plot import draw, save_plot
from luchtwacht.evaluation.report import Report, evaluate, summarise
from luchtwacht.evaluation.truth import read_gps_log, read_truth, write_truth

__all__ = [
    "Gospa",
    "Picture",
    "Report",
    "compare",
    "comparison_rows",
    "draw",
    "evaluate",
    "gospa",
    "match",
    "ospa2",
    "read_gps_log",
    "read_truth",
    "save_plot",
    "summarise",
    "trace_launches",
    "write_truth",
]

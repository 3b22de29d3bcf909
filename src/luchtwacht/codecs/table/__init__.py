"""Lines of text, delimited or JSON, by a declared mapping: to reports in SI units, and the recorded time of a line."""

from luchtwacht.codecs.table.decoder import Decoded, TableDecoder, TableReports, TableState
from luchtwacht.codecs.table.mapping import (
    HeightDatum,
    Layout,
    Mapping,
    Quantity,
    ReportKind,
    ReportMapping,
    parse_mapping,
)
from luchtwacht.codecs.table.stamp import line_stamper

__all__ = [
    "Decoded",
    "HeightDatum",
    "Layout",
    "Mapping",
    "Quantity",
    "ReportKind",
    "ReportMapping",
    "TableDecoder",
    "TableReports",
    "TableState",
    "line_stamper",
    "parse_mapping",
]

"""Delimited text by a declared mapping: lines to reports in SI units, and the recorded time of a line."""

from luchtwacht.codecs.table.decoder import Decoded, TableDecoder, TableReports, line_stamper
from luchtwacht.codecs.table.mapping import Mapping, Quantity, ReportKind, ReportMapping, parse_mapping

__all__ = [
    "Decoded",
    "Mapping",
    "Quantity",
    "ReportKind",
    "ReportMapping",
    "TableDecoder",
    "TableReports",
    "line_stamper",
    "parse_mapping",
]

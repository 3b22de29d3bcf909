"""Recordings and journals into the formats of other tools: Parquet, CSV, GeoJSON, KML.

octets ─ messages ─►        ┌─► arrow (Parquet, CSV): every column
reports, events ─ reports ─► Table
                            └─► geojson, kml: what is somewhere
"""

from luchtwacht.conversion.arrow import TableFiles
from luchtwacht.conversion.entries import entries
from luchtwacht.conversion.geojson import GeoJson
from luchtwacht.conversion.joining import joined
from luchtwacht.conversion.kml import Kml
from luchtwacht.conversion.messages import Tally
from luchtwacht.conversion.opening import Found, tables
from luchtwacht.conversion.reports import told
from luchtwacht.conversion.table import NotConvertible, Table

__all__ = [
    "Found",
    "GeoJson",
    "Kml",
    "NotConvertible",
    "Table",
    "TableFiles",
    "Tally",
    "entries",
    "joined",
    "tables",
    "told",
]

"""What an inspection says of a file. The names of the fields are the keys of `--json`, described in
`docs/guide/inspect.md`: all of them are always there, empty where they do not apply. They may be added to, not changed.
"""

from __future__ import annotations

from msgspec import Struct, field


class Gap(Struct, kw_only=True):
    """Silence longer than expected."""

    after: str
    """time of the last report before it, to the second"""
    before: str
    """time of the first report after it"""
    seconds: float


class Sensor(Struct, kw_only=True):
    """Who sent: a radar, a drone's transmitter, an aircraft receiver."""

    id: str
    """SAC/SIC `20/129`, an address, `receiver`"""
    counts: dict[str, int] = field(default_factory=dict)
    """records by category or message type"""
    first_time: str = ""
    last_time: str = ""
    rate_per_s: float = 0.0
    """reports a second between the first and the last; 0 where that cannot be said"""
    busiest_per_s: int = 0
    """most reports in one second"""
    gaps: list[Gap] = []
    """the longest first, at most `MOST_GAPS`"""
    gap_count: int = 0
    names: dict[str, str] = field(default_factory=dict)
    """what it says of itself: `uas_id`, `operator_id`, ..."""


class Rejected(Struct, kw_only=True):
    """Input that cannot be used, and why."""

    reason: str
    """`luchtwacht.model.Reason`"""
    item: str
    """item, field or category concerned; "" for the whole"""
    count: int
    example: str
    """what was wrong with the first of them"""
    place: str
    """where the first of them stands: `packet 2, record 0`"""


class Area(Struct, kw_only=True):
    """Bounds of all positions, degrees WGS 84."""

    south: float
    west: float
    north: float
    east: float


class Column(Struct, kw_only=True):
    """A column of a table."""

    name: str
    kind: str
    """number, time, text or empty"""
    filled: int
    """cells that are not empty, among those looked at"""
    example: str
    looks_like: str
    """the key of a mapping it could serve: `latitude`, `time`, ...; "" when none"""
    unit: str = ""
    """as a mapping would say it; "" when it cannot be told"""
    varies: bool = True
    """false when every cell looked at says the same: a sensor's own place, say"""


class Period(Struct, kw_only=True):
    """A period of a journal: inputs that ran under one configuration."""

    site: str
    first_time: str
    last_time: str
    inputs: int


class Inspection(Struct, kw_only=True):
    """What a file is."""

    file: str
    octets: int
    """size of the file; of a folder, of all files in it"""
    compressed: bool = False
    """whether it was gzipped"""
    format: str = "unknown"
    """asterix, remote_id, readsb, sbs, beast, sapient, table, journal or unknown"""
    framing: str = ""
    """how payloads are cut: bare, final, gps, pcap, pcapng, frames, lines, document, stream, segments"""
    summary: str = ""
    """one sentence"""
    plausible: bool = True
    """false when what was decoded should not be believed"""
    doubts: list[str] = []
    """why not, and what else deserves a second look"""
    payloads: int = 0
    """datagrams, blocks, radio frames, documents or lines"""
    other: int = 0
    """payloads that hold nothing of the format and are no fault: Wi-Fi frames without Remote ID"""
    time_reference: str = ""
    """`utc`; `time_of_day` (since midnight UTC, the day is not known); `receiver` (its own clock); "" without times"""
    first_time: str = ""
    """ISO 8601 with Z for utc, without for receiver; HH:MM:SS.mmm for time_of_day"""
    last_time: str = ""
    span_s: float = 0.0
    first_received: str = ""
    """when the capture says its first payload came, UTC; "" where the framing does not say the day"""
    last_received: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    """records by category (`048`) or message type (`location`)"""
    editions: dict[str, str] = field(default_factory=dict)
    """ASTERIX: the edition each category was read by"""
    items: dict[str, dict[str, int]] = field(default_factory=dict)
    """how many records have an item, by category or message type"""
    targets: dict[str, int] = field(default_factory=dict)
    """how many different ones were named: `aircraft_addresses`, `track_numbers`, `uas_ids`, ..."""
    area: Area | None = None
    sensors: list[Sensor] = []
    rejected: list[Rejected] = []
    """the most frequent first"""
    columns: list[Column] = []
    delimiter: str = ""
    mapping: str = ""
    """for a table: a mapping to begin with"""
    periods: list[Period] = []
    first_octets: str = ""
    """of what is not known, hexadecimal"""

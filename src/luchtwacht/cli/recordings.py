"""A recording folder as the arrivals of a feed: the place where sources meet the codecs that can read their times."""

from __future__ import annotations

from pathlib import Path

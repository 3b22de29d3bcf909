"""The forms that ids and times must have."""

from __future__ import annotations

import re

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}", re.ASCII)
"""26 letters of Crockford's base 32, at most 128 bit"""
UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII)
"""RFC 9562, with hyphens"""
LAST_SECOND = 2**63 // 10**9 - 1
"""of the nanoseconds since 1970 that an int64 holds"""

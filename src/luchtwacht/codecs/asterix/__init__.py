"""ASTERIX (EUROCONTROL-SPEC-0149): blocks of surveillance records, bytes to columns and back.

    decode(frames) -> Decoded      categories: Records by category; rejections: what was refused, and why
    encode(48, columns) -> blocks  the same names back to bytes

One table a category (`cat048.py`) drives both. Values are in the standard's own units; `docs/formats/asterix.md` lists
every column.
"""

from luchtwacht.codecs.asterix.categories import CATEGORIES
from luchtwacht.codecs.asterix.decoder import Decoded, decode
from luchtwacht.codecs.asterix.encoder import encode, limits
from luchtwacht.codecs.asterix.ragged import Ragged
from luchtwacht.codecs.asterix.records import Records

__all__ = ["CATEGORIES", "Decoded", "Ragged", "Records", "decode", "encode", "limits"]

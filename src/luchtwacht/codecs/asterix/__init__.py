"""ASTERIX (EUROCONTROL-SPEC-0149): blocks to columns and back. One category a file; `categories.py` lists them."""

from luchtwacht.codecs.asterix.categories import CATEGORIES
from luchtwacht.codecs.asterix.decode import Decoded, decode
from luchtwacht.codecs.asterix.encode import encode
from luchtwacht.codecs.asterix.records import Ragged, Records

__all__ = ["CATEGORIES", "Decoded", "Ragged", "Records", "decode", "encode"]

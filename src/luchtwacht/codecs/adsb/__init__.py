"""ADS-B as receivers give it: readsb's `aircraft.json`, BaseStation lines, Beast frames."""

from luchtwacht.codecs.adsb.beast import BeastFrame, encode_beast, split_beast
from luchtwacht.codecs.adsb.readsb import AircraftState, AircraftStates, Decoded, decode_readsb, encode_readsb
from luchtwacht.codecs.adsb.sbs import SbsMessage, decode_sbs, encode_sbs, split_lines

__all__ = [
    "AircraftState",
    "AircraftStates",
    "BeastFrame",
    "Decoded",
    "SbsMessage",
    "decode_readsb",
    "decode_sbs",
    "encode_beast",
    "encode_readsb",
    "encode_sbs",
    "split_beast",
    "split_lines",
]

"""ADS-B as receivers give it: readsb's `aircraft.json`, BaseStation lines, Beast frames."""

from luchtwacht.codecs.adsb.readsb import AircraftState, AircraftStates, Decoded, decode_readsb, encode_readsb

__all__ = ["AircraftState", "AircraftStates", "Decoded", "decode_readsb", "encode_readsb"]

"""The Open Glider Network: FLARM, FANET, SafeSky and others as lines of APRS."""

from luchtwacht.codecs.ogn.beacon import AircraftBeacon, decode_ogn, encode_ogn, receiver_of

__all__ = ["AircraftBeacon", "decode_ogn", "encode_ogn", "receiver_of"]

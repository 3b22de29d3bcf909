"""Values to bytes and back, the same bytes for the same value on every machine.

MessagePack, keys in order of declaration; a batch is a map of column name to little-endian bytes. This is what the
journal keeps and what replays are compared by, so after a change here older records cannot be run again.
"""

from __future__ import annotations

from functools import cache
from typing import Any, get_type_hints

import msgspec
import numpy as np

from luchtwacht.model.batch import Batch, layout
from luchtwacht.model.command import Command, Tick
from luchtwacht.model.event import (
    AlertChanged,
    AuthorisationChanged,
    Claimed,
    Detected,
    Event,
    Found,
    Identified,
    Notice,
    Outgoing,
    Reidentified,
    Rejected,
    TakeOffFound,
    Tracked,
    ZoneChanged,
)
from luchtwacht.model.registration import SensorMeasured
from luchtwacht.model.site import Site

_EVENTS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Rejected,
        Detected,
        Claimed,
        Tracked,
        Reidentified,
        Identified,
        Found,
        AlertChanged,
        TakeOffFound,
        ZoneChanged,
        AuthorisationChanged,
        Outgoing,
        Notice,
        SensorMeasured,
    )
}


_LATER: dict[type, tuple[str, ...]] = {Notice: ("code", "data")}
"""fields that came later: left out when empty, so that an older record's event is the same bytes again"""


def _encode_hook(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} has no encoding")


def _little_endian(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("<")


def _batch_to_plain(batch: Batch) -> dict[str, Any]:
    return {"n": len(batch)} | {
        name: values.astype(_little_endian(values.dtype), copy=False).tobytes()
        for name, values in batch.columns().items()
    }


def _batch_from_plain(kind: type[Batch], plain: dict[str, Any]) -> Batch:
    made = {}
    for name, dtype, trailing in layout(kind):
        flat = np.frombuffer(plain[name], dtype=_little_endian(dtype)).astype(dtype, copy=False)
        made[name] = flat.reshape((plain["n"], *trailing))
    return kind(**made)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _batch_fields(kind: type) -> dict[str, type[Batch]]:
    return {name: hint for name, hint in _hints(kind).items() if isinstance(hint, type) and issubclass(hint, Batch)}


_encoder = msgspec.msgpack.Encoder(enc_hook=_encode_hook, order=None)


def encode_event(event: Event) -> bytes:
    """One event as bytes; equal events give equal bytes."""
    kind: Any = type(event)
    plain: dict[str, Any] = {"event": kind.__name__}
    batches = _batch_fields(kind)
    for name in kind.__slots__:
        value = getattr(event, name)
        if name in _LATER.get(kind, ()) and not value:
            continue
        plain[name] = _batch_to_plain(value) if name in batches else value
    return _encoder.encode(plain)


def decode_event(data: bytes) -> Event:
    """The event that `encode_event` was given.

    Raises:
        msgspec.ValidationError: these are not the bytes of an event.
    """
    plain = msgspec.msgpack.decode(data)
    try:
        kind = _EVENTS[plain.pop("event")]
    except (KeyError, AttributeError, TypeError) as error:
        raise msgspec.ValidationError("not an event") from error
    batches = _batch_fields(kind)
    made: dict[str, Any] = {}
    hints = _hints(kind)
    for name, value in plain.items():
        made[name] = _batch_from_plain(batches[name], value) if name in batches else msgspec.convert(value, hints[name])
    event: Event = kind(**made)
    return event


_command_decoder = msgspec.msgpack.Decoder(Command)
_tick_decoder = msgspec.msgpack.Decoder(Tick)
_site_decoder = msgspec.json.Decoder(Site)


def encode_command(command: Command) -> bytes:
    """A command as bytes."""
    return _encoder.encode(command)


def decode_command(data: bytes) -> Command:
    """The command that `encode_command` was given; `msgspec.ValidationError` for other bytes."""
    return _command_decoder.decode(data)


def encode_tick(tick: Tick) -> bytes:
    """A tick as bytes."""
    return _encoder.encode(tick)


def decode_tick(data: bytes) -> Tick:
    """The tick that `encode_tick` was given; `msgspec.ValidationError` for other bytes."""
    return _tick_decoder.decode(data)


def encode_site(site: Site) -> bytes:
    """A site as JSON, readable by eye: the configuration in force as the journal keeps it."""
    return msgspec.json.encode(site)


def decode_site(data: bytes) -> Site:
    """The site that `encode_site` was given; `msgspec.ValidationError` for other bytes."""
    try:
        return _site_decoder.decode(data)
    except msgspec.ValidationError:
        return msgspec.convert(_without_bounds(data), Site)


def _without_bounds(data: bytes) -> Any:
    """JSON has no infinity: a sensor that sees without bounds has null for its greatest range."""
    plain = msgspec.json.decode(data)
    if isinstance(plain, dict) and isinstance(plain.get("sensors"), list):
        for sensor in plain["sensors"]:
            if isinstance(sensor, dict) and sensor.get("range_max_m", 0.0) is None:
                del sensor["range_max_m"]
    return plain

"""What sensors and tracking systems say of themselves: signs of life, turns of the antenna, states.

A message without a state says nothing of it, so the last one stands.
"""

from __future__ import annotations

from luchtwacht.ingest.asterix.reading import Reading, State
from luchtwacht.model import SensorState

_RADAR_IMPAIRED = {
    "OVLRDP": "overload of the radar data processor",
    "OVLXMT": "overload of the transmission",
    "MSC": "monitoring system disconnected",
    "TSV": "its time source is not valid",
}
"""I034/050 COM: flags that leave a radar usable and impaired"""
_SENSOR_STATES = {
    0: (SensorState.OPERATIONAL, ""),
    1: (SensorState.DEGRADED, "degraded"),
    2: (SensorState.DOWN, "initialising"),
    3: (SensorState.DOWN, "not connected"),
}
"""I063/060 CON"""
_SENSOR_IMPAIRED = {
    "ODP": "overload of its data processor",
    "OXT": "overload of its transmission",
    "MSC": "its monitoring system is disconnected",
    "TSV": "its time source is not valid",
}
"""I063/060"""
_SYSTEM_STATES = {
    0: (SensorState.OPERATIONAL, ""),
    1: (SensorState.DEGRADED, "degraded"),
    2: (SensorState.DOWN, "not connected"),
    3: (SensorState.DEGRADED, "its state is unknown"),
}
"""I065/040 NOGO"""
_SYSTEM_IMPAIRED = {"OVL": "overload", "TSV": "its time source is not valid"}
"""I065/040"""


def read_cat002(reading: Reading) -> None:
    """North markers and sectors of a radar, with the time of a turn."""
    sensors = reading.senders()
    reading.alive(sensors >= 0, sensors, reading.times(reading["030"]), period_s=reading["041"])


def read_cat016(reading: Reading) -> None:
    """Configuration of a drone radar, with its reporting period; where it stands is the site's to say."""
    sensors = reading.senders()
    reading.alive(sensors >= 0, sensors, reading.times(reading["140"]), period_s=reading["200"])


def read_cat034(reading: Reading) -> None:
    """North markers and sectors of a radar, with the time of a turn; I034/050 is a state."""
    sensors = reading.senders()
    nogo = reading["050/COM/NOGO"]

    def said(row: int) -> State | None:
        if nogo[row] < 0:
            return None
        impaired = [word for flag, word in _RADAR_IMPAIRED.items() if reading[f"050/COM/{flag}"][row] == 1]
        if nogo[row] == 1:
            return SensorState.DOWN, ", ".join(["operational release is inhibited (NOGO)", *impaired])
        return _impaired((SensorState.OPERATIONAL, ""), impaired)

    reading.alive(sensors >= 0, sensors, reading.times(reading["030"]), period_s=reading["041"], said=said)


def read_cat063(reading: Reading) -> None:
    """What a tracking system says of the sensors it hears: I063/050 names them."""
    sensors = reading.senders("050")

    def said(row: int) -> State | None:
        state = _SENSOR_STATES.get(int(reading["060/CON"][row]))
        impaired = [word for flag, word in _SENSOR_IMPAIRED.items() if reading[f"060/{flag}"][row] == 1]
        if reading["060/OPS"][row] == 1:
            return SensorState.DOWN, ", ".join(["its operational use is inhibited", *impaired])
        return None if state is None else _impaired(state, impaired)

    reading.alive(sensors >= 0, sensors, reading.times(reading["030"]), said=said)


def read_cat065(reading: Reading) -> None:
    """State of a tracking system (I065/040); ends of batches are signs of life."""
    sensors = reading.senders()

    def said(row: int) -> State | None:
        state = _SYSTEM_STATES.get(int(reading["040/NOGO"][row]))
        impaired = [word for flag, word in _SYSTEM_IMPAIRED.items() if reading[f"040/{flag}"][row] == 1]
        return None if state is None else _impaired(state, impaired)

    reading.alive(sensors >= 0, sensors, reading.times(reading["030"]), said=said)


def _impaired(state: State, words: list[str]) -> State:
    """The state, made worse by what impairs a sensor that works."""
    worst = SensorState.DEGRADED if words and state[0] == SensorState.OPERATIONAL else state[0]
    return worst, ", ".join([each for each in (state[1], *words) if each])

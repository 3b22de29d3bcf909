"""What notices say: the English sentence of each code, made from its data, in this one place.

A notice carries a code and data (values in the unit that their name ends with), and the sentence that goes on record
with them, so that a journal can be read without this table. A console says them in its own languages from code and
data; nothing reads sentences back. `docs/reference/api.md` lists the codes. What others said (a sensor's own words, an
error of the system) is data as well, and is passed on as it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from luchtwacht.model.event import Event, Notice, NoticeKind

Data = Mapping[str, Any]
LONGEST_DETAIL = 2_000
"""characters; sensors may say more"""


def notice(time_ns: int, kind: NoticeKind, subject: str, code: str, **data: Any) -> Notice:
    """A notice, with its sentence."""
    return Notice(time_ns=time_ns, kind=kind, subject=subject, detail=sentence(code, data), code=code, data=data)


def without_code(event: Event) -> Event:
    """A notice as records from before there were codes have it: the sentence alone; other events as they are."""
    return replace(event, code="", data={}) if isinstance(event, Notice) else event


def sentence(code: str, data: Data) -> str:
    """The English sentence; `KeyError` for a code that is none."""
    return SENTENCES[code](data)[:LONGEST_DETAIL]


def asked(data: Data) -> str:
    """What is asked of a sensor, after "it to"."""
    match data["task"]:
        case "detection_threshold" | "report_rate":
            return f"set its {data['task']} to {data['level']}"
        case "mode":
            return f"change to mode {data['mode']}"
        case "look_at":
            return f"look at {data['latitude']:.5f}, {data['longitude']:.5f}"
        case "snapshot":
            return "take snapshot"
        case task:
            return str(task)


def _observation(data: Data) -> str:
    where = ""
    if data["bearing_deg"] is not None:
        where = f", bearing {data['bearing_deg']:.0f}°"
        where += f", elevation {data['elevation_deg']:.0f}°" if data["elevation_deg"] is not None else ""
        where += f", about {data['range_m']:.0f} m away" if data["range_m"] is not None else ""
    elif data["latitude"] is not None:
        where = f", at {data['latitude']:.5f} {data['longitude']:.5f}"
        where += f", about {data['height_m']:.0f} m high" if data["height_m"] is not None else ""
    many = f"{data['count']} × " if data["count"] > 1 else ""
    note = f": {data['note']}" if data["note"] else ""
    return f"{many}{data['what']} ({data['certainty']}){where}, by {data['by']}{note}"


def _blind(data: Data) -> str:
    where = ", ".join(f"{each['from_deg']}-{each['to_deg']}" for each in data["sectors"])
    return (
        f"not one hit in the last {data['looks']} looks at what others see, azimuth {where} degrees; declared "
        f"{data['declared']:.2f} of them"
    )


def _noisy(data: Data) -> str:
    said = (f"{each['of']} {each['times']:.1f} times {each['declared']:g} {each['unit']}" for each in data["noise"])
    return f"scatters more than declared: {', '.join(said)}"


def _misaligned(data: Data) -> str:
    said = (
        f"{each['of']} {each['value']:+.2f} ± {each['sigma']:.2f} {each['unit']} beside what is declared"
        for each in data["biases"]
    )
    return f"{', '.join(said)}; {'corrected' if data['corrected'] else 'not corrected'}"


def _registered(data: Data) -> str:
    called = f" as {data['name']}" if data["name"] else ""
    return f"registered{called} by {data['edition']}, with modes {', '.join(data['modes']) or 'none'}"


def _sensor_alert(data: Data) -> str:
    words = ", ".join(each for each in (data["alert"], data["status"]) if each)
    return f"{words.replace('_', ' ')}: {data['words'] or 'no words'}"


def _answered(data: Data) -> str:
    return f"{data['status']}: {asked(data)}" + (f" ({data['why']})" if data["why"] else "")


def _resumed(data: Data) -> str:
    newer = f"; a newer state could not be used: {data['why']}" if data["why"] else ""
    return f"goes on from the state of {data['since']}; {data['inputs']:,} inputs since were run again{newer}"


SENTENCES: dict[str, Callable[[Data], str]] = {
    "silent": lambda data: f"nothing heard for {data['quiet_s']:.0f} s",
    "heard": lambda _: "heard again",
    "state": lambda data: f"says it is {data['state']}" + (f": {data['words']}" if data["words"] else ""),
    "clock": lambda data: f"{data['reports']} reports refused: {data['why']}",
    "blind": _blind,
    "weak": lambda data: (
        f"probability of detection {data['share']:.2f} over {data['looks']} looks, declared {data['declared']:.2f}"
    ),
    "unseen": lambda _: "too little to see since",
    "cluttered": lambda data: (
        f"{data['rate']:.1f} reports a period that belong to nothing, declared {data['declared']:g}"
    ),
    "noisy": _noisy,
    "misaligned": _misaligned,
    "turned": lambda data: (
        f"azimuth about {data['azimuth_deg']:+.1f} ± {data['sigma_deg']:.1f} degrees: turned back by so much, bearings "
        "that belong to nothing would be those of other sensors' tracks"
    ),
    "moved": lambda _: "measures otherwise than it did; its new bias is being learnt",
    "slow": lambda data: (
        f"reports come {data['late_s']:.1f} s after they were measured, declared {data['declared_s']:g} s"
    ),
    "as_declared": lambda data: f"no longer {', '.join(data['faults'])}",
    "observation": _observation,
    "task_sent": lambda data: f"{data['by']} asked it to {asked(data)}",
    "task_answered": _answered,
    "registered": _registered,
    "stranger": lambda data: (
        f'no sensor of this site has key {data["key"]}; if it is yours, give the sensor key = "{data["key"]}"'
    ),
    "refused": lambda data: str(data["why"]),
    "objected": lambda data: f"could not use what it was sent: {data['words']}",
    "sensor_alert": _sensor_alert,
    "link": lambda data: str(data["words"]),
    "command_refused": lambda data: str(data["why"]),
    "resumed": _resumed,
    "taken_over": lambda data: (
        "began anew under another site file; open alerts were taken over, no longer as active: "
        + ", ".join(map(str, data["alerts"]))
    ),
    "rerun": lambda data: f"all {data['inputs']:,} inputs since {data['since']} were run again: {data['why']}",
}

"""Human observations to detections, with the errors that people make, and to a notice each so that all read of it.

An object in the air becomes a detection of the observer's post: a place with at least the declared errors and the
radius that the observer gave, or a bearing, with an elevation and a range where these were estimated. A range that a
person estimates is wrong by `RANGE_ERROR` of itself, a height likewise. What it was is a likelihood, the weaker the
less sure the observer was. A flash, smoke or a sound is no object: it is put on record and told, and no track comes of
it.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.codecs.observation import FLYING, Certainty, Observation, Seen, decode_observation
from luchtwacht.errors import BadMessage
from luchtwacht.ingest.clock import split_by_clock
from luchtwacht.ingest.ingested import Ingested
from luchtwacht.ingest.stated import Refusals
from luchtwacht.ingest.tables import diagonal_covariance
from luchtwacht.model import (
    Category,
    Detections,
    Floats,
    Frames,
    Geometry,
    Notice,
    NoticeKind,
    Outgoing,
    Reason,
    Rejection,
    Sensor,
    Site,
    report_ids,
)
from luchtwacht.model.notices import notice
from luchtwacht.units import DEGREE

RANGE_ERROR = 0.4
"""standard deviation of an estimated range or height, as part of it: people misjudge a small object's distance by a
third to a half"""
_LEAST_HEIGHT_ERROR_M = 30.0
_OTHERWISE = {Certainty.CERTAIN: 0.05, Certainty.PROBABLE: 0.2, Certainty.POSSIBLE: 0.5}
"""likelihood of saying this of another kind of object than it is"""
_OBJECTS = {
    Seen.DRONE: (Category.MULTIROTOR, Category.FIXED_WING_DRONE),
    Seen.AIRCRAFT: (Category.CREWED_AIRCRAFT,),
    Seen.BIRD: (Category.BIRD,),
    Seen.OTHER: (Category.OTHER,),
}


class ObservationIngest:
    """One source of observations, of one post or of several."""

    def __init__(self, site: Site, source: int) -> None:
        """Args:
        source: index into `Site.sources`.
        """
        self._site, self._index, self._source = site, source, site.sources[source]
        self._posts = {
            each.id: (index, each) for index, each in enumerate(site.sensors) if each.source == self._source.id
        }

    def state(self) -> None:
        """Nothing is remembered."""

    def restore(self, state: None) -> None:
        """Nothing is remembered."""

    def receive(self, frames: Frames) -> Ingested:
        """What these observations hold, in order."""
        refusals = Refusals(frames, self._index)
        made: list[Detections] = []
        said: list[tuple[int, Notice | Outgoing]] = []
        for row, payload in enumerate(frames.payloads()):
            try:
                seen = decode_observation(payload)
            except BadMessage as error:
                refusals.add(row, -1, Reason.MALFORMED, error.where, error.what)
                continue
            if seen.sensor not in self._posts:
                known = ", ".join(self._posts) or "none"
                detail = f"there is no post {seen.sensor!r} of source {self._source.id}; there are: {known}"
                refusals.add(row, -1, Reason.UNDECLARED_SENSOR, "sensor", detail)
                continue
            index, post = self._posts[seen.sensor]
            received_ns = int(frames.received_ns[row])
            said.append((int(frames.sequence[row]), _notice(seen, received_ns)))
            if seen.what in FLYING and (seen.latitude is not None or seen.bearing_deg is not None):
                made.append(self._detection(seen, frames, row, index, post))
        detections, wrong = split_by_clock(Detections.concatenate(made), self._source, self._index)
        return Ingested(detections=detections, rejections=_sorted(refusals.all(list(wrong))), said=tuple(said))

    def _detection(self, seen: Observation, frames: Frames, row: int, index: int, post: Sensor) -> Detections:
        position = seen.latitude is not None
        z, R = self._place(seen, post) if position else _line(seen, post)
        likelihood = np.full((1, len(Category)), _OTHERWISE[seen.certainty])
        likelihood[0, list(_OBJECTS[seen.what])] = 1.0
        return Detections.unknown(
            1,
            id=report_ids(frames.sequence[row : row + 1], np.zeros(1, dtype=np.int64)),
            time_ns=frames.received_ns[row : row + 1] if self._source.use_receive_time else [seen.time_ns],
            received_ns=frames.received_ns[row : row + 1],
            sensor=index,
            geometry=int(Geometry.POSITION if position else Geometry.POLAR),
            z=z,
            R=R,
            category_probability=likelihood,
        )

    def _place(self, seen: Observation, post: Sensor) -> tuple[Floats, Floats]:
        assert seen.latitude is not None
        assert seen.longitude is not None
        ground = float(self._site.ground_level(seen.latitude, seen.longitude))
        height = ground + (seen.height_m or 0.0)
        z = np.full((1, 4), np.nan)
        z[:, :3] = self._site.frame.to_enu(np.array([[seen.latitude * DEGREE, seen.longitude * DEGREE, height]]))
        across = max(post.position_sigma_m, (seen.radius_m or 0.0) / 2.0)
        up = max(post.height_sigma_m, RANGE_ERROR * abs(seen.height_m or 0.0), _LEAST_HEIGHT_ERROR_M)
        if seen.height_m is None:
            z[:, 2] = np.nan
        return z, diagonal_covariance(z, np.array([[across, across, up, np.nan]]))


def _line(seen: Observation, post: Sensor) -> tuple[Floats, Floats]:
    assert seen.bearing_deg is not None
    z = np.array(
        [
            [
                np.nan if seen.range_m is None else seen.range_m,
                seen.bearing_deg % 360.0 * DEGREE,
                np.nan if seen.elevation_deg is None else seen.elevation_deg * DEGREE,
                np.nan,
            ]
        ]
    )
    far = max(post.range_sigma_m, RANGE_ERROR * (seen.range_m or 0.0))
    return z, diagonal_covariance(z, np.array([[far, post.azimuth_sigma, post.elevation_sigma, np.nan]]))


def _notice(seen: Observation, received_ns: int) -> Notice:
    return notice(
        received_ns,
        NoticeKind.OBSERVATION,
        seen.sensor,
        "observation",
        what=seen.what.value,
        certainty=seen.certainty.value,
        count=seen.count,
        bearing_deg=None if seen.bearing_deg is None else seen.bearing_deg % 360.0,
        elevation_deg=seen.elevation_deg,
        range_m=seen.range_m,
        latitude=seen.latitude,
        longitude=seen.longitude,
        height_m=seen.height_m,
        by=seen.by.strip(),
        note=seen.note.strip(),
    )


def _sorted(rejections: tuple[Rejection, ...]) -> tuple[Rejection, ...]:
    return tuple(sorted(rejections, key=lambda each: each.frame))

"""Real captures of broadcast Remote ID, one genuine and one forged, through the real decoder and ingest."""

from pathlib import Path

import numpy as np
import pytest

from luchtwacht.codecs.remote_id import read_capture
from luchtwacht.identity import Correlator
from luchtwacht.ingest.remote_id import RemoteIdIngest
from luchtwacht.model import (
    Claims,
    ClaimVerdict,
    Format,
    Frames,
    Identities,
    Place,
    Sensor,
    SensorKind,
    Site,
    Source,
    Tracks,
)
from luchtwacht.units import SECOND_NS

RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "remote_id"
REAL, FORGED = "cdc_parrot_anafi4_real.pcapng", "cdc_parrot_anafi4_spoofed.pcapng"
SERIAL = "uas:1588E040445AC004418"
WHERE = {REAL: Place(latitude=47.1987, longitude=8.7302), FORGED: Place(latitude=47.37, longitude=8.54)}
UP = np.array([True, True])

pytestmark = [
    pytest.mark.recording,
    pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no Remote ID recordings beside the project"),
]


def a_site(origin: Place, *, radar: bool) -> Site:
    """A receiver and, where asked for, a radar that looks over the whole place."""
    return Site(
        id="test",
        name="",
        origin=origin,
        sources=(Source(id="receiver", format=Format.REMOTE_ID, use_receive_time=True),),
        sensors=(
            Sensor(id="receiver", kind=SensorKind.REMOTE_ID_RECEIVER, source="receiver", place=origin),
            Sensor(
                id="radar",
                kind=SensorKind.RADAR_3D,
                source="radar",
                place=origin,
                range_max_m=20_000.0 if radar else np.inf,
            ),
        ),
        ground_height_m=400.0,
    )


def claims_of(name: str, site: Site) -> Claims:
    """The claims of a capture, in order of time."""
    capture = read_capture((RECORDINGS / name).read_bytes())
    frames = Frames.of(
        [octets for _, octets in capture],
        sequence=list(range(1, len(capture) + 1)),
        source=[0] * len(capture),
        received_ns=[time_ns for time_ns, _ in capture],
    )
    claims, _ = RemoteIdIngest(site, 0, capture.link).receive(frames)
    return claims.take(np.lexsort((claims.id, claims.time_ns)))


def watched(site: Site, claims: Claims) -> list[Identities]:
    """What is said of them, second by second, while no sensor measures anything."""
    correlator, said = Correlator(site), []
    first, last = int(claims.time_ns[0]), int(claims.time_ns[-1])
    for time_ns in range(first + SECOND_NS, last + SECOND_NS, SECOND_NS):
        due = (claims.time_ns > time_ns - SECOND_NS) & (claims.time_ns <= time_ns)
        said.append(correlator.step(time_ns, Tracks.empty(), claims.take(due), UP)[0])
    return said


def moved(claims: Claims, start_ns: int, metres: float) -> Claims:
    """The same claims at another time, elsewhere in the site's frame, with ids of their own."""
    shift = start_ns - int(claims.time_ns[0])
    return Claims(
        **claims.columns()
        | {
            "id": claims.id + 10**12,
            "time_ns": claims.time_ns + shift,
            "received_ns": claims.received_ns + shift,
            "position": claims.position + np.array([metres, 0.0, 0.0]),
        }
    )


@pytest.mark.parametrize("radar", [False, True])
def test_the_real_one_on_the_ground_is_never_contradicted(radar):
    site = a_site(WHERE[REAL], radar=radar)
    claims = claims_of(REAL, site)
    said = watched(site, claims)
    verdicts = {int(each) for identities in said for each in identities.claim_verdict}
    assert verdicts == {ClaimVerdict.UNCHECKED}
    assert {str(name) for identities in said for name in identities.aircraft_id} <= {SERIAL, "mac:90:3a:e6:5b:c8:a8"}
    assert max(len(identities) for identities in said) == 1


def test_the_forged_one_is_contradicted_by_its_own_motion():
    """It claims to hover, and is 400 m further on every four seconds."""
    site = a_site(WHERE[FORGED], radar=False)
    said = watched(site, claims_of(FORGED, site))
    assert {str(name) for identities in said for name in identities.aircraft_id} == {SERIAL}
    verdicts = [int(each) for identities in said for each in identities.claim_verdict]
    assert verdicts.index(ClaimVerdict.CONTRADICTED) <= 15
    assert set(verdicts[15:]) == {ClaimVerdict.CONTRADICTED}


def test_both_at_once_are_one_id_at_two_places():
    """The forger copied the serial number and the transmitter's address, so the claims leap between two places."""
    real_site, forged_site = a_site(WHERE[REAL], radar=False), a_site(WHERE[FORGED], radar=False)
    real = claims_of(REAL, real_site)
    forged = moved(claims_of(FORGED, forged_site), int(real.time_ns[0]), 25_000.0)
    both = Claims.concatenate([real, forged])
    said = watched(real_site, both.take(np.lexsort((both.id, both.time_ns))))
    assert all(identities.claim_verdict.tolist() == [ClaimVerdict.CONTRADICTED] for identities in said[6:50])
    assert said[-1].claim_verdict.tolist() == [ClaimVerdict.UNCHECKED]  # long after the forger fell silent

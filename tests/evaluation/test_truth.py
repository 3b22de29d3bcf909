"""Truth is read as it was written, and only where it is known."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from tests.evaluation.made_up import SITE, START_NS, straight_truth

from luchtwacht.errors import BadRecording
from luchtwacht.evaluation import read_gps_log, read_truth, write_truth
from luchtwacht.evaluation.truth import courses
from luchtwacht.model import Category, Place, Site, Truth

HEADING = "latitude,longitude,altitude(m),timestamp,isflying\n"
RECORDINGS = Path(__file__).parents[2] / "../shared/data/radar_drone/nato_icmcis2021"


def test_a_gps_log_becomes_positions_above_the_sites_ground(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    rows = "52.0,5.0,10.0,1700000000000,1\n52.0,5.0,12.5,1700000000100,1\n52.5,5.0,0,1700000009000,0\n"
    path.write_bytes(gzip.compress((HEADING + rows).encode()))
    site = Site(
        id="s",
        name="s",
        origin=Place(latitude=52.0, longitude=5.0, height=40.0),
        sources=(),
        sensors=(),
        geoid_undulation_m=44.0,
        ground_height_m=3.0,
    )
    truth = read_gps_log(path, site, permitted=0)
    assert truth.time_ns.tolist() == [1_700_000_000_000_000_000, 1_700_000_000_100_000_000]
    assert truth.position == pytest.approx(np.array([[0.0, 0.0, 17.0], [0.0, 0.0, 19.5]]), abs=1e-6)
    assert truth.permitted.tolist() == [0, 0]


def test_broken_rows_of_a_gps_log_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADING + "52.0,5.0,10.0,1700000000000,1\n,5.0,1,1700000000100,1\nx,5.0,1,1700000000200,1\n")
    assert len(read_gps_log(path, SITE)) == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"a,b\n1,2\n", HEADING.encode(), b"\x00\xff\xfe binary", (HEADING + "52,5,1,1,0\n").encode()],
    ids=["empty", "other columns", "no rows", "binary", "never flies"],
)
def test_what_is_no_gps_log_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(BadRecording, match=r"log\.csv"):
        read_truth(path, SITE)


def test_a_truncated_gzip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress((HEADING + "52.0,5.0,10.0,1700000000000,1\n" * 50).encode())[:-12])
    with pytest.raises(BadRecording):
        read_gps_log(path, SITE)


def test_our_own_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    truth = Truth.concatenate(
        [
            straight_truth(5.0),
            straight_truth(3.0, name="gull", category=Category.BIRD, permitted=-1, start=(9.0, 8.0, 7.0)),
        ]
    )
    truth = Truth(
        **{**truth.columns(), "velocity": np.where(np.arange(len(truth))[:, None] == 2, np.nan, truth.velocity)}
    )
    path = tmp_path / "truth.csv"
    write_truth(path, truth, SITE)
    again = read_truth(path, SITE)
    assert again.position == pytest.approx(truth.position, abs=0.003)
    assert again.velocity == pytest.approx(truth.velocity, nan_ok=True)
    for name in ("object", "time_ns", "category", "permitted"):
        assert np.array_equal(getattr(again, name), getattr(truth, name))


def test_a_broken_row_of_our_own_truth_is_named(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    write_truth(path, straight_truth(1.0), SITE)
    lines = path.read_text().splitlines()
    lines[4] = lines[4].replace("multirotor", "teapot")
    path.write_text("\n".join(lines))
    with pytest.raises(BadRecording, match=r"row 5.*teapot"):
        read_truth(path, SITE)


def test_between_samples_it_is_linear_and_in_gaps_it_is_not_known() -> None:
    truth = Truth.unknown(
        4,
        object="d",
        time_ns=START_NS + np.array([0, 1, 2, 30]) * 1_000_000_000,
        category=0,
        position=np.array([[0.0, 0, 0], [10, 0, 0], [20, 0, 0], [300, 0, 0]]),
    )
    asked = START_NS + np.array([-1, 500_000_000, 15_000_000_000, 30_000_000_000, 30_000_000_001])
    position, velocity, known = courses(truth).at(0, asked)
    assert known.tolist() == [False, True, False, False, False]
    assert position[1] == pytest.approx([5.0, 0.0, 0.0])
    assert velocity[1] == pytest.approx([10.0, 0.0, 0.0])


@pytest.mark.recording
def test_the_gps_logs_of_the_campaign_are_read() -> None:
    if not RECORDINGS.is_dir():
        pytest.skip("the folder of real recordings is not beside the project")
    site = Site(id="p", name="p", origin=Place(latitude=51.5195, longitude=5.858), sources=(), sensors=())
    for path in sorted(RECORDINGS.glob("*/truth_*.csv.gz")):
        truth = read_truth(path, site)
        assert len(truth) > 7000
        assert np.hypot(*truth.position[:, :2].T).max() < 3000.0
        assert 20.0 < truth.position[:, 2].max() < 120.0

"""A site file is held against itself and its mappings before anything runs."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.ingest.sites import site

from luchtwacht.codecs.table import Mapping, Quantity, ReportMapping, parse_mapping
from luchtwacht.config import loads
from luchtwacht.errors import BadConfiguration
from luchtwacht.ingest import check_site, load_site
from luchtwacht.model import (
    Authorisation,
    AuthorisationState,
    Classification,
    Format,
    Output,
    Place,
    Restriction,
    Sensor,
    Site,
    Source,
    Volume,
    Zone,
)

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/site.toml")), ids=lambda path: path.parent.name)
def test_every_example_loads_and_fits_its_mappings(path: Path) -> None:
    from luchtwacht.ingest import Ingest

    declared, mappings = load_site(path)
    assert mappings.keys() == {source.mapping for source in declared.sources if source.mapping}
    Ingest(declared, mappings)


GUIDE = (EXAMPLES.parent / "docs" / "guide" / "site.md").read_text()
TABLE = (EXAMPLES.parent / "docs" / "formats" / "table.md").read_text()


def examples_in(page: str) -> list[str]:
    return [part.partition("```")[0] for part in page.split("```toml\n")[1:]]


def test_the_examples_in_the_documentation_hold_together() -> None:
    whole, permit = examples_in(GUIDE)
    declared = loads(whole + permit, Site, where="site.md")
    check_site(declared, "site.md")
    _, mapping = examples_in(TABLE)
    assert parse_mapping(mapping, "table.md").reports[0].name == "track"


@pytest.mark.parametrize("kind", [Site, Source, Sensor, Classification])
def test_every_setting_of_a_site_is_in_the_guide(kind: type) -> None:
    missing = [each.name for each in fields(kind) if f"`{each.name}`" not in GUIDE and f"{each.name} =" not in GUIDE]
    assert [name for name in missing if f"[{name}]" not in GUIDE] == []


@pytest.mark.parametrize("kind", [Mapping, ReportMapping, Quantity])
def test_every_key_of_a_mapping_is_in_its_page(kind: type) -> None:
    assert [each.name for each in fields(kind) if f"`{each.name}`" not in TABLE and f"{each.name} =" not in TABLE] == [
        name for name in ("reports",) if kind is Mapping
    ]


def test_a_mapping_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    text = (EXAMPLES / "icmcis2021" / "site.toml").read_text()
    (tmp_path / "site.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=r"alvira.*alvira\.toml|alvira\.toml.*alvira"):
        load_site(tmp_path / "site.toml")


def changed(**settings: object) -> Site:
    return site(**settings)


SENSORS, SOURCES = site().sensors, site().sources


ZONE = Zone(id="z", name="Z", restriction=Restriction.PROHIBITED, volumes=(Volume(),))
NIGHT = datetime(2026, 5, 3, tzinfo=UTC)
PERMIT = Authorisation(
    id="p", state=AuthorisationState.GRANTED, zones=("z",), start=NIGHT, end=NIGHT + timedelta(hours=1)
)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (changed(sensors=(SENSORS[0], SENSORS[0])), "two sensors are called 'radar'"),
        (changed(sources=(*SOURCES, SOURCES[0])), "two sources are called 'radars'"),
        (changed(sensors=(replace(SENSORS[0], source="radar"),)), "'radar', which there is not"),
        (changed(sensors=(SENSORS[0], replace(SENSORS[1], sic=2))), "SAC/SIC 1/2"),
        (changed(sensors=(replace(SENSORS[0], sic=None),)), "needs sac and sic"),
        (changed(sources=(replace(SOURCES[0], mapping="m.toml"), SOURCES[1])), "takes no mapping"),
        (changed(sources=(SOURCES[0], replace(SOURCES[1], mapping=""))), "needs a mapping"),
        (changed(sensors=(replace(SENSORS[0], period_s=0.0),)), "period_s"),
        (changed(sensors=(replace(SENSORS[0], range_sigma_m=-1.0),)), "range_sigma_m"),
        (changed(sensors=(replace(SENSORS[0], probability_of_detection=0.0),)), "probability_of_detection"),
        (changed(sensors=(replace(SENSORS[0], range_min_m=10.0, range_max_m=5.0),)), "range_max_m"),
        (changed(sources=(Source(id="table", format=Format.READSB),), sensors=(SENSORS[2],)), "its source is readsb"),
        (changed(time_zone="Europe/Atlantis"), "Europe/Atlantis"),
        (changed(step_s=0.0), "step_s"),
        (changed(sensors=(replace(SENSORS[0], place=replace(SENSORS[0].place, latitude=95.0)),)), "no place on earth"),
        (
            changed(zones=(Zone(id="", name="Z", restriction=Restriction.PROHIBITED, volumes=()),)),
            "empty id",
        ),
        (changed(authorisations=(PERMIT,)), "zone 'z', which there is not"),
        (changed(zones=(ZONE,), authorisations=(replace(PERMIT, end=NIGHT),)), "ends before it starts"),
        (
            changed(zones=(ZONE,), authorisations=(replace(PERMIT, start=NIGHT.replace(tzinfo=None)),)),
            "has no time zone",
        ),
        (changed(sources=(*SOURCES, Source(id="x", format=Format.READSB, clock_tolerance_s=0.0))), "clock_tolerance_s"),
    ],
)
def test_contradictions_are_refused_by_name(wrong: Site, says: str) -> None:
    with pytest.raises(BadConfiguration) as caught:
        check_site(wrong, "site.toml")
    assert says in str(caught.value)
    assert caught.value.where.startswith("site.toml")


def test_a_site_without_contradictions_passes() -> None:
    check_site(site(zones=(ZONE,), authorisations=(PERMIT,)), "site.toml")


HEAD = """id = "field"
name = "A field"
origin = { latitude = 52.0, longitude = 5.0 }
include = ["sensors/*.toml"]

[[sources]]
id = "adsb"
format = "readsb"
"""
DEVICE = """[[sources]]
id = "{name}"
format = "asterix"
connect = "udp://127.0.0.1:8600"

[[sensors]]
id = "{name}"
kind = "radar_3d"
source = "{source}"
place = {{ latitude = 52.0, longitude = 5.0 }}
sac = 1
sic = 2
"""


def write_site(folder: Path, **devices: str) -> Path:
    (folder / "site.toml").write_text(HEAD)
    (folder / "sensors").mkdir()
    for name, text in devices.items():
        (folder / "sensors" / f"{name}.toml").write_text(text)
    return folder / "site.toml"


def test_sensors_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    devices = {name: DEVICE.format(name=name, source=name) for name in ("north", "south")}
    declared, _ = load_site(write_site(tmp_path, **devices))
    assert [source.id for source in declared.sources] == ["adsb", "north", "south"]
    assert [sensor.id for sensor in declared.sensors] == ["north", "south"]
    assert declared.include == ()


@pytest.mark.parametrize(
    ("change", "file", "line", "why"),
    [
        (('source = "south"', 'source = "west"'), "sensors/south.toml", 9, "'west', which there is not"),
        (("udp://127.0.0.1:8600", "udp://127.0.0.1"), "sensors/south.toml", 4, "needs a host and a port"),
        (('id = "south"', 'id = "north"'), "sensors/south.toml", 2, "two sources are called 'north'"),
        (("latitude = 52.0", "latitude = 152.0"), "sensors/south.toml", 10, "no place on earth"),
        (("sic = 2\n", "sic = 2\nzone = 3\n"), "sensors/south.toml", 13, "unknown key sensors"),
        (("[[sensors]]", "[[zones]]"), "sensors/south.toml", 6, "unknown key zones"),
    ],
)
def test_what_is_wrong_in_an_included_file_is_named_with_its_line(
    tmp_path: Path, change: tuple[str, str], file: str, line: int, why: str
) -> None:
    south = DEVICE.format(name="south", source="south").replace(*change)
    path = write_site(tmp_path, north=DEVICE.format(name="north", source="north"), south=south)
    with pytest.raises(BadConfiguration, match=why) as caught:
        load_site(path)
    assert caught.value.where == f"{tmp_path / file}, line {line}"


def test_a_site_says_which_pattern_fits_no_file(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(HEAD)
    with pytest.raises(BadConfiguration, match="fits no file") as caught:
        load_site(tmp_path / "site.toml")
    assert caught.value.where == f"{tmp_path / 'site.toml'}, line 4"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"connect": "tcp://127.0.0.1:5"}, "does not come in a stream"),
        ({"connect": "udp://127.0.0.1:5", "secret": "env:X"}, "only mqtt and http"),
        ({"connect": "mqtt://host/a", "secret": "hunter2"}, "never the secret itself"),
        ({"connect": "https://host/a", "poll_s": 0.0}, "must be positive"),
        ({"connect": "carrier pigeon"}, "cannot be understood"),
    ],
)
def test_a_way_that_does_not_fit_is_refused(change: dict[str, object], why: str) -> None:
    receiver = Source(id="rid", format=Format.REMOTE_ID, **change)  # type: ignore[arg-type]
    with pytest.raises(BadConfiguration, match=why):
        check_site(Site(id="x", name="x", origin=Place(latitude=52.0, longitude=5.0), sources=(receiver,)), "site.toml")


BIASED = """\
id = "s"
name = "s"
origin = { latitude = 52.0, longitude = 5.0 }
sources = [{ id = "radar", format = "asterix" }]
[[sensors]]
id = "radar"
kind = "radar_3d"
source = "radar"
place = { latitude = 52.0, longitude = 5.0 }
sac = 1
sic = 1
"""


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("bias = { azimuth_deg = 40.0 }", "bias azimuth_deg 40 is beyond 20"),
        ("[sensors.bias]\nrange_m = 3.0\nrange_sigma_m = -1.0", "range_sigma_m -1 must be positive"),
        ("[sensors.bias]\nazimuth = 1.0", "unknown key"),
        ('registration = "maybe"', "registration"),
        ("latency_s = 0.0", "latency_s 0 must be positive"),
    ],
)
def test_a_bias_that_cannot_be_is_refused_with_its_line(tmp_path: Path, lines: str, why: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(BIASED + lines)
    with pytest.raises(BadConfiguration, match=why) as caught:
        load_site(file)
    assert caught.value.where == f"{file}, line {len((BIASED + lines).splitlines())}"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("classification = { memory_s = -1.0 }", "memory_s -1 must be 0 or more"),
        ("[sensors.classification]\nmemory_s = nan", "memory_s nan must be 0 or more"),
        ("[sensors.classification]\nmemory = 1.0", "unknown key"),
        ("classification = { confusion = { bird = { bird = 1.0 } } }", "no classes are read from asterix"),
    ],
)
def test_a_classification_that_cannot_be_is_refused_with_its_line(tmp_path: Path, lines: str, why: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(BIASED + lines)
    with pytest.raises(BadConfiguration, match=why) as caught:
        load_site(file)
    assert caught.value.where == f"{file}, line {len((BIASED + lines).splitlines())}"


def test_a_receiver_of_claims_classifies_nothing(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    receiver = BIASED.replace("radar_3d", "ads_b_receiver")
    file.write_text(receiver + "classification = { memory_s = 1.0 }")
    with pytest.raises(BadConfiguration, match="classifies nothing"):
        load_site(file)


@pytest.mark.parametrize(
    ("confusion", "why"),
    [
        ("{ wyvern = { bird = 1.0 } }", "category 'wyvern'"),
        ("{ bird = { wyvern = 1.0 } }", "category 'wyvern'"),
        ("{ bird = { bird = 0.8, other = 0.3 } }", "of what is a bird it calls 1.1 something"),
        ("{ bird = { bird = -0.1, other = 0.3 } }", "of what is a bird"),
        ("{ bird = {} }", "calls 0 something"),
    ],
)
def test_a_confusion_that_cannot_be_is_refused_with_its_line(tmp_path: Path, confusion: str, why: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        BIASED.replace('"asterix"', '"table", mapping = "m.toml"')
        + f"[sensors.classification]\nconfusion = {confusion}"
    )
    with pytest.raises(BadConfiguration, match=why) as caught:
        load_site(file)
    assert caught.value.where == f"{file}, line 13"


OUTPUTS = (EXAMPLES.parent / "docs" / "guide" / "outputs.md").read_text()


def test_the_outputs_in_the_documentation_hold_together_and_every_setting_is_there() -> None:
    whole, _ = examples_in(GUIDE)
    (outputs,) = examples_in(OUTPUTS)
    declared = loads(whole.replace("[[sources]]", outputs + "\n[[sources]]", 1), Site, where="site.md")
    check_site(declared, "site.md")
    assert [each.id for each in declared.outputs] == ["tower", "command"]
    assert [each.name for each in fields(Output) if f"`{each.name}`" not in OUTPUTS] == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('address = "carrier pigeon"', "cannot be understood"),
        ('address = "mqtt://broker/topic"', "not sent that way"),
        ('what = ["alerts"]', "does not show alerts"),
        ("sac = 256", "between 0 and 255"),
        ('node_id = "me"', "no UUID"),
        ("every_s = 0.0", "at least 0.1"),
    ],
)
def test_an_output_that_cannot_be_is_refused_with_its_line(tmp_path: Path, line: str, why: str) -> None:
    key = line.partition(" ")[0]
    lines = ["[[outputs]]", 'id = "tower"', 'kind = "asterix"', 'address = "udp://127.0.0.1:8600"']
    lines = [each for each in lines if not each.startswith(f"{key} ")] + [line]
    path = tmp_path / "site.toml"
    path.write_text("\n".join(['id = "a"', 'name = ""', "origin = { latitude = 52.0, longitude = 5.0 }", *lines]))
    with pytest.raises(BadConfiguration, match=why) as refused:
        load_site(path)
    assert f"line {3 + len(lines)}" in str(refused.value)

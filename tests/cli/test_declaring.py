"""Figures put into a site file: the rest of the text stays as somebody wrote it."""

from __future__ import annotations

from luchtwacht.cli.declaring import fragment, rewrite
from luchtwacht.config import loads
from luchtwacht.model import Site

TEXT = """\
# a site
id = "s"
name = "s"
origin = { latitude = 52.0, longitude = 5.0 }
sources = [{ id = "net", format = "asterix" }]

[[sensors]]
id = "west"
kind = "radar_3d"      # as bought
source = "net"
place = { latitude = 52.0, longitude = 5.0 }
range_sigma_m = 10.0   # from the brochure
bias = { range_m = 1.0 }

# ------- the other one

[[sensors]]
id = "east"
kind = "radar_3d"
source = "net"
place = { latitude = 52.1, longitude = 5.0 }
[sensors.bias]
time_s = 0.5

[tracking]
coast_s = 3.0
"""


def test_only_the_sensors_named_are_changed() -> None:
    text, left = rewrite(TEXT, {"west": ({"range_sigma_m": 7.5, "azimuth_sigma_deg": 0.4}, {"azimuth_deg": -1.25})})
    site = loads(text, Site, where="site.toml")
    assert left == []
    assert site.sensors[0].range_sigma_m == 7.5
    assert site.sensors[0].azimuth_sigma_deg == 0.4
    assert site.sensors[0].bias.azimuth_deg == -1.25
    assert site.sensors[0].bias.range_m == 0.0
    assert site.sensors[1] == loads(TEXT, Site, where="site.toml").sensors[1]
    assert site.tracking.coast_s == 3.0
    assert "# as bought" in text
    assert "# ------- the other one" in text


def test_a_bias_table_is_replaced() -> None:
    text, _ = rewrite(TEXT, {"east": ({}, {"range_m": 4.0, "range_sigma_m": 0.5})})
    bias = loads(text, Site, where="site.toml").sensors[1].bias
    assert (bias.time_s, bias.range_m, bias.range_sigma_m) == (0.0, 4.0, 0.5)
    assert text.count("[sensors.bias]") == 1


def test_nothing_to_change_changes_nothing() -> None:
    assert rewrite(TEXT, {}) == (TEXT, [])


def test_a_sensor_declared_elsewhere_is_given_back_as_a_fragment() -> None:
    text, left = rewrite(TEXT, {"north": ({"range_sigma_m": 3.0}, {"azimuth_deg": 0.5})})
    assert (text, left) == (TEXT, ["north"])
    assert fragment("north", {"range_sigma_m": 3.0}, {"azimuth_deg": 0.5}).splitlines() == [
        "# sensor north",
        "range_sigma_m = 3",
        "[sensors.bias]",
        "azimuth_deg = 0.5",
    ]

"""The whole evaluation as one HTML file: figures with what they mean, tables, every sheet. No script, no link."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import fields
from html import escape
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from luchtwacht.errors import BadInput
from luchtwacht.evaluation.classes import NAMES, ClassFigures
from luchtwacht.evaluation.compare import comparison_rows
from luchtwacht.evaluation.dti import DEFINITIONS, written
from luchtwacht.evaluation.launches import Traced
from luchtwacht.evaluation.matching import Picture
from luchtwacht.evaluation.paper import PAPER
from luchtwacht.evaluation.plot import draw
from luchtwacht.evaluation.quality import draw_launches, draw_quality
from luchtwacht.evaluation.reliability import Reliability
from luchtwacht.evaluation.reliability_plot import draw_classes
from luchtwacht.evaluation.report import Report
from luchtwacht.model import Category
from luchtwacht.units import format_utc

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE = """
:root{--ink:#1c2430;--faint:#5f6a79;--paper:#fbfaf7;--line:#dfe3e8;--accent:#5c3a9e}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 Inter,system-ui,"Segoe UI",sans-serif}
main{max-width:1180px;margin:0 auto;padding:32px 28px 64px}
h1{font-size:27px;margin:0 0 2px;letter-spacing:-.01em}
h2{font-size:19px;margin:42px 0 6px;padding-top:14px;border-top:1px solid var(--line)}
h3{font-size:15px;margin:22px 0 4px}
p{margin:4px 0 10px;max-width:82ch}
.faint,small{color:var(--faint)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(165px,1fr));gap:12px;margin:20px 0 8px}
.tile{background:#fff;border:1px solid var(--line);border-radius:8px;padding:11px 14px}
.tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
.tile span{color:var(--faint);font-size:12.5px;line-height:1.3;display:block}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:8px 0 16px;background:#fff;font-variant-numeric:tabular-nums}
th,td{padding:5px 12px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;font-size:13px;color:var(--faint)}
td.n,th.n{text-align:right;white-space:nowrap}
td.w{color:var(--faint);font-size:13.5px}
img{width:100%;height:auto;border:1px solid var(--line);border-radius:8px;margin:8px 0}
@media print{main{max-width:none;padding:0}h2{break-before:auto}img,table,.tiles{break-inside:avoid}}
"""
_GROUPS = (
    ("Detection", "detected", "probability_of_detection", "false_alarms_per_hour", "time_to_detect_median_s",
     "time_to_detect_95_s", "detection_range_first_m", "detection_range_longest_m", "detection_height_lowest_m"),
    ("Tracking", "position_error_mean_m", "position_error_95_m", "circular_error_probable_m", "height_error_95_m",
     "continuity", "drops_per_hour", "longest_gap_s", "update_interval_s", "latency_95_s"),
    ("Identification", "classified_as_drone", "classified_right", "others_called_drones", "time_to_identify_median_s"),
)  # fmt: skip


def save_page(
    picture: Picture, reports: dict[str, Report], path: Path, *, title: str, traced: tuple[Traced, ...] = ()
) -> None:
    """Write the page.

    Args:
        picture: of the whole watch.
        reports: its figures under the first name, then those of others to stand beside it.
        traced: take-offs, to be drawn.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        path.write_text(page(picture, reports, title=title, traced=traced), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def page(picture: Picture, reports: dict[str, Report], *, title: str, traced: tuple[Traced, ...] = ()) -> str:
    """The page as HTML."""
    report = next(iter(reports.values()))
    launches = draw_launches(traced, picture)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p class='faint'>{escape(_when(picture, report))}</p>",
        _tiles(report),
        _image(draw(picture, report, title=title), "Map, error, height and who saw it"),
        "<h2>Detection, tracking, identification</h2>",
        "<p>From the drones' own logs, in the order of CWA 18150:2024 (Counter UAS, testing methodology). The text of "
        "the agreement is not public; the definitions below are ours, and say exactly what was counted. A page like "
        "this is in the style of the agreement and no claim of conformity with it.</p>",
        _dti(report),
        "<h2>All figures</h2>",
        f"<p>A track counts when it is confirmed or coasted, rests on measurements, and is within {report.gate_m:g} m "
        "of the truth. GOSPA with c = 100 m, p = 2, α = 2; SIAP as of 2001; OSPA(2) as of 2020.</p>",
        _table(comparison_rows(reports)),
        "<h2>How far to trust it</h2>",
        _image(draw_quality(picture, report, title=title), "GOSPA, consistency, delays, reliability, take-offs"),
        _reliability(report.existence),
        _reliability(report.category),
        "<h2>What kind of thing</h2>",
        "<p>Of confirmed and coasted tracks near something true. Each category is judged against the rest, and the "
        "likeliest one as a person reads it. Rows of one thing are much alike: of few things little can be said.</p>",
        _image(draw_classes(report.classes, title=title), "Reliability of each category, and what was called what"),
        _classes(report.classes),
        *(_reliability(each) for each in (report.classes.top, *report.classes.each)),
    ]
    if report.launches.launches:
        parts += ["<h2>Take-offs</h2>", "<p>An area, never an actor. The star is where it really left.</p>"]
        parts += [_image(launches, "Take-off areas")] if launches else []
        parts.append(_launches(report))
    if len(report.objects) <= 200:
        parts += ["<h2>Each drone</h2>", _objects(report)]
    parts += ["<h2>Each sensor alone</h2>", _sensors(report)]
    body = "\n".join(parts)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _when(picture: Picture, report: Report) -> str:
    if not len(picture.times):
        return f"{picture.site.name} · no drone of the truth flew while the watch said anything"
    return (
        f"{picture.site.name} · {format_utc(int(picture.times[0]))} to {format_utc(int(picture.times[-1]))} · "
        f"{report.drones} drone{'s' if report.drones != 1 else ''}, {report.flight_s:.0f} s of flight"
    )


def _tiles(report: Report) -> str:
    dti = report.dti
    shown = (
        (written("x", report.covered), f"of flight time with a track within {report.gate_m:g} m"),
        (f"{_plain(report.error_median_m, 0)} m", f"median error on the map; 95 %: {_plain(report.error_95_m, 0)} m"),
        (f"{_plain(report.report_to_confirmed_median_s, 1)} s", "from the first report to a confirmed track"),
        (_plain(report.false_drone_tracks_per_hour, 1), "false drones an hour"),
        (_plain(report.tracks_per_drone, 1), "track numbers a drone"),
        (written("x", dti.classified_as_drone), "of the time known to be a drone"),
        (f"{_plain(report.latency.receive.p95_s, 2)} s", "from receipt to conclusion, 95 %"),
        (f"{_plain(report.gospa_2d.mean_m, 0)} m", "GOSPA on the map"),
    )
    tiles = "".join(
        f"<div class='tile'><b>{escape(value)}</b><span>{escape(what)}</span></div>" for value, what in shown
    )
    return f"<div class='tiles'>{tiles}</div>"


def _plain(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if isfinite(value) else "-"


def _dti(report: Report) -> str:
    known = {each.name for each in fields(report.dti)}
    parts = []
    for name, *figures in _GROUPS:
        rows = [["figure", "", "what was counted"]]
        for figure in figures:
            assert figure in known
            value = getattr(report.dti, figure)
            rows.append([_words(figure), written(figure, value), DEFINITIONS[figure]])
        parts.append(f"<h3>{name}</h3>{_table(rows, numbers={1}, quiet={2})}")
    return "".join(parts)


def _words(name: str) -> str:
    """`time_to_detect_95_s` as words."""
    text = name.removesuffix("_m").removesuffix("_s").removesuffix("_per_hour").replace("_", " ")
    return text.replace(" 95", ", 95 %").replace(" median", ", median").capitalize()


def _reliability(found: Reliability) -> str:
    rows = [["probability", "judgements", "said", "was so", "95 %, if independent"]]
    rows += [
        [
            f"{each.low:g} to {each.high:g}",
            f"{each.count:,}",
            f"{each.said:.3f}",
            f"{each.was:.3f}",
            f"{each.was_low:.3f} to {each.was_high:.3f}",
        ]
        for each in found.bins
        if each.count
    ]
    note = (
        f"Calibration error {_plain(found.calibration_error, 3)}. Brier score {_plain(found.brier, 3)} = "
        f"miscalibration {_plain(found.miscalibration, 3)} - resolution {_plain(found.resolution, 3)} + uncertainty "
        f"{_plain(found.uncertainty, 3)} + spread within the rows below {_plain(found.within, 3)}."
    )
    return f"<h3>Probability of: {escape(found.of)}</h3><p>{note}</p>{_table(rows)}"


def _classes(found: ClassFigures) -> str:
    """What truly was so, by what it was called."""
    rows = [["was", "things", *(f"called {name}" for name in NAMES.values())]]
    rows += [
        [NAMES[each], f"{found.objects[each]:,}", *(f"{count:,}" for count in found.called[each])] for each in Category
    ]
    note = f"The likeliest was right in {written('x', found.right)}; Brier score of all five {_plain(found.brier, 3)}."
    return f"<h3>What was called what</h3><p>{note}</p>{_table(rows)}"


def _launches(report: Report) -> str:
    rows = [
        [
            "drone",
            "track",
            "extent",
            "first seen after",
            "error",
            "expected",
            "in 50 %",
            "in 90 %",
            "time off",
            "in interval",
        ]
    ]
    rows += [
        [
            each.object,
            str(each.track),
            each.extent,
            f"{each.first_seen_after_s:.1f} s",
            f"{_plain(each.error_m, 0)} m",
            f"{_plain(each.expected_error_m, 0)} m",
            _yes(each.in_half),
            _yes(each.in_most),
            f"{_plain(each.time_error_s, 1)} s",
            _yes(each.in_time),
        ]
        for each in report.launches.launches
    ]
    return _table(rows)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _objects(report: Report) -> str:
    rows = [["drone", "flight", "with a track", "track numbers", "switches", "confirmed after", "after first report"]]
    rows += [
        [
            each.object,
            f"{each.flight_s:.0f} s",
            written("x", each.covered),
            str(each.tracks),
            str(each.switches),
            f"{_plain(each.confirmed_after_s, 1)} s",
            f"{_plain(each.report_to_confirmed_s, 1)} s",
        ]
        for each in report.objects
    ]
    return _table(rows)


def _sensors(report: Report) -> str:
    rows = [["sensor", "reports", "near a drone", "periods seen", "range bias | sigma", "azimuth bias | sigma",
             "elevation bias | sigma", "position, median | 95 %", "latency, median | 95 %"]]  # fmt: skip
    rows += [
        [
            each.sensor,
            f"{each.reports:,}",
            f"{each.near:,}",
            written("x", each.seen_share),
            f"{_plain(each.range_bias_m, 1)} | {_plain(each.range_sigma_m, 1)} m",
            f"{_plain(each.azimuth_bias_deg, 2)} | {_plain(each.azimuth_sigma_deg, 2)}°",
            f"{_plain(each.elevation_bias_deg, 2)} | {_plain(each.elevation_sigma_deg, 2)}°",
            f"{_plain(each.position_median_m, 0)} | {_plain(each.position_95_m, 0)} m",
            f"{_plain(each.latency_median_s, 2)} | {_plain(each.latency_95_s, 2)} s",
        ]
        for each in report.sensors
    ]
    return _table(rows)


def _table(rows: list[list[str]], numbers: set[int] | None = None, quiet: set[int] | None = None) -> str:
    """The first row is the heading; all but the first column are numbers unless told otherwise."""

    def kind(column: int) -> str:
        if quiet and column in quiet:
            return " class='w'"
        return " class='n'" if (column in numbers if numbers is not None else column > 0) else ""

    def line(cells: Iterable[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}{kind(k)}>{escape(cell)}</{tag}>" for k, cell in enumerate(cells)) + "</tr>"

    heading, *rest = rows
    body = "".join(line(each, "td") for each in rest)
    return f"<div class='wide'><table><thead>{line(heading, 'th')}</thead><tbody>{body}</tbody></table></div>"


def _image(figure: Figure, what: str) -> str:
    """A figure inside the page."""
    held = BytesIO()
    figure.savefig(held, format="png", dpi=110, facecolor=PAPER)
    return f"<img alt='{escape(what)}' src='data:image/png;base64,{b64encode(held.getvalue()).decode()}'>"

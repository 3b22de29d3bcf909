"""Reports side by side: the whole watch beside each sensor alone, one tracker beside another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite

from rich.table import Table

from luchtwacht.evaluation.classes import NAMES
from luchtwacht.evaluation.report import Report
from luchtwacht.model import Category


def _error_of(report: Report, *, category: Category) -> float:
    """Of the probability of one category against the rest."""
    return report.classes.each[category].calibration_error


_ROWS: tuple[tuple[str, Callable[[Report], float], str], ...] = (
    ("flight time, s", lambda r: r.flight_s, "{:.0f}"),
    ("with a track within {gate:g} m, %", lambda r: 100 * r.covered, "{:.1f}"),
    ("  of which confirmed at that moment, %", lambda r: 100 * r.covered_confirmed, "{:.1f}"),
    ("  of which likeliest a drone, %", lambda r: 100 * r.covered_as_drone, "{:.1f}"),
    ("reported in the latest 5 s, %", lambda r: 100 * r.reported, "{:.1f}"),
    ("  of which with such a track, %", lambda r: 100 * r.reported_covered, "{:.1f}"),
    ("position error, median, m", lambda r: r.error_median_m, "{:.1f}"),
    ("position error, 95 %, m", lambda r: r.error_95_m, "{:.1f}"),
    ("height error, median, m", lambda r: r.height_error_median_m, "{:.1f}"),
    ("false confirmed tracks an hour", lambda r: r.false_tracks_per_hour, "{:.1f}"),
    ("  of which mostly drones", lambda r: r.false_drone_tracks_per_hour, "{:.1f}"),
    ("confirmed after take-off, s", lambda r: r.confirmed_after_median_s, "{:.1f}"),
    ("confirmed after first report, s", lambda r: r.report_to_confirmed_median_s, "{:.1f}"),
    ("tracks a drone", lambda r: r.tracks_per_drone, "{:.1f}"),
    ("identity switches", lambda r: r.switches, "{:.0f}"),
    ("  of 1,000 moments with a track", lambda r: r.switches_per_1000, "{:.1f}"),
    ("recognised after a loss", lambda r: r.recognised, "{:.0f}"),
    ("of these, another object", lambda r: r.recognised_wrongly, "{:.0f}"),
    ("GOSPA, m (2-D)", lambda r: r.gospa_2d.mean_m, "{:.1f}"),
    ("  of its square: localisation, %", lambda r: 100 * r.gospa_2d.localisation_share, "{:.0f}"),
    ("  of its square: missed, %", lambda r: 100 * r.gospa_2d.missed_share, "{:.0f}"),
    ("  of its square: false, %", lambda r: 100 * r.gospa_2d.false_share, "{:.0f}"),
    ("GOSPA, m (3-D)", lambda r: r.gospa_3d.mean_m, "{:.1f}"),
    ("OSPA(2), m, windows of 30 s", lambda r: r.ospa2.mean_m, "{:.1f}"),
    ("SIAP completeness, %", lambda r: 100 * r.siap.completeness, "{:.1f}"),
    ("SIAP ambiguity", lambda r: r.siap.ambiguity, "{:.2f}"),
    ("SIAP spuriousness, %", lambda r: 100 * r.siap.spuriousness, "{:.1f}"),
    ("SIAP position accuracy, m", lambda r: r.siap.position_accuracy_m, "{:.1f}"),
    ("SIAP velocity accuracy, m/s", lambda r: r.siap.velocity_accuracy_m_s, "{:.1f}"),
    ("SIAP track changes an hour", lambda r: r.siap.track_changes_per_hour, "{:.1f}"),
    ("SIAP longest track segment, %", lambda r: 100 * r.siap.longest_share, "{:.1f}"),
    ("ANEES, horizontal", lambda r: r.nees_horizontal.average, "{:.2f}"),
    ("ANEES, 3-D", lambda r: r.nees_3d.average, "{:.2f}"),
    ("existence: calibration error", lambda r: r.existence.calibration_error, "{:.3f}"),
    ("existence: Brier score", lambda r: r.existence.brier, "{:.3f}"),
    ("drone or not: calibration error", lambda r: r.category.calibration_error, "{:.3f}"),
    ("likeliest category right, %", lambda r: 100 * r.classes.right, "{:.1f}"),
    ("  its probability: calibration error", lambda r: r.classes.top.calibration_error, "{:.3f}"),
    ("five categories: Brier score", lambda r: r.classes.brier, "{:.3f}"),
    *((f"  {NAMES[each]}: calibration error", partial(_error_of, category=each), "{:.3f}") for each in Category),
    ("report to conclusion, receipt, 95 %, s", lambda r: r.latency.receive.p95_s, "{:.2f}"),
    ("take-offs placed", lambda r: r.launches.placed, "{:.0f}"),
    ("take-off error, median, m", lambda r: r.launches.error_median_m, "{:.0f}"),
    ("  in the 90 % area, %", lambda r: 100 * r.launches.in_most, "{:.0f}"),
    ("intrusions alerted", lambda r: len(r.alerts.crossings) - r.alerts.missed, "{:.0f}"),
    ("intrusions missed", lambda r: r.alerts.missed, "{:.0f}"),
    ("false alerts", lambda r: r.alerts.false, "{:.0f}"),
    ("alert after crossing, median, s", lambda r: r.alerts.delay_median_s, "{:.1f}"),
)


def comparison_rows(reports: dict[str, Report]) -> list[list[str]]:
    """A heading row, then one row a figure: its name, then its value in each report; "-" where there is none."""
    gate = next(iter(reports.values())).gate_m if reports else 0.0
    rows = [["", *reports]]
    for name, figure, form in _ROWS:
        values = [figure(report) for report in reports.values()]
        rows.append([name.format(gate=gate), *[form.format(value) if isfinite(value) else "-" for value in values]])
    return rows


def compare(reports: dict[str, Report], title: str = "") -> Table:
    """The reports side by side, as a Rich table."""
    heading, *rows = comparison_rows(reports)
    table = Table(title=title or None, title_justify="left")
    table.add_column(heading[0])
    for name in heading[1:]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row)
    return table

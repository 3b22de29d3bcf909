"""Restart to first alert: how long after an end a watch has its picture again, by the length of its journal.

    python bench/restart.py                    journals of a minute and an hour
    python bench/restart.py --hours 24         and of a day (1.3 GB, two minutes to make)

The journal holds a capital at night. Its last 70 s are a real run with its snapshots, killed just before the next one
was due; everything before them has the same entries over and over in chunks as small as a live watch makes them (what
they say is never looked at, which is what is measured here). Then, in a fresh process each time:

    open       the writer takes the journal over, cuts what was torn, checks its end
    state      the newest snapshot is found and the pipeline stands where it was taken
    again      the inputs since are run again; every alert that stands is there
    page       `luchtwacht run` as a whole: from the start of the process until the API answers
    alert      until the API gives the first alert: what stood when the watch ended
    ready      until the inputs since are run again, and the watch takes in new ones
    CPU        processor time of that process until then, which neighbours on the machine disturb less
    whole      for comparison, a minute alone: everything from the beginning, without snapshots
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

from luchtwacht.cli.simulate import site_text
from luchtwacht.ingest import load_site
from luchtwacht.journal import EntryKind, JournalWriter, read_entries
from luchtwacht.model import Frames, Site
from luchtwacht.model.encoding import encode_site
from luchtwacht.pipeline import Pipeline
from luchtwacht.runtime.feed import PlayedFeed, to_inputs
from luchtwacht.runtime.snapshots import Cadence
from luchtwacht.simulation import embedded_scenario, read_scenario, simulate
from luchtwacht.units import SECOND_NS, seconds_to_ns

START_NS = 1_777_765_200 * SECOND_NS
LAST_S = 69.5
PORT = 8713


def make_site(folder: Path) -> tuple[Path, Site]:
    """The scenario's site as a file."""
    path = embedded_scenario()
    scenario = read_scenario(path)
    place = folder / "site.toml"
    place.write_text(site_text(path), encoding="utf-8")
    shutil.copyfile(path.parent / scenario.site.base_map, folder / scenario.site.base_map)
    return place, load_site(place)[0]


def run_last(writer: JournalWriter, site: Site, first: int, start_ns: int) -> None:
    """The last seconds, as a watch runs and records them, a commit a moment; the end comes without warning."""
    scenario = read_scenario(embedded_scenario())
    end_ns = start_ns + seconds_to_ns(LAST_S)
    feed = PlayedFeed(
        lambda: takewhile(lambda each: each[0] < end_ns, simulate(scenario, start_ns)),
        step_ns=seconds_to_ns(site.step_s),
        settle_ns=0,
    )
    pipeline, cadence, sequence, last_ns = Pipeline(site), Cadence(site), first, 0
    for moment in feed.moments():
        for inputs, due in cadence.cut(to_inputs(moment, sequence)):
            if due:
                writer.snapshot(sequence - 1, last_ns, pipeline.snapshot())
            for each in inputs:
                if isinstance(each, Frames):
                    writer.frames(each)
                    sequence, last_ns = int(each.sequence[-1]) + 1, int(each.received_ns[-1])
                else:
                    writer.tick(each)
                    sequence, last_ns = each.sequence + 1, each.received_ns
            writer.events(sequence - 1, last_ns, pipeline.step(inputs))
        writer.commit()


def make_journal(folder: Path, site: Site, span_s: float) -> None:
    """A journal of this length that nobody closed."""
    with tempfile.TemporaryDirectory() as kept:
        pattern = Path(kept)
        writer = JournalWriter(pattern)
        writer.open_run(encode_site(site), {}, START_NS)
        run_last(writer, site, 1, START_NS)
        writer.close()
        entries = [each for each in read_entries(pattern) if each.kind is not EntryKind.SITE]
    inputs = entries[-1].sequence
    rounds = int((span_s - LAST_S) // LAST_S)
    writer = JournalWriter(folder, chunk_entries=4)
    writer.open_run(encode_site(site), {}, START_NS)
    for number in range(rounds):
        later, further = number * seconds_to_ns(LAST_S), number * inputs
        moved = [
            (
                type(each)(each.kind, each.sequence + further, each.time_ns + later, each.source, each.data),
                each.kind is EntryKind.SNAPSHOT,
            )
            for each in entries
        ]
        writer._add_marked(moved)
        writer._last_input = (number + 1) * inputs
        writer.commit()
    run_last(writer, site, rounds * inputs + 1, START_NS + rounds * seconds_to_ns(LAST_S))
    writer._lock.release()  # as a kill leaves it: no end, no checkpoint


_STEPS = """
import json, sys, time
from pathlib import Path
from luchtwacht.ingest import load_site
from luchtwacht.kernels import warm
from luchtwacht.model import AlertChanged
from luchtwacht.runtime.watch import open_journal
from luchtwacht.runtime import recorded
from luchtwacht.runtime.snapshots import last_start
for _ in warm(): pass
site, mappings = load_site(Path(sys.argv[1]))
folder, times = Path(sys.argv[2]), [time.perf_counter()]
writer = open_journal(folder, site, mappings, 1)
times.append(time.perf_counter())
read = recorded.journal(folder)
start = last_start(folder, read, site, mappings)
times.append(time.perf_counter())
alerts = {each.alert.id: each.alert for each in start.pipeline.standing() if isinstance(each, AlertChanged)}
inputs = 0
for each in recorded.inputs(read, start.period, start.after):
    inputs += len(each) if hasattr(each, "payloads") else 1
    for said in start.pipeline.step([each]):
        if isinstance(said, AlertChanged): alerts[said.alert.id] = said.alert
times.append(time.perf_counter())
writer.close()
print(json.dumps({"times": times, "inputs": inputs, "alerts": len(alerts), "snapshot": start.from_snapshot}))
"""


def steps(site: Path, journal: Path) -> tuple[list[float], dict[str, int]]:
    """Seconds of each step in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", _STEPS, str(site), str(journal)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return [after - before for before, after in zip(found["times"], found["times"][1:], strict=False)], found


class Command(NamedTuple):
    """Seconds from the start of `luchtwacht run`."""

    page: float
    alert: float
    ready: float
    cpu: float


def command(site: Path, journal: Path) -> Command:
    """`luchtwacht run`, with byte code beside its modules as an installed package has it."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    used, began = _children_cpu(), time.perf_counter()
    watch = subprocess.Popen(
        [
            *(sys.executable, "-m", "luchtwacht", "run", "--site", str(site)),
            *("--journal", str(journal), "--port", str(PORT)),
        ],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment | {"PYTHONPYCACHEPREFIX": str(site.parent / "bytecode")},
    )
    page = alert = ready = 0.0
    try:
        while not (alert and ready):
            time.sleep(0.01)
            if time.perf_counter() - began > 300.0 or watch.poll() is not None:
                raise SystemExit("the watch ended, or gave no alert within five minutes")
            alerts, health = _asked("alerts"), _asked("health")
            now = time.perf_counter() - began
            page = page or (now if alerts is not None else 0.0)
            alert = alert or (now if alerts else 0.0)
            ready = ready or (now if health and not health["status"]["preparing"] else 0.0)
    finally:
        watch.kill()
        watch.wait()
    return Command(page, alert, ready, _children_cpu() - used)


def _asked(what: str) -> Any:
    """What the API says; none while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/{what}", timeout=1.0) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return json.loads(error.read())
    except OSError:
        return None


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, default=Path())
    chosen = parser.parse_args()
    columns = "open", "state", "again", "sum", "page", "alert", "ready", "CPU"
    print(f"{'journal':>9} {'size':>9} " + " ".join(f"{name:>8}" for name in columns))
    with tempfile.TemporaryDirectory(dir=chosen.folder) as kept:
        place, site = make_site(Path(kept))
        spans = [LAST_S, *(3600.0 * hours for hours in sorted({1.0, chosen.hours}))]
        for span_s, declared in [(LAST_S, replace(site, snapshot_s=0.0)), *((span, site) for span in spans)]:
            journal = Path(kept) / f"{span_s:.0f}-{declared.snapshot_s:.0f}"
            own = place
            if declared is not site:
                own = place.with_name("whole.toml")
                own.write_text("snapshot_s = 0\n" + place.read_text(encoding="utf-8"), encoding="utf-8")
            make_journal(journal, declared, span_s)
            size = sum(each.stat().st_size for each in (journal / "segments").iterdir())
            copy = journal.with_name(journal.name + "-copy")
            shutil.copytree(journal, copy)
            took, found = steps(own, journal)
            shutil.rmtree(journal)
            shutil.copytree(copy, journal)
            assert found["snapshot"] == (declared is site)
            for attempt in range(2):  # the first makes the byte code
                if attempt:
                    shutil.rmtree(journal)
                    shutil.copytree(copy, journal)
                whole = command(own, journal)
            name = f"{span_s:,.0f} s" if declared is site else "whole"
            print(
                f"{name:>9} {size / 1e6:6.1f} MB {took[0]:6.2f} s {took[1]:6.2f} s {took[2]:6.2f} s {sum(took):6.2f} s "
                + "".join(f"{seconds:6.2f} s " for seconds in whole)
                + f"  {found['inputs']:,} inputs again, {found['alerts']} alerts",
                flush=True,
            )
            shutil.rmtree(copy)
            shutil.rmtree(journal)


if __name__ == "__main__":
    main()

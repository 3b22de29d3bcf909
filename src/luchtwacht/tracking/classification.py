"""What kind of thing it is: from motion, radar cross-section and the sensors' own opinions, over time.

Naive Bayes over wide likelihoods with thick tails. What is true of an object for as long as it flies (height, mean
cross-section, how it moves) counts once, as memory holds it; how it moves counts again after as long as it takes to say
something new; nothing at every report. A spell of standing still counts by its length. Opinions are tempered because
successive opinions of one sensor on one object say much the same. Claims play no part here.

The figures are round numbers on purpose.
- Radar cross-section, S and X band, all aspects: birds from songbird to goose -40 to -15 dBsm, drones of up to 25 kg
  -30 to -5 dBsm (five of them at 24 GHz -19 to -8 dBsm; IEICE ComEx 9-7, 2020XBL0018), crewed aircraft above 0 dBsm.
  Means of logarithms lie 2.5 dB below that: echoes are about exponential.
- Speed over ground: cruising birds 8 to 23 m/s in still air (138 species; Alerstam and others 2007, doi
  10.1371/journal.pbio.0050197), less where they feed; multirotors 0 to 20 m/s, small fixed wings 15 to 30 m/s.
- Other things are mostly on the ground and stay there: vehicles, boats, people, what turns or sways. A person's cross-
  section is about 0 dBsm, a car's 20 dBsm (M. Skolnik, Introduction to Radar Systems, 2nd edition 1981, table 2.2).
- Height, above the ground under it: most drones under the 120 m of the open category (EU 2019/947, UAS.OPEN.010(2));
  birds at any.
- Standing still over ground is what a multirotor can do for ever; a kestrel or a gull in the wind does it for seconds.
"""

from __future__ import annotations

import numpy as np

from luchtwacht.kernels import classes as k
from luchtwacht.kernels._jit import Array
from luchtwacht.model import Category, Floats, Grounds, Site, Tracks
from luchtwacht.model.sight import ground_up

PRIOR = {
    Category.MULTIROTOR: 0.31,
    Category.FIXED_WING_DRONE: 0.05,
    Category.BIRD: 0.43,
    Category.CREWED_AIRCRAFT: 0.08,
    Category.OTHER: 0.13,
}
TRAITS = {
    # standing: m/s and share of time; speed m/s; height above ground m; climb m/s; waver; cross-section dBsm; still s
    Category.MULTIROTOR: (0.0, 1.5, 0.20, 10.0, 6.0, 80.0, 80.0, 0.0, 1.2, 0.15, 0.25, -17.5, 6.0, 400.0),
    Category.FIXED_WING_DRONE: (0.0, 1.5, 0.01, 21.0, 6.0, 120.0, 100.0, 0.0, 1.2, 0.15, 0.25, -17.5, 6.0, 4.0),
    Category.BIRD: (0.0, 1.5, 0.03, 11.0, 5.0, 70.0, 120.0, 0.0, 1.2, 0.45, 0.25, -28.0, 6.0, 8.0),
    Category.CREWED_AIRCRAFT: (0.0, 1.5, 0.03, 60.0, 20.0, 400.0, 400.0, 0.0, 3.0, 0.10, 0.20, 6.0, 8.0, 60.0),
    Category.OTHER: (0.0, 2.0, 0.30, 12.0, 25.0, 5.0, 40.0, 0.0, 1.0, 0.40, 0.40, 2.0, 12.0, 400.0),
}
"""a row of `kernels.classes`: mean and spread of speed while it stands, share of time for which it does, then mean and
spread of speed in flight, height, climb, waver and cross-section, and how long it stands still on average"""
LOG_PRIOR = np.log([PRIOR[category] for category in Category])
TABLE = np.array([TRAITS[category] for category in Category])
OPINION_FLOOR = 0.02
"""share of every category in any opinion: no sensor is certain"""
USED = 0.5
"""association probability from which a detection's opinion counts"""
LAND_M = 40_000.0
"""half the side of the square that a site's terrain is held for: `Site.terrain` reaches no farther"""
LAND_CELLS = 512


def land(site: Site) -> tuple[Floats, Floats]:
    """The ground of a site as `kernels.classes.ground_at` reads it: up coordinates (m) on a net, and where that lies.

    One cell where the site declares no terrain. Laid out once, in the site's own frame, so that a track costs an
    interpolation and no turn to latitude and longitude. Cells are as wide as the terrain's, but at most `LAND_CELLS`.
    """
    if site.terrain is None:
        return np.full((1, 1), site.ground_up), np.array([0.0, 0.0, 1.0])
    step = max(site.terrain.step_latitude * 111_195.0, 2.0 * LAND_M / LAND_CELLS)
    count = int(np.ceil(LAND_M / step))
    along = step * np.arange(-count, count + 1, dtype=np.float64)
    points = np.stack([*np.meshgrid(along, along), np.full((len(along), len(along)), site.ground_up)], axis=-1)
    return ground_up(site, points), np.array([along[0], along[0], step])


def grounds_of(real: Array, whole: Array, row: int, said: Tracks, net: Floats, lie: Floats) -> Grounds:
    """What the category of Bernoulli `row` rests on; `said` is the one row that was said of it, `net` and `lie` as
    `land` gives them."""
    parts, facts = np.empty((k.GROUNDS, len(Category))), np.empty(k.FACTS)
    k.grounds(real, whole, row, said.x[0], said.P[0], net, lie, TABLE, LOG_PRIOR, parts, facts)
    known = [None if value != value else value for value in facts.tolist()]
    rows = [tuple(each) for each in parts.tolist()]
    return Grounds(
        track=int(said.track[0]),
        time_ns=int(said.time_ns[0]),
        probability=tuple(said.category_probability[0].tolist()),
        prior=rows[k.GROUND_PRIOR],
        opinions=rows[k.GROUND_OPINIONS],
        motion=rows[k.GROUND_MOTION],
        still=rows[k.GROUND_STILL],
        height=rows[k.GROUND_HEIGHT],
        size=rows[k.GROUND_RCS],
        speed=known[k.FACT_SPEED],
        waver=known[k.FACT_WAVER],
        climb=known[k.FACT_CLIMB],
        span_s=facts[k.FACT_SPAN].item(),
        still_s=facts[k.FACT_STILL].item(),
        above_ground=known[k.FACT_HEIGHT],
        rcs_db=known[k.FACT_RCS],
        rcs_reports=facts[k.FACT_COUNT].item(),
    )

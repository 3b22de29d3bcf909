"""Which column of the tracker's arrays holds what. Kernels and `tracking/` share these numbers and nothing else.

A Bernoulli (one possible object) is a row in each of four arrays:

    state (n * modes, 27)   one Gaussian a motion mode: position p, velocity v and the blocks of their covariance
                                [ A  B ]   A = cov(p, p), symmetric, 6 numbers (xx xy xz yy yz zz)
                                [ B' C ]   B = cov(p, v), 9 numbers by rows;  C = cov(v, v), 6 numbers
    real  (n, REALS)        existence, mode probabilities and running means; as `state`, in single precision
    whole (n, WHOLES)       numbers, times and counts
    looks (n, ...)          by sensor: time of the last look, time of the last contribution, the sensor's own track,
                            and half a number each for what it last said of it (`opinions.columns`)

A detection of one look is a row of `plots` (n, PLOT_COLUMNS) and an entry of `kinds`.
"""

from __future__ import annotations

ROW = 27
"""numbers in one Gaussian"""
P0, V0, A0, B0, C0 = 0, 3, 6, 12, 21

EXISTENCE, BIRTH, RCS_SUM, RCS_COUNT, RCS_SPREAD, CLASS0, MODE0 = 0, 1, 2, 3, 4, 5, 10
MEAN_U, MEAN_V, MEAN_W, SQUARE, NOISE, LAST_U, LAST_V, STILL, STILLEST, SPAN, MOTION0 = range(13, 24)
SILENCE = 28
REALS = 29
GLIMPSE_REALS = MODE0 + 1
"""CLASS0, MODE0 and MOTION0 begin five, three and five columns. SILENCE is the probability that no look since UPDATED
held a report of the object: support that is split over several looks or bearings adds up in it, as 1 - prod(1 - q).
RCS_SPREAD is a sum of squares about the mean. What `kernels.classes` follows: MEAN_U to NOISE describe the motion by
mean velocity, square of the speed and variance of one component of its estimate; LAST is the velocity at the last look;
STILL is for how long it has stood still, STILLEST the longest that it did; MOTION0 holds sums of log-likelihoods by
category, whose weights add up to SPAN seconds. A glimpse needs the first of them only"""

NUMBER, STATUS, STARTED, CONFIRMED, UPDATED, UPDATES, FIRST, HEIGHT, BORN_OF, FELT = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
WHOLES = 10
"""FELT is the time of the last look that was counted in the description of the motion, 0 before"""

FIX, PLANE, BEARING, DIRECTION, DISTANCE, NOTHING = 0, 1, 2, 3, 4, -1
"""kinds of plot: position in space; range and azimuth; azimuth; azimuth and elevation; range; unusable"""

X, Y, Z = 0, 1, 2
R0 = 3
RANGE, AZIMUTH, ELEVATION, RATE = 9, 10, 11, 12
RANGE_VAR, AZIMUTH_VAR, ELEVATION_VAR, RATE_VAR = 13, 14, 15, 16
DT, LEVEL_DB, RCS_DB = 17, 18, 19
CLUTTER, UNDETECTED = 20, 21
UP_MEASURED = 22
PLOT_COLUMNS = 24
"""the last is not used: a row begins where a line of the cache does"""

SENSOR_PD, SENSOR_RANGE_MIN, SENSOR_RANGE_MAX, SENSOR_AZIMUTH, SENSOR_SPAN = 0, 1, 2, 3, 4
SENSOR_LOWEST, SENSOR_HIGHEST, SENSOR_BLIND, SENSOR_REACH, SENSOR_PERIOD_S = 5, 6, 7, 8, 9
SENSOR_ABOVE_FROM, SENSOR_ABOVE_STEP, SENSOR_THRESHOLD = 10, 11, 12
SENSOR_MEMORY_S = 13
SENSOR_COLUMNS = 14
"""LOWEST and HIGHEST are sines of elevation; REACH is the range (m) at which what is learnt by place ends; ABOVE_FROM
and ABOVE_STEP (rad) say where the layers of elevation lie in which false plots are counted; THRESHOLD is the signal
over noise (a ratio of powers) from which it reports, NaN when that was not declared; MEMORY_S is for how long it says
the same of one object, NaN when not declared"""

(
    RULE_SHOWN, RULE_MENTIONED, RULE_FIRST_LEAST, RULE_FIRST_MOST, RULE_SPEED, RULE_CLIMB, RULE_INFLATE,
    RULE_HEIGHT, RULE_OPINION_USED, RULE_OPINION_FLOOR, RULE_MEMORY_LOOKS, RULE_MEMORY_S, RULE_LEAST_STARTS,
    RULE_FIRST_DOUBT, RULE_LIFETIME_S, RULE_FADED, RULE_ENDED_S,
) = range(17)  # fmt: skip
RULES = 17
"""what the whole tracker goes by; `tracking/tracker.py` says what each is"""

FALSE, LOOKS, STARTS, WATCHED, UNSEEN, SHARE, AROUND, ABOVE, RATES = 0, 1, 2, 3, 4, 5, 6, 7, 8
STRONG, STRONG_COUNT, STRONG_FALSE, STRONG_FALSE_COUNT = 9, 10, 11, 12
MEMORY0, MEMORIES = 13, 6
BEGUN = 19
LEARNT = 20
"""running sums of one sensor: false plots, looks, new objects, seconds watched, objects not seen yet, periods since the
look before, and the totals of the three histograms; then by how much echoes of objects and false plots exceeded the
threshold, and how many they were; from MEMORY0 on MEMORIES logarithms, as `kernels.opinions` says; and how many objects
were seen to begin, by place in `sight`"""

"""SIAP by loops over moments, from the report's symbols (Votruba et al. 2001): slow and obvious."""

from __future__ import annotations

Assigned = list[dict[int, int]]
"""at every time: object (-1 for none) of each track"""


def siap(objects: list[set[int]], assigned: Assigned) -> dict[str, float]:
    """Completeness, ambiguity, spuriousness, track changes a moment tracked, and longest share."""
    J = sum(len(there) for there in objects)
    JT = sum(len(set(now.values()) - {-1}) for now in assigned)
    N = sum(len(now) for now in assigned)
    NA = sum(sum(each >= 0 for each in now.values()) for now in assigned)
    changes, longest = 0, 0
    for one in sorted(set().union(*objects)):
        changes += max(fewest(one, assigned) - 1, 0)
        longest += max((length for _, length in stays(one, assigned)), default=0)
    return {
        "completeness": JT / J,
        "ambiguity": NA / JT,
        "spuriousness": (N - NA) / N,
        "changes": changes / JT,
        "longest": longest / J,
    }


def stays(one: int, assigned: Assigned) -> list[tuple[int, int]]:
    """First time and length of every stay of a track with this object."""
    found = []
    for track in sorted({track for now in assigned for track in now}):
        length = 0
        for time, now in enumerate([*assigned, {}]):
            if now.get(track) == one:
                length += 1
            elif length:
                found.append((time - length, length))
                length = 0
    return found


def fewest(one: int, assigned: Assigned) -> int:
    """The least number of stays that cover every time at which it has a track: all subsets, small ones first."""
    from itertools import combinations

    wanted = {time for time, now in enumerate(assigned) if one in now.values()}
    every = [set(range(first, first + length)) for first, length in stays(one, assigned)]
    for count in range(len(every) + 1):
        if any(wanted <= set().union(*chosen) for chosen in combinations(every, count)):
            return count
    raise AssertionError("all of them cover everything")

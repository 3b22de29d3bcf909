"""What a sensor's word for what it sees says, by its declared confusion matrix.

    [sensors.classification.confusion]
    multirotor = { multirotor = 0.7, fixed_wing_drone = 0.1, bird = 0.15 }     # and says nothing in 0.05
    bird = { bird = 0.8, multirotor = 0.2 }

A row is what the object is, a column what the sensor calls it, a figure the share of its reports in which it does.
When a sensor says "drone" that is the column of multirotors and that of fixed wings, added: how likely it says so,
given each category.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from luchtwacht.model import Category, Floats, Sensor

MOST = 0.99
"""no sensor is believed to say anything more surely: so these are probabilities, where `kernels.opinions` takes 1 for
a sign of ratios"""
CATEGORIES = tuple(category.name.lower() for category in Category)


def confusion_of(sensor: Sensor) -> Floats | None:
    """(5, 5) how likely each category (rows) is called each (columns); none where that is not declared.

    A category without a row is called everything as often as those with one are on average: it is neither ruled out nor
    likelier for anything that is said.
    """
    declared = sensor.classification.confusion
    if not declared:
        return None
    rows = {name: [row.get(called, 0.0) for called in CATEGORIES] for name, row in declared.items()}
    average = np.mean(list(rows.values()), axis=0)
    return np.array([rows.get(name, average) for name in CATEGORIES])


def said(confusion: Floats, named: Sequence[str]) -> Floats:
    """(5,) over `Category`: how likely one of these categories is `named`, given each."""
    columns = [CATEGORIES.index(name) for name in named]
    return np.asarray(np.minimum(confusion[:, columns].sum(axis=1), MOST))

"""Batches of columns."""

import pickle
from collections.abc import Callable
from copy import copy, deepcopy

import numpy as np
import pytest

from luchtwacht.model import Associations, Frames, Tracks, frame_of, record_of, report_ids


def tracks(count: int) -> Tracks:
    return Tracks.unknown(count, track=np.arange(1, count + 1), x=np.arange(6.0 * count).reshape(count, 6))


def test_what_is_not_named_is_not_known() -> None:
    batch = tracks(2)
    assert np.isnan(batch.P).all()
    assert (batch.status == -1).all()
    assert batch.x.shape == (2, 6)


def test_columns_cannot_be_changed() -> None:
    batch = tracks(2)
    with pytest.raises(ValueError, match="read-only"):
        batch.x[0, 0] = 5.0
    with pytest.raises(AttributeError):
        batch.x = batch.x  # type: ignore[misc]


def test_changing_the_array_it_was_made_from_is_the_makers_business_but_the_batch_stays_frozen() -> None:
    assert not tracks(1).take([0]).x.flags.writeable


@pytest.mark.parametrize("passed_on", [lambda each: pickle.loads(pickle.dumps(each)), copy, deepcopy])
def test_a_batch_that_was_pickled_or_copied_is_as_frozen(passed_on: Callable[[Tracks], Tracks]) -> None:
    made = tracks(3)
    other = passed_on(made)
    assert other == made
    assert not any(values.flags.writeable for values in other.columns().values())
    assert all(values.flags.c_contiguous for values in other.columns().values())


@pytest.mark.parametrize("shape", [(3, 6), (2, 5), (2,)])
def test_a_column_of_another_shape_is_our_own_mistake(shape: tuple[int, ...]) -> None:
    columns = tracks(2).columns() | {"x": np.zeros(shape)}
    with pytest.raises(AssertionError, match="Tracks"):
        Tracks(**columns)


def test_an_unknown_column_is_our_own_mistake() -> None:
    with pytest.raises(AssertionError, match="speed"):
        Tracks.unknown(1, speed=3.0)


def test_cutting_and_joining_gives_the_same_rows() -> None:
    batch = tracks(5)
    assert Tracks.concatenate([batch.take([0, 1]), batch.take(slice(2, None))]) == batch
    assert batch.take(batch.track > 3) == batch.take([3, 4])
    assert len(Tracks.concatenate([])) == 0
    assert len(batch.take([])) == 0


def test_nan_equals_nan_and_another_type_does_not() -> None:
    assert tracks(2) == tracks(2)
    assert tracks(2) != tracks(3)
    assert tracks(0) != Associations.empty()


def test_a_report_names_its_frame_and_place() -> None:
    ids = report_ids(np.array([7, 2**40]), np.array([0, 65_535]))
    assert frame_of(ids).tolist() == [7, 2**40]
    assert record_of(ids).tolist() == [0, 65_535]


def test_frames_share_one_buffer_and_give_back_each_payload() -> None:
    frames = Frames.of([b"one", b"", b"three"], sequence=[1, 2, 3], source=[0, 1, 0], received_ns=[10, 20, 30])
    assert frames.payloads() == [b"one", b"", b"three"]
    cut = frames.take(slice(2, 3))
    assert cut.payload(0) == b"three"
    assert cut == Frames.of([b"three"], sequence=[3], source=[0], received_ns=[30])
    assert cut != Frames.of([b"threE"], sequence=[3], source=[0], received_ns=[30])


def test_frames_of_nothing_are_no_frames() -> None:
    assert len(Frames.of([], sequence=[], source=[], received_ns=[])) == 0

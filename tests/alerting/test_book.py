import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.alerting.plain import BIRD, ENTERING, INSIDE, OUTSIDE, PERMITTED, Night, Seen

from luchtwacht.errors import BadCommand, BadInput
from luchtwacht.model import (
    AcknowledgeAlert,
    AlertChanged,
    AlertKind,
    AlertStatus,
    Associations,
    ClaimVerdict,
    CloseAlert,
    EscalateAlert,
    RejectAlert,
    Severity,
    TrackStatus,
    WithdrawZone,
)
from luchtwacht.model.encoding import encode_event
from luchtwacht.units import SECOND_NS


def test_an_intrusion_is_raised_once_and_says_why():
    night = Night()
    assert night.step(Seen(7, {"z": OUTSIDE})) == ()
    (alert,) = night.step(Seen(7, {"z": INSIDE}, x=(1.0, 2.0, 50.0, 0.0, 0.0, 0.0)))
    assert (alert.id, alert.kind, alert.severity) == (1, AlertKind.ZONE_INTRUSION, Severity.CRITICAL)
    assert (alert.status, alert.active, alert.track, alert.tracks) == (AlertStatus.RAISED, True, 7, (7,))
    assert (alert.zone, alert.raised_ns, alert.confirmed_ns) == ("z", 2 * SECOND_NS, SECOND_NS)
    assert alert.cause.probability_inside == 0.99
    assert alert.cause.position == (1.0, 2.0, 50.0)
    assert alert.cause.height_sigma == pytest.approx(10.0)
    assert alert.cause.detections == (7001, 7002)
    assert night.step(Seen(7, {"z": INSIDE}), seconds=30) == ()


@pytest.mark.parametrize(
    "seen",
    [
        Seen(1, {"z": OUTSIDE}),
        Seen(1, {"z": PERMITTED}),
        Seen(1, {"z": BIRD}),
        Seen(1, {"z": INSIDE}, status=TrackStatus.TENTATIVE),
        Seen(1, {"z": INSIDE}, status=TrackStatus.TERMINATED),
        Seen(1, verdict=ClaimVerdict.CONSISTENT),
        Seen(1, verdict=ClaimVerdict.UNCHECKED),
    ],
)
def test_what_deserves_no_alert_gets_none(seen):
    assert Night().step(seen, seconds=5) == ()


@pytest.mark.parametrize(
    ("setting", "figures", "kind"),
    [
        ({"inside": 0.995}, INSIDE, AlertKind.ZONE_APPROACH),
        ({"inside": 0.99}, INSIDE, AlertKind.ZONE_INTRUSION),
        ({"entry": 0.96}, ENTERING, None),
        ({"entry": 0.95}, ENTERING, AlertKind.ZONE_APPROACH),
        ({"uas": 0.96}, INSIDE, None),
        ({"uas": 0.95}, INSIDE, AlertKind.ZONE_INTRUSION),
        ({"permitted": 0.98}, PERMITTED, AlertKind.ZONE_INTRUSION),
        ({"permitted": 0.97}, PERMITTED, None),
    ],
)
def test_thresholds_are_those_of_the_site(setting, figures, kind):
    assert [alert.kind for alert in Night(**setting).step(Seen(1, {"z": figures}))] == ([kind] if kind else [])


def test_an_approach_becomes_the_intrusion_instead_of_a_second_alert():
    night = Night()
    (approach,) = night.step(Seen(1, {"z": ENTERING}))
    assert (approach.kind, approach.severity) == (AlertKind.ZONE_APPROACH, Severity.WARNING)
    night.order(AcknowledgeAlert(alert=1))
    (intrusion,) = night.step(Seen(1, {"z": INSIDE}))
    assert (intrusion.id, intrusion.kind, intrusion.severity) == (1, AlertKind.ZONE_INTRUSION, Severity.CRITICAL)
    assert intrusion.status is AlertStatus.RAISED  # what somebody took note of was less
    assert intrusion.cause.probability_inside == 0.99
    assert intrusion.raised_ns == approach.raised_ns
    assert len(night.book.alerts) == 1


def test_each_track_and_zone_is_an_event_of_its_own():
    night = Night()
    seen = [Seen(track, {"a": INSIDE, "b": INSIDE}, x=(1000.0 * track, 0, 50, 0, 0, 0)) for track in (1, 2)]
    assert [(alert.id, alert.track, alert.zone) for alert in night.step(*seen)] == [
        (1, 1, "a"),
        (2, 1, "b"),
        (3, 2, "a"),
        (4, 2, "b"),
    ]


def test_a_contradicted_claim_is_a_notice_beside_the_zone():
    night = Night()
    raised = night.step(Seen(-3, {"z": INSIDE}, aircraft_id="uas:TEST", verdict=ClaimVerdict.CONTRADICTED))
    assert [(alert.kind, alert.severity, alert.zone) for alert in raised] == [
        (AlertKind.ZONE_INTRUSION, Severity.CRITICAL, "z"),
        (AlertKind.CONTRADICTED_CLAIM, Severity.NOTICE, ""),
    ]
    assert raised[1].aircraft_id == "uas:TEST"
    assert np.isnan(raised[1].cause.distance)


def test_a_liar_that_leaps_about_is_one_event():
    night = Night(clear_s=5.0)

    def ghost(track, east):
        return Seen(track, x=(east, 0, 50, 0, 0, 0), aircraft_id="uas:LEAP", verdict=ClaimVerdict.CONTRADICTED)

    night.step(ghost(-1, 0.0))
    night.step(seconds=60)
    assert not night.alert().active
    (alert,) = night.step(ghost(-2, 4000.0), ghost(-3, -4000.0))
    assert (alert.id, alert.active, alert.tracks) == (1, True, (-1, -3, -2))
    night.order(RejectAlert(alert=1, note="a known test transmitter"))
    night.step(ghost(-4, 100.0), seconds=30)
    assert len(night.book.alerts) == 1
    night.step(seconds=400)
    assert [each.id for each in night.step(ghost(-5, 0.0))] == [2]


def test_acknowledging_does_not_hide_an_active_alert():
    night = Night()
    night.step(Seen(1, {"z": INSIDE}))
    alert = night.order(AcknowledgeAlert(alert=1, note="on it"))
    assert (alert.status, alert.active) == (AlertStatus.ACKNOWLEDGED, True)
    assert alert.steps[-1].actor == "watch-1"
    assert alert.steps[-1].note == "on it"
    assert night.book.any_active


def test_an_alert_is_active_until_its_condition_was_false_for_long_enough():
    night = Night(clear_s=10.0)
    night.step(Seen(1, {"z": INSIDE}))
    assert night.step(Seen(1, {"z": OUTSIDE}), seconds=9) == ()
    assert night.step(Seen(1, {"z": INSIDE})) == ()
    assert night.step(Seen(1, {"z": OUTSIDE}), seconds=9) == ()
    (alert,) = night.step(Seen(1, {"z": OUTSIDE}))
    assert (alert.active, alert.status) == (False, AlertStatus.RAISED)


def test_coming_back_to_an_open_alert_makes_it_active_again():
    night = Night(clear_s=2.0)
    night.step(Seen(1, {"z": INSIDE}))
    night.step(Seen(1, {"z": OUTSIDE}), seconds=5)
    (alert,) = night.step(Seen(1, {"z": INSIDE}))
    assert (alert.id, alert.active) == (1, True)


def test_a_closed_alert_that_recurs_raises_a_new_one():
    night = Night(clear_s=2.0)
    night.step(Seen(1, {"z": INSIDE}))
    night.order(AcknowledgeAlert(alert=1))
    night.step(Seen(1, {"z": OUTSIDE}), seconds=3)
    night.order(CloseAlert(alert=1, note="flew off"))
    assert night.step(Seen(1, {"z": OUTSIDE}), seconds=5) == ()
    (again,) = night.step(Seen(1, {"z": INSIDE}))
    assert (again.id, again.status) == (2, AlertStatus.RAISED)
    assert night.alert(1).status is AlertStatus.CLOSED


def test_an_alert_closed_while_its_condition_holds_is_not_raised_until_that_has_ended():
    night = Night(clear_s=3.0)
    night.step(Seen(1, {"z": INSIDE}))
    night.order(AcknowledgeAlert(alert=1))
    assert night.order(CloseAlert(alert=1)).active
    assert night.step(Seen(1, {"z": INSIDE}), seconds=20) == ()
    night.step(Seen(1, {"z": OUTSIDE}), seconds=3)
    assert not night.alert(1).active
    assert [alert.id for alert in night.step(Seen(1, {"z": INSIDE}))] == [2]


def test_a_rejected_alert_stays_quiet_for_that_track_and_zone_only():
    night = Night(clear_s=2.0)
    night.step(Seen(1, {"z": ENTERING}))
    night.order(RejectAlert(alert=1, note="a kite"))
    for figures in (INSIDE, OUTSIDE, INSIDE):
        night.step(Seen(1, {"z": figures}), seconds=10)
    assert [(alert.id, alert.status) for alert in night.book.alerts] == [(1, AlertStatus.REJECTED)]
    assert [alert.id for alert in night.step(Seen(1, {"z": INSIDE, "other": INSIDE}))] == [2]
    far = Seen(9, {"z": INSIDE}, x=(5000.0, 0, 50, 0, 0, 0))
    assert [alert.id for alert in night.step(Seen(1, {"z": INSIDE, "other": INSIDE}), far)] == [3]


@pytest.mark.parametrize("note", ["", "  \n"])
def test_a_rejection_needs_a_reason(note):
    night = Night()
    night.step(Seen(1, {"z": INSIDE}))
    with pytest.raises(BadCommand, match="needs a reason"):
        night.order(RejectAlert(alert=1, note=note))
    assert night.alert().status is AlertStatus.RAISED


def test_orders_about_nothing_are_refused():
    night = Night()
    with pytest.raises(BadCommand, match="no alert 5"):
        night.order(AcknowledgeAlert(alert=5))
    with pytest.raises(BadCommand, match="no order about an alert"):
        night.order(WithdrawZone(zone="z"))


def test_what_nobody_acknowledges_is_escalated_by_event_time():
    night = Night(escalate_after_s=60.0)
    night.step(Seen(1, {"z": INSIDE}))
    assert night.step(Seen(1, {"z": INSIDE}), seconds=59) == ()
    (alert,) = night.step(Seen(1, {"z": INSIDE}))
    assert (alert.status, alert.active) == (AlertStatus.ESCALATED, True)
    assert alert.changed_ns - alert.raised_ns == 60 * SECOND_NS
    assert (alert.steps[-1].actor, alert.steps[-1].note) == ("", "not acknowledged for 60 s")
    assert night.step(Seen(1, {"z": INSIDE}), seconds=200) == ()


def test_escalation_does_not_wait_for_the_track():
    night = Night(escalate_after_s=60.0, clear_s=5.0)
    night.step(Seen(1, {"z": INSIDE}))
    night.step(seconds=30)
    assert night.book.any_active  # or the pipeline would leap over the moment
    night.step(seconds=30)
    assert night.alert().status is AlertStatus.ESCALATED
    assert not night.book.any_active


@pytest.mark.parametrize(
    "order", [AcknowledgeAlert(alert=1), RejectAlert(alert=1, note="a bird"), EscalateAlert(alert=1)]
)
def test_what_a_person_took_in_hand_is_not_escalated(order):
    night = Night(escalate_after_s=10.0)
    night.step(Seen(1, {"z": INSIDE}))
    night.order(order)
    assert night.step(Seen(1, {"z": INSIDE}), seconds=30) == ()


def test_a_worsened_alert_waits_for_somebody_anew():
    night = Night(escalate_after_s=10.0)
    night.step(Seen(1, {"z": ENTERING}))
    night.order(AcknowledgeAlert(alert=1))
    night.step(Seen(1, {"z": ENTERING}), seconds=30)
    night.step(Seen(1, {"z": INSIDE}), seconds=11)
    assert night.alert().status is AlertStatus.ESCALATED


def moving(track: int, second: int, **changes) -> Seen:
    return Seen(track, {"z": INSIDE}, x=(10.0 * second, 0.0, 50.0, 10.0, 0.0, 0.0), **changes)


@pytest.mark.parametrize("gap", [1, 5, 12])
def test_a_track_lost_and_found_extends_its_alert(gap):
    night = Night(clear_s=30.0)
    for second in range(5):
        night.step(moving(1, second))
    night.step(seconds=gap)
    (alert,) = night.step(moving(-8, 5 + gap))
    assert (alert.id, alert.track, alert.tracks) == (1, 1, (1, -8))
    assert len(night.book.alerts) == 1


@pytest.mark.parametrize("gap", [1, 12, 40])
def test_a_track_that_the_tracker_recognises_is_the_same_event(gap):
    night = Night(clear_s=60.0)
    night.step(moving(1, 0))
    night.step(seconds=gap)
    assert night.step(moving(1, 1 + gap)) == ()
    assert [alert.tracks for alert in night.book.alerts] == [(1,)]


def test_one_measured_in_the_same_place_that_the_tracker_does_not_recognise_is_another_event():
    night = Night()
    night.step(moving(1, 0))
    night.step(seconds=3)
    assert [alert.id for alert in night.step(moving(2, 4))] == [2]


def test_a_track_found_while_the_old_one_coasts_extends_its_alert():
    night = Night()
    night.step(moving(1, 0))
    night.step(moving(1, 1, status=TrackStatus.COASTED))
    night.step(moving(1, 2, status=TrackStatus.COASTED), moving(-8, 2))
    assert [alert.tracks for alert in night.book.alerts] == [(1, -8)]


def test_a_second_drone_beside_a_live_one_is_a_second_alert():
    night = Night()
    night.step(moving(1, 0))
    assert [alert.id for alert in night.step(moving(1, 1), moving(2, 1))] == [2]


def test_a_track_far_from_where_the_lost_one_went_is_another_event():
    night = Night()
    night.step(moving(1, 0))
    night.step(seconds=3)
    assert [alert.id for alert in night.step(Seen(-2, {"z": INSIDE}, x=(600.0, 500.0, 50, 0, 0, 0)))] == [2]


def test_after_too_long_it_is_another_event():
    night = Night()
    night.step(moving(1, 0))
    night.step(seconds=31)
    assert [alert.id for alert in night.step(moving(-2, 31))] == [2]


def test_a_claimed_id_tells_who_came_back():
    night = Night()
    names = {1: "uas:A", 2: "uas:B"}
    for second in range(2):
        night.step(*(moving(track, second, aircraft_id=name) for track, name in names.items()))
    night.step(seconds=4)
    night.step(moving(11, 6, aircraft_id="uas:B"), moving(12, 6, aircraft_id="uas:A"))
    assert [alert.tracks for alert in night.book.alerts] == [(1, 12), (2, 11)]


def test_two_lost_drones_do_not_share_one_continuation():
    night = Night()
    night.step(moving(1, 0), Seen(2, {"z": INSIDE}, x=(0.0, 30.0, 50, 10, 0, 0)))
    night.step(seconds=2)
    night.step(moving(-3, 3), Seen(-4, {"z": INSIDE}, x=(30.0, 30.0, 50, 10, 0, 0)))
    assert [alert.tracks for alert in night.book.alerts] == [(1, -3), (2, -4)]


_FIGURES = st.sampled_from([INSIDE, ENTERING, OUTSIDE, PERMITTED, BIRD])
_ORDERS = st.sampled_from(
    [
        lambda n: AcknowledgeAlert(alert=n),
        lambda n: EscalateAlert(alert=n),
        lambda n: CloseAlert(alert=n),
        lambda n: RejectAlert(alert=n, note="a test"),
    ]
)
_STEP = st.tuples(
    st.dictionaries(st.integers(1, 4), _FIGURES, max_size=3),
    st.one_of(st.none(), st.tuples(_ORDERS, st.integers(1, 4))),
)


def play(steps) -> tuple[list[bytes], Night]:
    night, said = Night(clear_s=2.0, escalate_after_s=4.0), []
    for tracks, order in steps:
        seen = [Seen(t, {"z": f}, x=(900.0 * t, 0, 50, 0, 0, 0)) for t, f in sorted(tracks.items())]
        changed = night.step(*seen)
        assert [alert.id for alert in changed] == sorted({alert.id for alert in changed})
        said += [encode_event(AlertChanged(time_ns=night.time_ns, alert=alert)) for alert in changed]
        if order is not None:
            try:
                said.append(encode_event(AlertChanged(time_ns=night.time_ns, alert=night.order(order[0](order[1])))))
            except BadInput as error:
                said.append(str(error).encode())
    return said, night


@settings(max_examples=80, deadline=None)
@given(st.lists(_STEP, max_size=25))
def test_whatever_happens_nothing_alerts_twice_and_history_only_grows(steps):
    said, night = play(steps)
    assert said == play(steps)[0]
    assert [alert.id for alert in night.book.alerts] == list(range(1, len(night.book.alerts) + 1))
    for alert in night.book.alerts:
        assert alert.steps[-1].status is alert.status
        assert all(a.time_ns <= b.time_ns for a, b in itertools.pairwise(alert.steps))
    open_ = [
        (alert.zone, t)
        for alert in night.book.alerts
        if alert.status not in ("closed", "rejected")
        for t in alert.tracks
    ]
    assert len(open_) == len(set(open_))


def test_what_flickers_calls_nobody_and_what_lasts_does() -> None:
    night = Night(sure_s=3.0)
    drone, bird = Seen(1, {"Z": INSIDE}), Seen(1, {"Z": BIRD})
    assert not night.step(drone, seconds=2)
    assert not night.step(bird)
    assert not night.step(drone, seconds=3)
    assert [alert.kind for alert in night.step(drone)] == [AlertKind.ZONE_INTRUSION]


def test_an_approach_counts_for_the_intrusion_it_becomes() -> None:
    night = Night(sure_s=3.0)
    night.step(Seen(1, {"Z": ENTERING}), seconds=3)
    (alert,) = night.step(Seen(1, {"Z": INSIDE}))
    assert alert.kind is AlertKind.ZONE_INTRUSION
    assert alert.id == 1


def test_the_cause_names_the_latest_reports_whenever_they_came():
    night = Night()
    night.step(Seen(7, {"z": OUTSIDE}), seconds=3)
    tracks, identities, findings, _ = night._stage((Seen(7, {"z": OUTSIDE}),))
    anew = Associations(
        track=[7, 7, 7],
        time_ns=[SECOND_NS * 3 // 2, 2 * SECOND_NS, 3 * SECOND_NS],
        detection=[7777, 7002, 7003],
        probability=[0.9, 0.0, 0.7],
    )
    night.book.step(night.time_ns, tracks, identities, findings, anew)
    (alert,) = night.step(Seen(7, {"z": INSIDE}))
    assert alert.cause.detections == (7001, 7777, 7003, 7004)

"""Token buckets: a burst of events, refilled at a constant rate."""

from typing import Any

import pytest

from chat.lib.amounts import Rate
from chat.live.frame_limits import FRAMES_BEFORE_PACE, PACE_SECONDS, FrameLimits
from chat.live.rate_limits import SharedBuckets, TokenBucket


def test_a_full_bucket_gives_its_events_at_once_and_then_one_by_one() -> None:
    bucket = TokenBucket(3, 6.0, now=0.0)
    assert [bucket.take(0.0) for _ in range(4)] == [0.0, 0.0, 0.0, 2.0]
    assert bucket.take(1.0) == pytest.approx(1.0)
    assert bucket.take(2.0) == 0.0
    assert bucket.take(2.0) == pytest.approx(2.0)
    assert [bucket.take(100.0) for _ in range(4)] == [0.0, 0.0, 0.0, pytest.approx(2.0)], "never more than full"


def test_what_costs_more_takes_more() -> None:
    bucket = TokenBucket(6, 6.0, 0.0)
    assert (bucket.take(0.0, 4), bucket.take(0.0, 4), bucket.take(0.0, 2)) == (0.0, 2.0, 0.0)
    shared = SharedBuckets(6, 6.0)
    assert (shared.take(1, 0.0, 4), shared.take(1, 0.0, 4), shared.take(2, 0.0, 4)) == (0.0, 2.0, 0.0)
    assert shared.report(0.0) == {1: 4, 2: 4}


def test_zero_is_no_limit() -> None:
    bucket = TokenBucket(0, 0.0, now=0.0)
    assert {bucket.take(0.0) for _ in range(1000)} == {0.0}
    shared = SharedBuckets(0, 0.0)
    assert {shared.take(1, 0.0) for _ in range(1000)} == {0.0}
    assert shared.report(0.0) == {}


def test_one_person_has_one_bucket_over_all_processes() -> None:
    here, there = SharedBuckets(4, 8.0), SharedBuckets(4, 8.0)
    assert [here.take(1, 0.0), there.take(1, 0.0), here.take(1, 0.0), here.take(2, 0.0)] == [0.0] * 4
    there.debit(here.report(0.0), 0.0)
    here.debit(there.report(0.0), 0.0)
    assert (here.take(1, 0.0), there.take(1, 0.0)) == (0.0, 0.0)
    assert here.take(1, 0.0) > 0
    assert there.take(1, 0.0) > 0
    assert here.report(1.0) == {1: 1}
    assert here.take(2, 0.0) == 0.0


def test_what_others_spent_owes_no_more_than_a_whole_bucket() -> None:
    shared = SharedBuckets(4, 8.0)
    shared.debit({1: 1000}, 0.0)
    assert shared.take(1, 0.0) == pytest.approx(10.0)


def test_a_socket_that_sends_fast_or_is_refused_waits_before_its_next_frame(settings: Any) -> None:
    settings.CHAT_SEND_LIMIT = Rate(10, 10.0)
    limits = FrameLimits(0.0)
    for _ in range(FRAMES_BEFORE_PACE):
        assert (limits.count_frame(0.0), limits.pause(0.0)) == (0.0, 0.0)
    assert (limits.count_frame(0.0), limits.pause(0.0)) == (0.0, PACE_SECONDS)
    assert limits.pause(1.0) == 0.0, "a second later it is within the limits again"
    limits.count_refusal(1.0)
    assert [limits.pause(1.0), limits.pause(1.0)] == [PACE_SECONDS, 0.0], "a refusal delays one frame"


def test_without_a_limit_no_frame_waits(settings: Any) -> None:
    settings.CHAT_SEND_LIMIT = Rate(0, 0.0)
    limits = FrameLimits(0.0)
    assert {(limits.count_frame(0.0), limits.pause(0.0)) for _ in range(1000)} == {(0.0, 0.0)}


def test_a_bucket_that_is_full_again_is_dropped() -> None:
    shared = SharedBuckets(4, 8.0)
    shared.take(1, 0.0)
    assert shared.report(0.0) == {1: 1}
    assert len(shared) == 1
    shared.report(100.0)
    assert len(shared) == 0


def test_a_budget_that_is_used_up_stays_used_up_over_any_number_of_reports() -> None:
    shared = SharedBuckets(4, 8.0)
    assert [shared.take(1, 0.0) for _ in range(4)] == [0.0] * 4
    assert [shared.report(0.0), shared.report(0.0), shared.report(0.1)] == [{1: 4}, {}, {}]
    assert shared.take(1, 0.1) == pytest.approx(1.9)


def test_a_bucket_is_kept_until_its_last_token_is_back() -> None:
    shared = SharedBuckets(4, 8.0)
    shared.take(1, 0.0)
    shared.take(2, 0.0, 2)
    shared.report(0.0)
    shared.report(1.9)
    assert len(shared) == 2
    shared.report(2.0)
    assert len(shared) == 1
    assert [shared.take(2, 2.0) for _ in range(4)] == [0.0, 0.0, 0.0, pytest.approx(2.0)]


def test_a_bucket_that_was_used_since_the_last_report_is_kept_even_when_it_is_full() -> None:
    shared = SharedBuckets(4, 8.0)
    shared.take(1, 0.0)
    assert shared.report(100.0) == {1: 1}
    assert len(shared) == 1


def test_a_debt_is_paid_off_over_time() -> None:
    bucket = TokenBucket(4, 8.0, 0.0)
    bucket.debit(6, 0.0)
    assert bucket.take(0.0) == pytest.approx(6.0)
    bucket.debit(1, 4.0)
    assert bucket.take(4.0) == pytest.approx(4.0)
    assert (bucket.full(13.9), bucket.full(14.0)) == (False, True)


def test_time_before_a_debit_does_not_pay_it() -> None:
    bucket = TokenBucket(4, 8.0, 0.0)
    bucket.debit(3, 100.0)
    assert bucket.take(100.0, 4) == pytest.approx(6.0)
    assert bucket.take(100.0) == 0.0

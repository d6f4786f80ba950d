"""Token buckets: so many at once, refilled evenly."""

import pytest

from chat.live.rate_limits import SharedBuckets, TokenBucket


def test_so_many_at_once_and_then_one_by_one() -> None:
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


def test_nought_is_no_limit() -> None:
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


def test_people_whose_bucket_is_full_again_are_forgotten() -> None:
    shared = SharedBuckets(4, 8.0)
    shared.take(1, 0.0)
    assert shared.report(0.0) == {1: 1}
    shared.report(100.0)
    assert shared._buckets == {}

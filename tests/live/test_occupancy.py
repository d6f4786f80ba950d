"""Who has a room open, over all processes."""

from chat.live.occupancy import Occupancy

ADA, BOB = 1, 2


def test_a_person_comes_with_the_first_socket_and_goes_with_the_last() -> None:
    roster = Occupancy("here")
    assert [roster.open(ADA), roster.open(ADA), roster.open(BOB)] == [True, False, True]
    assert sorted(roster.here()) == [ADA, BOB]
    assert [roster.close(ADA), roster.close(ADA)] == [False, True]
    assert roster.here() == [BOB]


def test_two_processes_are_one_room() -> None:
    roster = Occupancy("here")
    assert roster.arrive(ADA, "here")
    assert not roster.arrive(ADA, "there")
    assert not roster.arrive(ADA, "there")
    assert not roster.depart(ADA, "here")
    assert not roster.depart(ADA, "elsewhere")
    assert roster.depart(ADA, "there")
    assert not roster.depart(ADA, "there")


def test_a_killed_process_takes_its_people_with_it() -> None:
    roster = Occupancy("here")
    roster.arrive(ADA, "here")
    roster.arrive(ADA, "there")
    roster.arrive(BOB, "there")
    assert roster.keep_processes({"here", "there"}) == []
    assert roster.keep_processes({"here"}) == [BOB]
    assert roster.keep_processes({"here"}) == []


def test_a_room_is_kept_while_others_believe_that_somebody_here_has_it_open() -> None:
    roster = Occupancy("here")
    assert not roster.announced
    roster.arrive(BOB, "there")
    assert not roster.announced
    roster.arrive(ADA, "here")
    assert roster.announced
    roster.depart(ADA, "here")
    assert not roster.announced

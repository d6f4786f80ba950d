"""Who has a room open, across all processes."""

from chat.live.occupancy import Occupancy

ADA, BOB = 1, 2


def test_a_person_comes_with_the_first_socket_and_goes_with_the_last() -> None:
    occupancy = Occupancy("here")
    assert [occupancy.open(ADA), occupancy.open(ADA), occupancy.open(BOB)] == [True, False, True]
    assert sorted(occupancy.here()) == [ADA, BOB]
    assert [occupancy.close(ADA), occupancy.close(ADA)] == [False, True]
    assert occupancy.here() == [BOB]


def test_two_processes_are_one_room() -> None:
    occupancy = Occupancy("here")
    assert occupancy.arrive(ADA, "here")
    assert not occupancy.arrive(ADA, "there")
    assert not occupancy.arrive(ADA, "there")
    assert not occupancy.depart(ADA, "here")
    assert not occupancy.depart(ADA, "elsewhere")
    assert occupancy.depart(ADA, "there")
    assert not occupancy.depart(ADA, "there")


def test_a_killed_process_takes_its_people_with_it() -> None:
    occupancy = Occupancy("here")
    occupancy.arrive(ADA, "here")
    occupancy.arrive(ADA, "there")
    occupancy.arrive(BOB, "there")
    assert occupancy.keep_processes({"here", "there"}) == []
    assert occupancy.keep_processes({"here"}) == [BOB]
    assert occupancy.keep_processes({"here"}) == []


def test_a_room_is_kept_while_others_believe_that_somebody_here_has_it_open() -> None:
    occupancy = Occupancy("here")
    assert not occupancy.announced
    occupancy.arrive(BOB, "there")
    assert not occupancy.announced
    occupancy.arrive(ADA, "here")
    assert occupancy.announced
    occupancy.depart(ADA, "here")
    assert not occupancy.announced

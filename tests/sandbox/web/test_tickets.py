"""Tickets: authorization codes, sessions, open forms."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.web.tickets import ExpiredTicketError, TicketError, Tickets, UnknownTicketError, UsedTicketError


def test_a_ticket_is_redeemed_once() -> None:
    tickets = Tickets[str](60)
    ticket = tickets.issue("code")
    assert (tickets.get(ticket), tickets.redeem(ticket), tickets.get(ticket)) == ("code", "code", None)
    with pytest.raises(UsedTicketError):
        tickets.redeem(ticket)


def test_a_ticket_lasts_its_time_and_no_longer() -> None:
    now = [0.0]
    tickets = Tickets[str](300, clock=lambda: now[0])
    ticket = tickets.issue("code")
    now[0] = 299.9
    assert tickets.get(ticket) == "code"
    now[0] = 300
    assert tickets.get(ticket) is None
    with pytest.raises(ExpiredTicketError):
        tickets.redeem(ticket)


def test_an_unknown_or_dropped_ticket_stands_for_nothing() -> None:
    tickets = Tickets[str](60)
    dropped = tickets.issue("session")
    tickets.drop(dropped)
    for ticket in (dropped, "made-up"):
        assert tickets.get(ticket) is None
        with pytest.raises(UnknownTicketError):
            tickets.redeem(ticket)


def test_of_many_that_redeem_a_ticket_at_once_one_gets_it() -> None:
    tickets = Tickets[str](60)
    ticket = tickets.issue("code")

    def redeemed(_: int) -> str | None:
        try:
            return tickets.redeem(ticket)
        except TicketError:
            return None

    with ThreadPoolExecutor(8) as threads:
        assert sorted(map(str, threads.map(redeemed, range(8)))) == ["None"] * 7 + ["code"]


def test_used_tickets_go_before_open_ones() -> None:
    tickets = Tickets[int](60)
    pending = tickets.issue(0)
    for number in range(2000):
        tickets.redeem(tickets.issue(number))
    assert tickets.get(pending) == 0


def test_the_oldest_tickets_go_when_there_are_too_many() -> None:
    tickets = Tickets[int](60)
    first, second = tickets.issue(0), tickets.issue(1)
    for number in range(999):
        tickets.issue(number)
    assert (tickets.get(first), tickets.get(second)) == (None, 1)

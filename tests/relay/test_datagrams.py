"""Both ways to read and write many datagrams, on real sockets."""

import socket
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st

from contact_service.relay.io.datagrams import (
    BATCH,
    Batches,
    Datagrams,
    OneByOne,
    address_of,
    datagrams_on,
    place_of,
)
from contact_service.relay.io.srtp import BUFFER_BYTES

NOWHERE = place_of(("127.0.0.1", 0))
"""The kernel refuses to send to port 0."""


def udp() -> socket.socket:
    endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    endpoint.bind(("127.0.0.1", 0))
    endpoint.setblocking(False)
    return endpoint


@pytest.fixture
def endpoint() -> Iterator[socket.socket]:
    with udp() as endpoint:
        yield endpoint


@pytest.fixture
def friend() -> Iterator[socket.socket]:
    with udp() as friend:
        yield friend


@pytest.fixture(params=[Batches, OneByOne])
def datagrams(request: pytest.FixtureRequest, endpoint: socket.socket) -> Datagrams:
    made: Datagrams = request.param(endpoint)
    return made


def arrived(datagrams: Datagrams) -> list[tuple[bytes, int]]:
    return [(buffer.view[:size].tobytes(), place) for buffer, size, place in datagrams.receive()]


def write(datagrams: Datagrams, octets: bytes, place: int) -> bool:
    datagrams.free.view[: len(octets)] = octets
    return datagrams.put(len(octets), place)


def read(endpoint: socket.socket) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(endpoint.recv(BUFFER_BYTES))
        except BlockingIOError:
            return found


def test_linux_takes_many_at_once(endpoint: socket.socket) -> None:
    assert isinstance(datagrams_on(endpoint), Batches if sys.platform == "linux" else OneByOne)


def test_what_arrives_is_read_in_order_with_where_it_came_from(
    datagrams: Datagrams, endpoint: socket.socket, friend: socket.socket
) -> None:
    sent = [f"number {number}".encode() * number for number in range(BATCH + 8)]
    for octets in sent:
        friend.sendto(octets, endpoint.getsockname())
    place = place_of(friend.getsockname())
    assert arrived(datagrams) == [(octets, place) for octets in sent[:BATCH]]
    assert arrived(datagrams) == [(octets, place) for octets in sent[BATCH:]]
    assert arrived(datagrams) == []


def test_too_long_a_datagram_never_looks_like_a_whole_one(
    datagrams: Datagrams, endpoint: socket.socket, friend: socket.socket
) -> None:
    for octets in (b"before", bytes(BUFFER_BYTES), bytes(BUFFER_BYTES + 1), bytes(9_000), b"after"):
        friend.sendto(octets, endpoint.getsockname())
    sizes = [size for _, size, _ in datagrams.receive()]
    assert (sizes[0], sizes[-1]) == (6, 5)
    assert all(size >= BUFFER_BYTES for size in sizes[1:-1])


def test_what_waits_is_sent_by_flush_only_and_in_order(datagrams: Datagrams, friend: socket.socket) -> None:
    with udp() as other:
        for number in range(6):
            to = (friend, other)[number % 2]
            assert not write(datagrams, bytes([number]), place_of(to.getsockname()))
        assert read(friend) == read(other) == []
        assert datagrams.flush() == (6, 0)
        assert read(friend) == [b"\0", b"\2", b"\4"]
        assert read(other) == [b"\1", b"\3", b"\5"]
    assert datagrams.flush() == (0, 0)


def test_a_full_batch_says_so_and_is_sent_whole(datagrams: Datagrams, friend: socket.socket) -> None:
    place = place_of(friend.getsockname())
    for _ in range(3):
        full = [write(datagrams, bytes([number]) * 1_000, place) for number in range(BATCH)]
        assert full == [False] * (BATCH - 1) + [True]
        assert datagrams.flush() == (BATCH, 0)
        assert read(friend) == [bytes([number]) * 1_000 for number in range(BATCH)]


@pytest.mark.parametrize("bad", [{0}, {2}, {4}, {1, 2}, {0, 1, 2, 3, 4}])
def test_what_cannot_be_sent_costs_itself_alone(
    datagrams: Datagrams, friend: socket.socket, bad: set[int]
) -> None:
    place = place_of(friend.getsockname())
    for number in range(5):
        write(datagrams, bytes([number]), NOWHERE if number in bad else place)
    assert datagrams.flush() == (5 - len(bad), len(bad))
    assert read(friend) == [bytes([number]) for number in range(5) if number not in bad]
    write(datagrams, b"next", place)
    assert datagrams.flush() == (1, 0)
    assert read(friend) == [b"next"]


def test_a_socket_that_is_gone_sends_and_brings_nothing(
    datagrams: Datagrams, endpoint: socket.socket, friend: socket.socket
) -> None:
    for _ in range(3):
        write(datagrams, b"x", place_of(friend.getsockname()))
    endpoint.close()
    assert datagrams.flush() == (0, 3)
    assert arrived(datagrams) == []


@given(st.ip_addresses(v=4), st.integers(0, 65_535))
def test_a_place_stands_for_one_address(host: object, port: int) -> None:
    assert address_of(place_of((str(host), port))) == (str(host), port)

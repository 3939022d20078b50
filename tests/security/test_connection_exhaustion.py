# SPDX-License-Identifier: Apache-2.0
"""One client that takes every connection there is."""

from harness.client import source_address, wait_until
from harness.crowd import MIB, Crowd, many_files, resident_bytes
from harness.raw_http import RawConnection

MANY = 10_050
READY = b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n"


def is_served(port: int, address: str) -> bool:
    try:
        with RawConnection(port, 5, address) as connection:
            connection.send(READY)
            return connection.read_answer().status == 200
    except (ConnectionError, TimeoutError):
        return False


def test_ten_thousand_idle_connections_of_one_address_shut_nobody_else_out(victim):
    with many_files(), Crowd(victim.user_port) as crowd:
        for _ in range(MANY):
            crowd.join()
        assert is_served(victim.user_port, source_address())
        wait_until(lambda: crowd.still_open() <= 256, what="the end of what is beyond the limit of an address")
        assert crowd.still_open() == 256
        assert not is_served(victim.user_port, "127.0.0.1")


def test_ten_thousand_idle_connections_of_many_addresses_make_room_for_the_next(victim):
    with many_files(), Crowd(victim.user_port) as crowd:
        for number in range(MANY):
            crowd.join(f"127.10.0.{1 + number % 50}")
        for _ in range(20):
            assert is_served(victim.user_port, source_address())


def test_the_memory_of_connections_is_given_back(victim):
    """All but what small records that stay (epoll's, one a connection) keep of the pages around them."""
    pid = victim.user_service.process.pid
    before = resident_bytes(pid)
    with many_files(), Crowd(victim.user_port) as crowd:
        for number in range(8000):
            crowd.join(f"127.10.0.{1 + number % 50}").sendall(READY)
        assert is_served(victim.user_port, source_address())
        held = resident_bytes(pid)
    wait_until(lambda: resident_bytes(pid) < before + 24 * MIB, 10, f"the return of {held / MIB:.0f} MiB")
    print(f"{before / MIB:.1f} MiB before, {held / MIB:.1f} MiB with 8000 connections, {resident_bytes(pid) / MIB:.1f} MiB after")

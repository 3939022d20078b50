# SPDX-License-Identifier: Apache-2.0
"""What ./sayur up refuses before it builds anything."""

from __future__ import annotations

import os
import socket
import stat
import subprocess

import pytest

from harness.packages import REPOSITORY


def up(data, mask: int = 0o022, **ports: int | str) -> subprocess.CompletedProcess:
    env = os.environ | {"MICRO_SAYUR_DATA": str(data)} | {name: str(port) for name, port in ports.items()}
    command = [str(REPOSITORY / "sayur"), "up"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False, umask=mask)


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        yield one.getsockname()[1], other.getsockname()[1]


def test_every_port_that_is_taken_is_named_with_its_variable(taken, tmp_path):
    done = up(tmp_path / "data", HTTP_PORT=taken[0], NOTIFICATION_HTTP_PORT=taken[1])
    assert done.returncode == 1
    for port, variable in zip(taken, ("HTTP_PORT", "NOTIFICATION_HTTP_PORT"), strict=True):
        (line,) = [line for line in done.stderr.splitlines() if f"port {port} " in line]
        assert f"{variable}=PORT chooses another" in line
        assert line.startswith("sayur: ")


@pytest.mark.parametrize("port", ["0", "65536", "http", "08080", "-1", "8080 8081"])
def test_a_port_that_is_none_is_refused(port, tmp_path):
    done = up(tmp_path / "data", HTTP_PORT=port)
    assert done.returncode == 64
    assert f'HTTP_PORT: "{port}" is not acceptable' in done.stderr


def test_every_port_that_is_none_is_named(tmp_path):
    done = up(tmp_path / "data", HTTP_PORT="abc", NOTIFICATION_HTTP_PORT=0)
    assert done.returncode == 64
    assert all(f"sayur: {name}:" in done.stderr for name in ("HTTP_PORT", "NOTIFICATION_HTTP_PORT"))


@pytest.mark.skipif(os.getuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_named_with_its_variable(tmp_path):
    (tmp_path / "data").mkdir(mode=0o500)
    done = up(tmp_path / "data")
    assert done.returncode == 1
    assert "MICRO_SAYUR_DATA names a folder that this user may write" in done.stderr


def test_a_file_in_the_place_of_the_folder_is_named_with_its_variable(tmp_path):
    (tmp_path / "data").touch()
    done = up(tmp_path / "data")
    assert done.returncode == 1
    assert done.stderr.startswith("sayur: ")
    assert "MICRO_SAYUR_DATA names a folder that this user may write" in done.stderr


def test_one_port_for_both_is_refused(tmp_path):
    done = up(tmp_path / "data", HTTP_PORT=18080, NOTIFICATION_HTTP_PORT=18080)
    assert done.returncode == 64
    assert "two different ones" in done.stderr


def test_the_folder_of_the_data_is_closed_to_others_from_the_first_moment(taken, tmp_path):
    data = tmp_path / "data"
    up(data, mask=0, HTTP_PORT=taken[0])
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    data.chmod(0o755)
    (data / "micro-sayur.log").touch(0o644)
    up(data, mask=0, HTTP_PORT=taken[0])
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "micro-sayur.log").stat().st_mode) == 0o600

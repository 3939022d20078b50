# SPDX-License-Identifier: Apache-2.0
"""The way of log lines, all of it real: both services, their servers and the gateway → a shipper → a store. Needs the lab's tools
(MICRO_SAYUR_LAB names their folder) and, for the shipper of containers, a program that FLUENT_BIT names."""

from __future__ import annotations

import contextlib
import os
import subprocess

import pytest

from harness.client import Api
from harness.log_lines import fault_of, faults
from harness.packages import LAB
from harness.processes import Session
from harness.stack import DistributedStack
from observability.logs.chain import Chain
from observability.logs.gateway import Gateway


@pytest.fixture(scope="package")
def lab_tool():
    """The path of a tool of the lab."""
    install = LAB / "lab-tools" / "install"
    if not install.exists():
        pytest.skip(f"there is no {install}; MICRO_SAYUR_LAB names the folder that has lab-tools")
    return lambda name: subprocess.run([install, name], capture_output=True, text=True, check=True).stdout.split()[-1]


@pytest.fixture(scope="package")
def world(request, lab_tool):
    """Both services on their servers, and the gateway."""
    running = DistributedStack(request.config.getoption("--preset"))
    try:
        running.gateway = Gateway(running, lab_tool("envoy"))
        yield running
        assert faults(running.session.directory) == []
        assert [(line, wrong) for line in running.gateway.log.read_text().splitlines() if (wrong := fault_of(line))] == []
    finally:
        running.close()


@pytest.fixture(scope="package", params=["rsyslog", "fluent-bit"])
def shipper(request, lab_tool):
    if request.param == "rsyslog":
        return request.param, lab_tool("rsyslogd")
    if not (program := os.environ.get("FLUENT_BIT")):
        pytest.skip("FLUENT_BIT names no program: this shipper was not executed")
    return request.param, program


@pytest.fixture(scope="package", params=["elasticsearch", "opensearch"])
def chain(request, world, shipper, lab_tool):
    with Session() as session, contextlib.closing(Chain(session, world, *shipper, request.param, lab_tool(request.param))) as made:
        assert made.wait_for_all(120)[1] == 0, made.shipper.said()[-2000:]  # what was written before there was a shipper
        yield made


@pytest.fixture
def api(world):
    made = Api(world, user_url=f"{world.gateway.url}/users", notification_url=f"{world.gateway.url}/notifications")
    yield made
    made.close()

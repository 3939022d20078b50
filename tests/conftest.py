# SPDX-License-Identifier: Apache-2.0
"""Options and fixtures of the black-box tests."""

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.modes import CONTAINER_MODES, MODES, make_stack
from harness.packages import REPOSITORY


def pytest_addoption(parser):
    parser.addoption(
        "--mode",
        choices=MODES,
        default="embedded",
        help="what runs: micro-sayur, both services, or both in containers, by compose or on the lab's Kubernetes",
    )
    parser.addoption("--pooler", action="store_true", help="mode distributed: PgBouncer stands in front of PostgreSQL")
    parser.addoption("--accounts", type=int, default=10_000_000, help="tests/scale/test_growth.py: so many are in the large database")
    parser.addoption("--preset", default="dev", help="whose binaries: build/PRESET/bin")


def pytest_configure(config):
    config.addinivalue_line("markers", "mode(name): runs only in this mode, since the other has nothing of the kind")
    config.addinivalue_line(
        "markers", "past_the_gateway(reason): in modes compose and kubernetes `api` calls the services themselves, for this reason"
    )
    config.addinivalue_line("markers", "no_containers(reason): skipped in modes compose and kubernetes, for this reason")
    config.addinivalue_line("markers", "no_pooler(reason): skipped with --pooler, for this reason")


def pytest_collection_modifyitems(config, items):
    """Leaves out what the mode has not got, and puts test_logs.py, which reads what all others left behind, last."""
    mode = config.getoption("--mode")
    elsewhere = [item for item in items if any(mark.args != (mode,) for mark in item.iter_markers("mode"))]
    config.hook.pytest_deselected(items=elsewhere)
    kept = [item for item in items if item not in elsewhere]
    for item in kept if mode in CONTAINER_MODES else ():
        for mark in item.iter_markers("no_containers"):
            item.add_marker(pytest.mark.skip(reason=f"cannot be done to containers: {mark.args[0]}"))
    for item in kept if config.getoption("--pooler") else ():
        for mark in item.iter_markers("no_pooler"):
            item.add_marker(pytest.mark.skip(reason=f"cannot be done through a pooler: {mark.args[0]}"))
    items[:] = sorted(kept, key=lambda item: item.path.name == "test_logs.py")


@pytest.fixture(scope="session")
def mode(request) -> str:
    return request.config.getoption("--mode")


@pytest.fixture(scope="session")
def stack(request, mode):
    """The running system, shared by every test of the run: a test uses accounts of its own and repairs what it breaks."""
    running = make_stack(mode, request.config.getoption("--preset"), request.config.getoption("--pooler"))
    yield running
    wrong = running.log_faults()
    running.close()
    assert wrong == [], "lines that are not as deployments/observability/logs/log_line.schema.json says"


@pytest.fixture(scope="session")
def tool():
    """Runs a program in the repository, expects an exit code and returns its standard output; skips the test when the machine has no such
    program."""

    def run(name: str, *arguments: str | Path, code: int = 0) -> str:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        done = subprocess.run([name, *map(str, arguments)], cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == code, f"{name}: code {done.returncode}\n{done.stdout[-6000:]}{done.stderr[-2000:]}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def say(request):
    """Prints a line of result whatever pytest captures."""
    manager = request.config.pluginmanager.getplugin("capturemanager")

    def line(text: str) -> None:
        with manager.global_and_fixture_disabled():
            print(f"\n{text}", flush=True)

    return line

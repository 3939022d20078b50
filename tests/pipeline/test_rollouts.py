# SPDX-License-Identifier: Apache-2.0
"""tools/ci/deploy.sh against the lab cluster, under a steady load: a good release goes out by digest, one that is never ready and one
that the smoke tests do not like are undone, and no customer notices any of them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.client import wait_until
from harness.container import docker
from harness.kubernetes import LAB, lab_environment
from harness.kubernetes_stack import KubernetesStack
from harness.packages import REPOSITORY
from kubernetes.load import SteadyLoad

pytestmark = [pytest.mark.timeout(900), pytest.mark.skipif(not (LAB / "up").is_file(), reason=f"there is no lab cluster at {LAB}")]
OVERLAY = REPOSITORY / "tests/pipeline/overlay"
HOST = "api.staging.micro-sayur.com"
VERSION = (REPOSITORY / "VERSION").read_text().strip()


class PipelineStack(KubernetesStack):
    overlay = OVERLAY
    namespace_name = "micro-sayur-pipeline"

    def prepare_client(self) -> None:
        # Accounts are made past the entrance, which wants the host.
        self.user_url = f"http://127.0.0.1:{self.user_port}"

    def client(self, **options):
        return super().client(headers={"Host": HOST}, **options)


@pytest.fixture(scope="module")
def stack():
    running = PipelineStack()
    yield running
    running.close()


@pytest.fixture(scope="module")
def release(pushed, tmp_path_factory):
    """release(NAME, LINE...): the file of images of another release, whose user-service differs by these lines of a Dockerfile."""
    made = []

    def make(name: str, *lines: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        image = f"{pushed.registry.address}/micro-sayur/user-service:{name}"
        (folder / "Dockerfile").write_text("\n".join([f"FROM micro-sayur/user-service:v{VERSION}", *lines]) + "\n")
        docker("buildx", "build", "--load", "--tag", image, str(folder))
        made.append(image)
        docker("push", image)
        digest = docker("image", "inspect", "--format", "{{range .RepoDigests}}{{println .}}{{end}}", image)
        (line,) = [each for each in digest.split() if each.startswith(pushed.registry.address)]
        (folder / "images.txt").write_text(f"{line}\n{pushed.lines()[1]}\n")
        return folder / "images.txt"

    yield make
    docker("image", "rm", "--no-prune", *made)


@pytest.fixture
def deploy(run, stack):
    def command(images: Path, *options: str, code: int = 0, **variables: str) -> str:
        kubeconfig = lab_environment()["KUBECONFIG"]
        words = ("tools/ci/deploy.sh", OVERLAY, images, "--unsigned", *options)
        return run(*words, code=code, KUBECONFIG=kubeconfig, SMOKE_SECONDS="20", **variables)

    return command


def images_that_run(stack) -> set[str]:
    return {pod["spec"]["containers"][0]["image"] for pod in stack.namespace.pods("user-service")}


def digest(images: Path) -> str:
    return images.read_text().splitlines()[0]


def test_a_good_release_goes_out_by_digest(stack, release, deploy):
    good = release("good", "LABEL release=good")
    with SteadyLoad(stack) as load:
        said = deploy(good, "--smoke", stack.entrance, "--host", HOST)
    assert "deployed:" in said
    assert images_that_run(stack) == {digest(good)}
    load.expect_no_failure(at_least=200)


def test_a_migration_longer_than_a_rollout_may_take_is_waited_for(stack, release, deploy):
    """Its turn does not come for longer than progressDeadlineSeconds (180): somebody else has the lock of the schema."""
    slow = release("slow", "LABEL release=slow")
    psql = ("exec", "statefulset/postgres", "--", "psql", "-XqAt", "-U", "micro_sayur", "-d", "micro_sayur", "-c")
    hold = "SELECT pg_advisory_lock(hashtextextended('micro-sayur schema user_service', 0)), pg_sleep(200)"
    with SteadyLoad(stack) as load, ThreadPoolExecutor(1) as somebody:
        holding = somebody.submit(stack.namespace.kubectl, *psql, hold, seconds=260)
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        wait_until(lambda: stack.namespace.kubectl(*psql, held).strip() != "0", 30, "the lock")
        began = time.monotonic()
        said = deploy(slow)
        holding.result()
    assert "deployed:" in said
    assert time.monotonic() - began > 180
    assert images_that_run(stack) == {digest(slow)}
    load.expect_no_failure(at_least=200)


def test_a_release_that_is_never_ready_is_undone(stack, release, deploy):
    before = images_that_run(stack)
    with SteadyLoad(stack) as load:
        said = deploy(release("deaf", "ENV HTTP_PORT=9999"), code=1, ROLLOUT_SECONDS="60")
    assert said.rstrip().endswith("the release was not ready within 60 s; undone, what ran before runs again")
    assert images_that_run(stack) == before
    load.expect_no_failure(at_least=200)


def test_a_release_that_the_smoke_tests_do_not_like_is_undone(stack, release, deploy):
    before = images_that_run(stack)
    with SteadyLoad(stack) as load:
        said = deploy(release("other", "LABEL release=other"), "--smoke", "http://127.0.0.1:1", code=1)
    assert said.rstrip().endswith("the smoke tests failed; undone, what ran before runs again")
    assert images_that_run(stack) == before
    load.expect_no_failure(at_least=200)


def test_a_digest_that_is_nowhere_changes_nothing(stack, deploy, pushed, tmp_path):
    before = stack.namespace.get("deployment", "user-service")["metadata"]["generation"]
    wrong = tmp_path / "images.txt"
    wrong.write_text(f"{pushed.registry.address}/micro-sayur/user-service@sha256:{'0' * 64}\n")
    assert deploy(wrong, code=1).rstrip().endswith("nothing was changed")
    assert stack.namespace.get("deployment", "user-service")["metadata"]["generation"] == before

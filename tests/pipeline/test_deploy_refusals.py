# SPDX-License-Identifier: Apache-2.0
"""What tools/ci/deploy.sh refuses before it changes anything, and what it says. It runs in a copy with a small overlay."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.client import wait_until
from harness.processes import Session, free_port
from pipeline.small_overlay import DEPLOYMENT, copy_with_overlay


@pytest.fixture
def folder(tmp_path):
    return copy_with_overlay(tmp_path)


@pytest.fixture
def kubeconfig(tmp_path):
    """kubeconfig(PORT): a cluster at that port."""

    def make(port: int) -> str:
        file = tmp_path / "kubeconfig"
        file.write_text(
            f"apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n"
            f"clusters: [{{name: c, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\nusers: [{{name: u, user: {{}}}}]\n"
        )
        return str(file)

    return make


@pytest.fixture
def deploy(run, pushed, folder):
    """deploy(IMAGES, WORD...): what deploy.sh says when it refuses a release whose images have to have the right signature."""

    def command(images: Path, *words: str, code: int = 1, **variables: str) -> str:
        variables = {"COSIGN_KEY": str(pushed.public)} | variables
        return run("tools/ci/deploy.sh", "small", images, *words, folder=folder, code=code, **variables)

    return command


def test_a_cluster_that_is_not_there(pushed, deploy, kubeconfig):
    said = deploy(pushed.images, KUBECONFIG=kubeconfig(free_port()))
    assert "the cluster does not answer" in said
    assert "connection" in said and "refused" in said
    assert said.rstrip().endswith("nothing was changed")


def test_no_kubeconfig_at_all(pushed, deploy, folder):
    said = deploy(pushed.images, KUBECONFIG="/absent", HOME=str(folder))
    assert "the cluster does not answer" in said
    assert said.rstrip().endswith("nothing was changed")


@pytest.fixture
def recorded(folder):
    """An address that writes down what it is asked, and answers nothing good: a cluster would be asked there."""
    with Session() as session:
        port = free_port()
        log = folder / "asked"
        session.spawn(
            ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)],
            log=log,
            env={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
        )
        wait_until(lambda: log.exists() and "Serving" in log.read_text(), 10, "the server")
        yield port, log


def test_a_digest_that_the_registry_has_not(pushed, deploy, kubeconfig, recorded, tmp_path):
    port, log = recorded
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(pushed.images.read_text().replace(pushed.lines()[1].partition("sha256:")[2], "0" * 64))
    said = deploy(wrong, KUBECONFIG=kubeconfig(port))
    assert f"there is no image {pushed.registry.address}/micro-sayur/notification-service@sha256:{'0' * 64}" in said
    assert said.rstrip().endswith("nothing was changed")
    assert "HTTP/1" not in log.read_text(), "the cluster was not even asked"


@pytest.mark.parametrize(
    "line", ["micro-sayur/user-service:v1.0.0", "r/micro-sayur/user-service@sha256:12", "r/other/user-service@sha256:" + "0" * 64, ""]
)
@pytest.mark.parametrize("end", ["\n", ""], ids=["a whole line", "without an end"])
def test_what_is_no_digest(pushed, deploy, tmp_path, line, end):
    (tmp_path / "images.txt").write_text(pushed.images.read_text() + (line or "\n") + end)
    said = deploy(tmp_path / "images.txt")
    assert f'"{line}" is not REGISTRY/micro-sayur/SERVICE@sha256:' in said


def test_a_last_line_without_an_end_is_a_line(pushed, deploy, kubeconfig, recorded, tmp_path):
    (tmp_path / "images.txt").write_text(pushed.images.read_text().rstrip("\n"))
    assert "the cluster does not answer" in deploy(tmp_path / "images.txt", KUBECONFIG=kubeconfig(recorded[0]))


def test_an_image_without_a_digest(pushed, deploy, kubeconfig, recorded, tmp_path):
    """Otherwise it would go out by the overlay's own tag, from whatever registry that means."""
    port, log = recorded
    (tmp_path / "images.txt").write_text(pushed.lines()[0] + "\n")
    said = deploy(tmp_path / "images.txt", KUBECONFIG=kubeconfig(port))
    assert "runs micro-sayur/notification-service:v1.0.0, of which" in said
    assert said.rstrip().endswith("has no digest; nothing was changed")
    assert "/readyz" not in log.read_text()


def test_nobody_says_whose_signature_it_has_to_be(pushed, deploy, kubeconfig, recorded):
    port, log = recorded
    variables = {"KUBECONFIG": kubeconfig(port), "COSIGN_KEY": ""}
    assert "say who has to have signed the images" in deploy(pushed.images, code=64, **variables)
    assert "HTTP/1" not in log.read_text()
    said = deploy(pushed.images, "--unsigned", **variables)
    assert "nobody's signature is asked for" in said and "the cluster does not answer" in said
    assert "say one of the two" in deploy(pushed.images, "--unsigned", code=64)


def test_an_image_that_others_signed(pushed, run, deploy, kubeconfig, recorded, tmp_path):
    port, log = recorded
    run("cosign", "generate-key-pair", folder=tmp_path, COSIGN_PASSWORD="x")
    said = deploy(pushed.images, KUBECONFIG=kubeconfig(port), COSIGN_KEY=str(tmp_path / "cosign.pub"))
    assert f"the signature of {pushed.lines()[0]} is not good" in said
    assert "HTTP/1" not in log.read_text()


def test_a_good_signature_is_taken(pushed, deploy, kubeconfig, recorded):
    """It gets as far as the cluster, which here says no."""
    port, log = recorded
    said = deploy(pushed.images, KUBECONFIG=kubeconfig(port))
    assert "the cluster does not answer" in said
    assert "GET /readyz" in log.read_text()
    assert not any(verb in log.read_text() for verb in ("POST", "PATCH", "PUT", "DELETE"))


def test_an_overlay_that_does_not_run_the_image(pushed, deploy, folder):
    overlay = folder / "deployments/k8s/overlays/small/all.yaml"
    overlay.write_text(overlay.read_text().replace("micro-sayur/user-service", "other/user-service"))
    said = deploy(pushed.images)
    assert f"runs nothing of {pushed.lines()[0]}" in said


def test_a_database_that_the_overlay_runs_is_of_the_release(pushed, deploy, folder, kubeconfig, recorded, tmp_path):
    """The small overlay runs none, as on AWS: its digest then waits for nobody."""
    overlay = folder / "deployments/k8s/overlays/small/all.yaml"
    overlay.write_text(overlay.read_text() + "---\n" + DEPLOYMENT.format("postgres"))
    assert "the cluster does not answer" in deploy(pushed.images, KUBECONFIG=kubeconfig(recorded[0]))
    (tmp_path / "images.txt").write_text("".join(f"{line}\n" for line in pushed.lines()[:2]))
    assert "runs micro-sayur/postgres:v1.0.0, of which" in deploy(tmp_path / "images.txt")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "say which overlay and which file of images"),
        (["absent", "images.txt"], 'there is no overlay "absent"'),
        (["small", "absent.txt"], "there is no file absent.txt"),
        (["small", "images.txt", "--fast"], "there is no option --fast"),
    ],
)
def test_wrong_arguments(run, folder, words, sentence):
    assert sentence in run("tools/ci/deploy.sh", *words, folder=folder, code=64)


def test_smoke_tests_of_nothing(run):
    said = run("tools/ci/smoke.sh", f"http://127.0.0.1:{free_port()}", code=1, SMOKE_SECONDS="1")
    assert "/users/.well-known/jwks.json answered 000, not 200" in said

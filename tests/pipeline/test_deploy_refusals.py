# SPDX-License-Identifier: Apache-2.0
"""What tools/ci/deploy.sh refuses before it changes anything, and what it says. It runs in a copy with a small overlay."""

from __future__ import annotations

import shutil

import pytest

from harness.client import wait_until
from harness.packages import REPOSITORY
from harness.processes import Session, free_port

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {{ name: {0} }}
spec:
  selector: {{ matchLabels: {{ app: {0} }} }}
  template:
    metadata: {{ labels: {{ app: {0} }} }}
    spec: {{ containers: [{{ name: {0}, image: "micro-sayur/{0}:v1.0.0" }}] }}
"""


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(REPOSITORY / "tools", tmp_path / "tools")
    overlay = tmp_path / "deployments/k8s/overlays/small"
    overlay.mkdir(parents=True)
    (overlay / "kustomization.yaml").write_text("namespace: small\nresources: [all.yaml]\n")
    objects = ["apiVersion: v1\nkind: Namespace\nmetadata: { name: small }\n"]
    objects += [DEPLOYMENT.format(service) for service in ("user-service", "notification-service")]
    (overlay / "all.yaml").write_text("---\n".join(objects))
    return tmp_path


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


def test_a_cluster_that_is_not_there(pushed, run, folder, kubeconfig):
    said = run("tools/ci/deploy.sh", "small", pushed.images, folder=folder, code=1, KUBECONFIG=kubeconfig(free_port()))
    assert "the cluster does not answer" in said
    assert "connection" in said and "refused" in said
    assert said.rstrip().endswith("nothing was changed")


def test_no_kubeconfig_at_all(pushed, run, folder):
    said = run("tools/ci/deploy.sh", "small", pushed.images, folder=folder, code=1, KUBECONFIG="/absent", HOME=str(folder))
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


def test_a_digest_that_the_registry_has_not(pushed, run, folder, kubeconfig, recorded, tmp_path):
    port, log = recorded
    wrong = tmp_path / "wrong.txt"
    wrong.write_text(pushed.images.read_text().replace(pushed.lines()[1].partition("sha256:")[2], "0" * 64))
    said = run("tools/ci/deploy.sh", "small", wrong, folder=folder, code=1, KUBECONFIG=kubeconfig(port))
    assert f"there is no image {pushed.registry.address}/micro-sayur/notification-service@sha256:{'0' * 64}" in said
    assert said.rstrip().endswith("nothing was changed")
    assert "HTTP/1" not in log.read_text(), "the cluster was not even asked"


@pytest.mark.parametrize(
    "line", ["micro-sayur/user-service:v1.0.0", "r/micro-sayur/user-service@sha256:12", "r/other/user-service@sha256:" + "0" * 64]
)
def test_what_is_no_digest(run, folder, tmp_path, line):
    (tmp_path / "images.txt").write_text(line + "\n")
    said = run("tools/ci/deploy.sh", "small", tmp_path / "images.txt", folder=folder, code=1)
    assert f'"{line}" is not REGISTRY/micro-sayur/SERVICE@sha256:' in said


def test_an_image_that_others_signed(pushed, run, folder, kubeconfig, recorded, tmp_path):
    port, log = recorded
    run("cosign", "generate-key-pair", folder=tmp_path, COSIGN_PASSWORD="x")
    key = str(tmp_path / "cosign.pub")
    said = run("tools/ci/deploy.sh", "small", pushed.images, folder=folder, code=1, KUBECONFIG=kubeconfig(port), COSIGN_KEY=key)
    assert f"the signature of {pushed.lines()[0]} is not good" in said
    assert "HTTP/1" not in log.read_text()


def test_a_good_signature_is_taken(pushed, run, folder, kubeconfig, recorded):
    """It gets as far as the cluster, which here says no."""
    port, log = recorded
    variables = {"KUBECONFIG": kubeconfig(port), "COSIGN_KEY": str(pushed.public)}
    said = run("tools/ci/deploy.sh", "small", pushed.images, folder=folder, code=1, **variables)
    assert "the cluster does not answer" in said
    assert "GET /readyz" in log.read_text()
    assert not any(verb in log.read_text() for verb in ("POST", "PATCH", "PUT", "DELETE"))


def test_an_overlay_that_does_not_run_the_image(pushed, run, folder, tmp_path):
    overlay = folder / "deployments/k8s/overlays/small/all.yaml"
    overlay.write_text(overlay.read_text().replace("micro-sayur/user-service", "other/user-service"))
    said = run("tools/ci/deploy.sh", "small", pushed.images, folder=folder, code=1)
    assert f"runs nothing of {pushed.lines()[0]}" in said


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

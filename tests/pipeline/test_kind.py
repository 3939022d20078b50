# SPDX-License-Identifier: Apache-2.0
"""What the job kind of CI does, but for making its cluster and giving it the images: that is played on the lab cluster."""

from __future__ import annotations

import pytest
import yaml

from harness.kubernetes import LAB, Namespace, lab_environment
from harness.packages import REPOSITORY

BUILT_IN = ("v1", "apps/v1", "batch/v1", "networking.k8s.io/v1")


def test_it_wants_no_kind_that_a_bare_cluster_has_not(run):
    made = list(yaml.safe_load_all(run("kubectl", "kustomize", REPOSITORY / "tests/pipeline/kind")))
    assert {each["kind"] for each in made} >= {"Deployment", "StatefulSet", "Job"}
    assert {each["apiVersion"] for each in made} <= set(BUILT_IN)
    assert {each["metadata"].get("namespace", "micro-sayur-kind") for each in made} == {"micro-sayur-kind"}


@pytest.mark.timeout(900)
@pytest.mark.skipif(not (LAB / "up").is_file(), reason=f"there is no lab cluster at {LAB}")
def test_from_nothing_to_serving(run):
    namespace = Namespace("micro-sayur-kind")
    namespace.delete()
    try:
        said = run("tools/ci/kind.sh", KUBECONFIG=lab_environment()["KUBECONFIG"])
        assert "the gateway asks for a token" in said
        assert "there is a namespace micro-sayur-kind already" in run(
            "tools/ci/kind.sh", code=1, KUBECONFIG=lab_environment()["KUBECONFIG"]
        )
    finally:
        namespace.delete()


def test_without_a_cluster(run, tmp_path):
    assert "the cluster of /absent does not answer" in run("tools/ci/kind.sh", code=1, KUBECONFIG="/absent", HOME=str(tmp_path))

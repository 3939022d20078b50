# SPDX-License-Identifier: Apache-2.0
"""Every overlay and every component, without a cluster, by schemas and rule sets: kubeconform, kube-score, checkov."""

from __future__ import annotations

import subprocess
import warnings

import pytest

from harness.packages import REPOSITORY
from kubernetes import manifests, schemas

# Rules that are not followed, each with its reason.
SCORE_IGNORED = {
    "pod-probes-identical": "liveness of a server looks at the port that readiness looks at, less often and for longer",
    "container-security-context-user-group-id": "65532 and 999 are the users of the images; kube-score wants numbers above 10000",
    "deployment-has-host-podantiaffinity": "topologySpreadConstraints over hosts say the same, and do not refuse a small cluster",
    "statefulset-has-host-podantiaffinity": "there is one pod",
    "statefulset-has-poddisruptionbudget": "there is one pod: a budget would only keep its node from being drained",
    "deployment-has-poddisruptionbudget": "mailpit, which is one pod, and everything in development",
    "container-image-pull-policy": "images are named by what does not change; Always would need the registry to start a pod",
    "statefulset-has-servicename": "the servers are one pod each, which its clients know by the Service's address",
    "networkpolicy-targets-pod": "pods that an operator makes are in no manifest",
    "pod-networkpolicy": "development takes whatever calls; the overlays with components/network-policies are scored with this rule",
    "container-ephemeral-storage-request-and-limit": "nothing writes to the node, but the servers, which have both",
}
CHECKOV_IGNORED = {
    "CKV_K8S_15": "imagePullPolicy: as container-image-pull-policy above",
    "CKV_K8S_40": "numbers of users: as container-security-context-user-group-id above",
    "CKV_K8S_43": "digests are what a promotion writes into components/images; here are tags",
    "CKV2_K8S_6": "development takes whatever calls, as pod-networkpolicy above",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """What a user gets: the committed files alone."""
    folder = tmp_path_factory.mktemp("clone")
    subprocess.run(["git", "clone", "--quiet", REPOSITORY, folder], check=True)
    return folder


@pytest.fixture(params=[*(f"overlay {name}" for name in manifests.OVERLAYS), *(f"component {name}" for name in manifests.COMPONENTS)])
def built(request, tmp_path):
    """A file with what one overlay, or base with one component, makes."""
    kind, name = request.param.split()
    text = manifests.build(manifests.FOLDER / "overlays" / name) if kind == "overlay" else manifests.build_with_component(name, tmp_path)
    path = tmp_path / "built.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_an_overlay_is_built_in_a_fresh_clone(clone, overlay):
    assert manifests.objects(manifests.build(clone / "deployments" / "k8s" / "overlays" / overlay))


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    """Options of kubeconform: where schemas are, and what is left out since its schema cannot be had."""
    folder = tmp_path_factory.mktemp("schemas")
    built_in = f"{schemas.BUILT_IN}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json" if schemas.BUILT_IN.is_dir() else "default"
    options = ["-schema-location", built_in, "-skip", "Cluster,Pooler,ScheduledBackup,ObjectStore,RabbitmqCluster"]
    if not schemas.DEFINITIONS[0].is_dir():
        warnings.warn("no definitions of custom resources on this machine: these are not checked", stacklevel=1)
        return [*options, "-ignore-missing-schemas"]
    assert schemas.write_schemas(folder) > 20, f"no definitions in {schemas.DEFINITIONS}"
    return [*options, "-schema-location", f"{folder}/{{{{ .ResourceKind }}}}-{{{{ .Group }}}}-{{{{ .ResourceAPIVersion }}}}.json"]


def expect_valid(path, tool, definitions) -> None:
    output = tool("kubeconform", "-strict", "-summary", *definitions, path)
    assert "Invalid: 0, Errors: 0" in output


def test_schemas_are_met(built, tool, definitions):
    expect_valid(built, tool, definitions)


@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_an_overlay_takes_a_component_more(overlay, tool, definitions, tmp_path):
    for name in sorted(set(manifests.OPTIONAL) - manifests.components_of(overlay)):
        folder = tmp_path / name
        folder.mkdir()
        path = folder / "built.yaml"
        path.write_text(manifests.build_with_more(overlay, name, folder))
        expect_valid(path, tool, definitions)
        found = manifests.objects(path.read_text())
        way_in = {each["kind"] for each in found} & {"Gateway", "HTTPRoute", "Ingress"}
        assert way_in == ({"Ingress"} if name == "ingress" else {"Gateway", "HTTPRoute"}), name
        for each in found:
            if each["kind"] == "Issuer" and "acme" in each["spec"]:
                (solver,) = each["spec"]["acme"]["solvers"]
                assert "gatewayHTTPRoute" not in solver.get("http01", {}) or "Gateway" in way_in, f"{name}: no certificate would come"


def test_kube_score_finds_nothing(built, tool):
    text = built.read_text()
    ignored = [rule for rule in SCORE_IGNORED if rule != "pod-networkpolicy" or "name: deny-all" not in text]
    flags = [part for rule in ignored for part in ("--ignore-test", rule)]
    tool("kube-score", "score", "--output-format", "ci", *flags, str(built))


def test_checkov_finds_nothing(built, tool):
    tool(
        "checkov",
        "-f",
        str(built),
        "--skip-download",
        "--quiet",
        "--compact",
        "--framework",
        "kubernetes",
        "--skip-check",
        ",".join(CHECKOV_IGNORED),
    )

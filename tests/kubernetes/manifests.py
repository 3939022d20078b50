# SPDX-License-Identifier: Apache-2.0
"""What kustomize makes of the folders of deployments/k8s."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import yaml

from harness.packages import REPOSITORY

FOLDER = REPOSITORY / "deployments" / "k8s"
OVERLAYS = sorted(path.name for path in (FOLDER / "overlays").iterdir())
COMPONENTS = sorted(path.name for path in (FOLDER / "components").iterdir())
TEST_OVERLAYS = REPOSITORY / "tests" / "kubernetes" / "overlays"
OPTIONAL = [
    "certificates",
    "exporters",
    "ingress",
    "jaeger",
    "mailpit",
    "monitoring",
    "network-policies",
    "otel",
    "prometheus",
    "smtp-login",
    "status-page",
    "tracing",
]  # fit any overlay
UPON = {"cloudnative-pg-pooler": ("cloudnative-pg",)}  # changes what these have made
NOT_TO_BE_HAD = {"postgresql.cnpg.io", "barmancloud.cnpg.io", "rabbitmq.com"}  # groups whose definitions are not where this is tested


def build(folder: Path) -> str:
    """Plain `kustomize build`."""
    done = subprocess.run(["kustomize", "build", folder], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def build_with_component(name: str, folder: Path) -> str:
    """A component cannot be built alone: base and data servers with this one, and the images, written to `folder`."""
    at = os.path.relpath(FOLDER, folder.resolve())
    resources = [f"{at}/base", f"{at}/base/infrastructure"]
    if name.startswith("cloudnative-pg") or name == "rabbitmq-cluster":  # they stand for a server of base/infrastructure
        resources = [f"{at}/base", f"{at}/../compose"]
    components = [f"{at}/components/{each}" for each in dict.fromkeys((*UPON.get(name, ()), name, "images"))]
    kustomization = {"namespace": "alone", "resources": resources, "components": components}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return build(folder)


def components_of(overlay: str) -> set[str]:
    """Those that it has already."""
    listed = yaml.safe_load((FOLDER / "overlays" / overlay / "kustomization.yaml").read_text())
    kept = {Path(each).name for each in listed["components"]}
    return kept | ({"network-policies"} if "without-operators" in listed["resources"] else set())


def build_with_more(overlay: str, name: str, folder: Path) -> str:
    """An overlay with a component that it has not got, written to `folder`."""
    at = os.path.relpath(FOLDER, folder.resolve())
    kustomization = {"resources": [f"{at}/overlays/{overlay}"], "components": [f"{at}/components/{name}", f"{at}/components/images"]}
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))
    return build(folder)


def objects(text: str) -> list[dict]:
    return [found for found in yaml.safe_load_all(text) if found]


def group(found: dict) -> str:
    name, separator, _ = found["apiVersion"].partition("/")
    return name if separator else ""


def pod_specs(found: list[dict]) -> dict[str, dict]:
    """Kind and name -> the pods that it makes."""
    return {
        f"{each['kind']} {each['metadata']['name']}": each["spec"]["template"]["spec"]
        for each in found
        if each["kind"] in {"Deployment", "StatefulSet", "Job"}
    }


def containers(pod: dict) -> list[dict]:
    """Those that run first, and those that stay."""
    return [*pod.get("initContainers", []), *pod["containers"]]


def environment(found: list[dict], kind: str, name: str) -> dict[str, str]:
    """Of a workload's first container, the references to the ConfigMap followed."""
    (data,) = (each["data"] for each in found if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("app-config"))
    container = workload(found, kind, name)["spec"]["template"]["spec"]["containers"][0]
    return {
        each["name"]: each["value"] if "value" in each else data[each["valueFrom"]["configMapKeyRef"]["key"]] for each in container["env"]
    }


def workload(found: list[dict], kind: str, name: str) -> dict:
    (one,) = (each for each in found if each["kind"] == kind and each["metadata"]["name"] == name)
    return one

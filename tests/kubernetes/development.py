# SPDX-License-Identifier: Apache-2.0
"""The development overlay with one component more, in a namespace of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from harness.kubernetes import LAB, Namespace, checked
from kubernetes import manifests


@contextmanager
def namespace_with(component: str, image: str, folder: Path) -> Iterator[Namespace]:
    """Named micro-sayur-COMPONENT, and deleted before and after. `image`: of the one container that the component adds, without its tag;
    Docker has it. `folder` is empty, and for the kustomization."""
    made = Namespace(f"micro-sayur-{component}")
    write_kustomization(folder, made.name, component)
    pods = manifests.pod_specs(manifests.objects(manifests.build(folder)))
    (tagged,) = {each["image"] for pod in pods.values() for each in pod["containers"] if each["image"].startswith(f"{image}:")}
    checked(LAB / "load", tagged, seconds=300)
    made.delete()
    try:
        made.apply(folder, "--make-secrets")
        yield made
    finally:
        made.delete()


def write_kustomization(folder: Path, namespace: str, component: str) -> None:
    """Without an entrance: that of the lab is another's."""
    at = os.path.relpath(manifests.FOLDER, folder.resolve())
    away = {"apiVersion": "v1", "kind": "any", "metadata": {"name": "any"}, "$patch": "delete"}
    kustomization = {
        "namespace": namespace,
        "resources": [f"{at}/overlays/development"],
        "components": [f"{at}/components/{each}" for each in (component, "images")],
        "patches": [{"target": {"kind": kind}, "patch": json.dumps(away)} for kind in ("Gateway", "HTTPRoute")],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization))

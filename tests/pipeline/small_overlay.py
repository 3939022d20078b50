# SPDX-License-Identifier: Apache-2.0
"""A copy of the scripts with an overlay that has little to deploy: a namespace and a Deployment of each service."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.packages import REPOSITORY

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


def copy_with_overlay(folder: Path) -> Path:
    shutil.copytree(REPOSITORY / "tools", folder / "tools")
    overlay = folder / "deployments/k8s/overlays/small"
    overlay.mkdir(parents=True)
    (overlay / "kustomization.yaml").write_text("namespace: small\nresources: [all.yaml]\n")
    objects = ["apiVersion: v1\nkind: Namespace\nmetadata: { name: small }\n"]
    objects += [DEPLOYMENT.format(service) for service in ("user-service", "notification-service")]
    (overlay / "all.yaml").write_text("---\n".join(objects))
    return folder

# SPDX-License-Identifier: Apache-2.0
"""The production overlay on the lab cluster: TLS at the entrance, replicas, autoscalers, budgets, network policies."""

from __future__ import annotations

import base64
import os
import ssl

import httpx

from .kubernetes import HTTPS
from .kubernetes_stack import KubernetesStack


class KubernetesProduction(KubernetesStack):
    overlay = "production"
    namespace_name = "micro-sayur"
    entrance = HTTPS

    def _open_entrance(self) -> None:
        """It is the cluster's own, where customers come in."""

    def prepare_client(self) -> None:
        self.authority = self._session.directory / "authority.pem"
        self.authority.write_text(self.secret("gateway-tls", "ca.crt"))
        os.environ["SSL_CERT_FILE"] = str(self.authority)  # for every client of this run: nothing else speaks TLS here

    def secret(self, name: str, key: str) -> str:
        return base64.b64decode(self.namespace.get("secret", name)["data"][key]).decode()

    def client(self, **options) -> httpx.Client:
        return super().client(verify=ssl.create_default_context(cafile=str(self.authority)), **options)

    def ready(self, deployment: str) -> int:
        return self.namespace.get("deployment", deployment)["status"].get("readyReplicas", 0)

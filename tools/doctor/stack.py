#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks every part of a running stack: what state it is in, since when, and what to do. `./sayur doctor --stack` calls it."""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import urllib.request
from dataclasses import asdict, dataclass

RUNBOOKS = "docs/operations/runbooks"
# Part, or what a service says of a dependency -> the runbook for it; everything else has ServiceAbsent.
RUNBOOK_OF = {
    "clock": "ClockAhead",
    "database": "DatabaseDown",
    "deliveries": "MailsOverdue",
    "mailpit": "MailsOverdue",
    "smtp": "MailsOverdue",
    "jaeger": "SpansLost",
    "otel-collector": "SpansLost",
    "outbox": "OutboxStuck",
    "postgres": "DatabaseDown",
    "rabbitmq": "RabbitMQAlarm",
    "redis": "RedisDown",
    "signing_keys": "SigningKeyOld",
}
OURS = {"user-service": 8080, "notification-service": 8081}


@dataclass(frozen=True)
class Part:
    """`since`: RFC 3339, when it began to be so, or empty where nobody knows."""

    name: str
    state: str
    healthy: bool
    since: str = ""
    advice: str = ""


class Unanswered(Exception):
    """Whoever was to be asked gave no answer; the text says why."""


def run(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Unanswered(f"{command[0]}: {failure}") from failure
    if done.returncode != 0:
        raise Unanswered(done.stderr.strip() or f"{' '.join(command)} ended with code {done.returncode}")
    return done.stdout


def advice(name: str, look: str) -> str:
    return f"{look}; {RUNBOOKS}/{RUNBOOK_OF.get(name, 'ServiceAbsent')}.md"


def parts_of_health(service: str, document: dict, look: str) -> list[Part]:
    """What a service says of its dependencies (/health)."""
    return [
        Part(f"{service}: {name}", str(state), state == "healthy", advice="" if state == "healthy" else advice(name, look))
        for name, state in sorted(document["services"].items())
    ]


def asked_service(service: str, read, look: str) -> list[Part]:
    """`read` returns the text of /health."""
    try:
        return parts_of_health(service, json.loads(read()), look)
    except (Unanswered, OSError, http.client.HTTPException) as failure:
        return [Part(f"{service}: /health", f"no answer ({failure})", False, advice=advice(service, look))]
    except (ValueError, KeyError, TypeError, AttributeError) as failure:
        return [Part(f"{service}: /health", f"an answer that is none ({failure!r})", False, advice=advice(service, look))]


def container(entry: dict) -> Part:
    name, look = entry["Service"], f"./sayur compose logs {entry['Service']}"
    inspected = json.loads(run("docker", "inspect", entry["ID"]))[0]
    ended = entry["State"] == "exited"
    is_job = inspected["HostConfig"]["RestartPolicy"]["Name"] in {"", "no"}  # a migration; a server that ended is wrong, whatever its code
    done = is_job and ended and entry["ExitCode"] == 0
    state = "done" if done else f"ended with code {entry['ExitCode']}" if ended else entry.get("Health") or entry["State"]
    healthy = done or state in {"healthy", "running"}
    return Part(name, state, healthy, inspected["State"]["FinishedAt" if ended else "StartedAt"], "" if healthy else advice(name, look))


def compose_parts() -> list[Part]:
    lines = run("docker", "compose", "ps", "--all", "--format", "json").splitlines()
    entries = [found for line in lines for found in (json.loads(line) if line.startswith("[") else [json.loads(line)])]
    if not entries:
        raise Unanswered("no container of this project is there: ./sayur compose up starts them")
    parts = [container(each) for each in entries]
    there = {each["Service"] for each in entries}
    for service in run("docker", "compose", "config", "--services").split():
        if service not in there:
            parts.append(Part(service, "absent", False, advice=f"./sayur compose up; {RUNBOOKS}/ServiceAbsent.md"))
    for entry in entries:
        if (service := entry["Service"]) in OURS and entry["State"] == "running":
            parts += asked_service(
                service, lambda at=entry["ID"], port=OURS[service]: health_of(at, port), f"./sayur compose logs {service}"
            )
    return parts


def health_of(container_id: str, port: int) -> str:
    """By the container's own address: production publishes no port, and of three instances each is asked."""
    found = run("docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", container_id).split()
    if not found:
        raise Unanswered("it has no address any more")
    # Not through a proxy, whatever the environment says: it is on this machine.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://{found[0]}:{port}/health", timeout=5) as answer:
        return answer.read().decode()


def workload(namespace: str, found: dict) -> Part:
    kind, name = found["kind"].lower(), found["metadata"]["name"]
    wanted, ready = found["spec"].get("replicas", 1), found["status"].get("readyReplicas", 0)
    conditions = [each for each in found["status"].get("conditions", []) if each["type"] == "Available"]
    since = conditions[0]["lastTransitionTime"] if conditions else found["metadata"]["creationTimestamp"]
    healthy = ready >= wanted
    look = f"kubectl --namespace {namespace} describe {kind}/{name}"
    return Part(name, f"{ready} of {wanted} ready", healthy, since, "" if healthy else advice(name, look))


def cluster_parts(namespace: str) -> list[Part]:
    listed = json.loads(run("kubectl", "--namespace", namespace, "get", "deployments,statefulsets", "--output", "json"))["items"]
    if not listed:
        raise Unanswered(f"nothing of this project is in the namespace {namespace}: ./sayur k8s apply OVERLAY puts it there")
    parts = [workload(namespace, each) for each in listed]
    for service in OURS:
        path = f"/api/v1/namespaces/{namespace}/services/{service}:http/proxy/health"
        look = f"kubectl --namespace {namespace} logs deployment/{service}"
        parts += asked_service(service, lambda at=path: run("kubectl", "get", "--raw", at), look)
    return parts


def told(parts: list[Part]) -> str:
    lines = []
    for part in parts:
        since = f" since {part.since}" if part.since else ""
        lines.append(f"{'ok' if part.healthy else 'WRONG':<6} {part.name:<34} {part.state:<22}{since}".rstrip())
        if part.advice:
            lines.append(f"       mend: {part.advice}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./sayur doctor --stack", description=__doc__)
    parser.add_argument("--namespace", help="a namespace of the cluster that kubectl means, instead of the compose stack of this folder")
    parser.add_argument("--json", action="store_true", help="a JSON array for programs, an object for each part")
    given = parser.parse_args()
    try:
        parts = cluster_parts(given.namespace) if given.namespace else compose_parts()
    except Unanswered as failure:
        parts = [Part("stack", "no answer", False, advice=str(failure))]
    print(json.dumps([asdict(part) for part in parts], indent=1) if given.json else told(parts))
    return 0 if all(part.healthy for part in parts) else 1


if __name__ == "__main__":
    sys.exit(main())

# SPDX-License-Identifier: Apache-2.0
"""A namespace of the lab cluster, and the workloads in it. It is always the lab's: these tests delete namespaces."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from . import packages
from .client import wait_until
from .packages import REPOSITORY
from .service import Service

LAB = packages.LAB / "k8s-lab"
HTTP, HTTPS = "http://127.0.0.1:10080", "https://localhost:10443"  # the lab's entrance


@functools.cache
def lab_environment() -> dict[str, str]:
    """The environment in which kubectl and ./sayur k8s mean the lab, which is brought up when it is not."""
    assert (LAB / "up").is_file(), f"there is no lab cluster at {LAB} (MICRO_SAYUR_LAB)"
    up = subprocess.run([LAB / "up"], capture_output=True, text=True, timeout=1800, check=True)
    kubeconfig = up.stdout.strip().rpartition("KUBECONFIG=")[2]
    return os.environ | {"KUBECONFIG": kubeconfig}


def run(*command: str | Path, seconds: float = 120, stdin: str | None = None) -> subprocess.CompletedProcess:
    environment = lab_environment()
    return subprocess.run(
        [str(part) for part in command],
        cwd=REPOSITORY,
        env=environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def checked(*command: str | Path, seconds: float = 120, stdin: str | None = None) -> str:
    done = run(*command, seconds=seconds, stdin=stdin)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Namespace:
    """One namespace, into which an overlay is applied."""

    def __init__(self, name: str) -> None:
        self.name = name

    def kubectl(self, *arguments: str, seconds: float = 120, stdin: str | None = None) -> str:
        return checked("kubectl", "--namespace", self.name, *arguments, seconds=seconds, stdin=stdin)

    def try_kubectl(self, *arguments: str, seconds: float = 120, stdin: str | None = None) -> subprocess.CompletedProcess:
        return run("kubectl", "--namespace", self.name, *arguments, seconds=seconds, stdin=stdin)

    def get(self, kind: str, name: str = "", **options: str) -> dict:
        """An object, or the list of all."""
        flags = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
        return json.loads(self.kubectl("get", kind, *([name] if name else []), *flags, "--output=json"))

    def pods(self, app: str) -> list[dict]:
        """Those that are not on their way out."""
        found = self.get("pods", selector=f"app={app}")["items"]
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    def address(self, service: str) -> str:
        return self.get("service", service)["spec"]["clusterIP"]

    def apply(self, overlay: str | Path, *options: str, seconds: float = 400) -> float:
        """`./sayur k8s apply`; returns the seconds that it took."""
        began = time.monotonic()
        checked(REPOSITORY / "sayur", "k8s", "apply", overlay, *options, seconds=seconds)
        return time.monotonic() - began

    def make(self) -> None:
        self.kubectl("create", "namespace", self.name)

    def delete(self) -> None:
        self.kubectl("delete", "namespace", self.name, "--ignore-not-found", "--wait", seconds=240)

    def patch_secret(self, name: str, **values: str) -> None:
        self.kubectl("patch", "secret", name, "--type=merge", "--patch-file=/dev/stdin", stdin=json.dumps({"stringData": values}))

    def warnings(self) -> str:
        return self.kubectl(
            "get", "events", "--field-selector=type=Warning", "--output=jsonpath={range .items[*]}{.reason} {.message}{'\\n'}{end}"
        )

    def evict(self, pod: str) -> subprocess.CompletedProcess:
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod, "namespace": self.name}}
        path = f"/api/v1/namespaces/{self.name}/pods/{pod}/eviction"
        return self.try_kubectl("create", "--raw", path, "--filename=-", stdin=json.dumps(body))


class Workload:
    """A Deployment or StatefulSet of one replica, with the verbs of Service and Server: it stays down until it is started again."""

    def __init__(self, namespace: Namespace, kind: str, name: str, served: Callable[[], bool] = lambda: True) -> None:
        """`served`: whether what is in front has seen that the pod is ready."""
        self.namespace, self.kind, self.name, self._served = namespace, kind, name, served
        self._earlier = ""  # what pods wrote that are gone

    @property
    def _target(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def running(self) -> bool:
        return self.namespace.get(self.kind, self.name)["status"].get("readyReplicas", 0) > 0

    def start(self, wait: bool = True) -> None:
        self.namespace.kubectl("scale", self._target, "--replicas=1")
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds: float = 120) -> None:
        self.namespace.kubectl("rollout", "status", self._target, f"--timeout={seconds:.0f}s", seconds=seconds + 10)
        wait_until(self._served, seconds, f"{self.name} behind the gateway")

    def ensure_running(self) -> None:
        if not self.running:
            self.start()

    def stop(self) -> int:
        """An orderly end; returns the exit code."""
        self._keep_log()
        with self._watch() as codes:
            self._scale_to_none()
        return codes[-1]

    def kill(self) -> None:
        """SIGKILL after a second at most."""
        self._keep_log()
        self.namespace.kubectl("scale", self._target, "--replicas=0")
        self.namespace.kubectl("delete", "pod", f"--selector=app={self.name}", "--grace-period=1", "--wait")

    def execute(self, *command: str) -> str:
        return self.namespace.kubectl("exec", self._target, "--", *command)

    def try_run(self, *arguments: str) -> subprocess.CompletedProcess:
        """A subcommand of the service's program, in its pod."""
        return self.namespace.try_kubectl("exec", self._target, "--", f"/usr/bin/{self.name}", *arguments)

    def run(self, *arguments: str) -> str:
        return self.execute(f"/usr/bin/{self.name}", *arguments)

    def log_text(self) -> str:
        return self._earlier + self.namespace.kubectl("logs", f"--selector=app={self.name}", "--tail=-1")

    log_lines = Service.log_lines

    def _keep_log(self) -> None:
        self._earlier = self.log_text()

    def _scale_to_none(self) -> None:
        self.namespace.kubectl("scale", self._target, "--replicas=0")
        self.namespace.kubectl("wait", "pod", f"--selector=app={self.name}", "--for=delete", "--timeout=90s")

    @contextlib.contextmanager
    def _watch(self) -> Iterator[list[int]]:
        """The exit codes of containers that end meanwhile."""
        codes: list[int] = []
        ended = "{.status.containerStatuses[0].state.terminated.exitCode}{'\\n'}"
        selector = f"--selector=app={self.name}"
        command = ["kubectl", "--namespace", self.namespace.name, "get", "pods", selector, "--watch", f"--output=jsonpath={ended}"]
        watch = subprocess.Popen(command, env=lab_environment(), stdout=subprocess.PIPE, text=True)
        try:
            yield codes
        finally:
            watch.terminate()
            output, _ = watch.communicate()
            codes += [int(line) for line in output.splitlines() if line]

# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of the pipeline: its scripts, run at the root of the repository, and a registry of their own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.container import docker
from harness.packages import REPOSITORY
from harness.processes import Session
from harness.registry import Registry

RELEASED = ("user-service", "notification-service", "postgres")


@pytest.fixture(scope="session")
def run():
    """run(WORD..., code=0, VARIABLE=value...): a command of the repository; returns what it said, standard error included."""

    def command(*words: str | Path, code: int | None = 0, folder: Path = REPOSITORY, **variables: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "COSIGN_", "KUBECONFIG"))}
        done = subprocess.run(
            [str(word) for word in words],
            cwd=folder,
            env=kept | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode != 0 if code is None else done.returncode == code, f"{words}: code {done.returncode}\n{done.stdout}"
        return done.stdout

    return command


@dataclass(frozen=True)
class Pushed:
    """The images of ./sayur images in a registry, with the file of their digests and the pair of keys that signed them."""

    registry: Registry
    images: Path
    sboms: Path
    private: Path
    public: Path

    def lines(self) -> list[str]:
        return self.images.read_text().splitlines()


@pytest.fixture(scope="session")
def pushed(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    with Session() as session:
        registry = Registry(session)
        registry.start()
        made = Pushed(registry, folder / "images.txt", folder / "sboms", folder / "cosign.key", folder / "cosign.pub")
        run("tools/ci/push.sh", registry.address, made.images)
        run("tools/ci/sbom.sh", made.sboms)
        run("cosign", "generate-key-pair", folder=folder, COSIGN_PASSWORD="for this test")
        run("tools/ci/sign.sh", made.images, made.sboms, COSIGN_KEY=str(made.private), COSIGN_PASSWORD="for this test")
        yield made
        version = (REPOSITORY / "VERSION").read_text().strip()
        for name in RELEASED:
            docker("image", "rm", "--no-prune", f"{registry.address}/micro-sayur/{name}:v{version}")

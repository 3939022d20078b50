# SPDX-License-Identifier: Apache-2.0
"""A copy of the Terraform files, in which `terraform` leaves its folders."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from harness.packages import REPOSITORY

TERRAFORM = Path("deployments/terraform")
ENVIRONMENTS = ("staging", "production")
REGION, BACKUP_REGION = "ap-southeast-3", "ap-southeast-1"
BUCKET = "owner-micro-sayur-state"

# What somebody has to say before he can plan an environment.
VARIABLES = {
    "TF_VAR_github_repository": "owner/micro-sayur",
    "TF_VAR_alert_email": "operations@micro-sayur.com",
    "TF_VAR_administrator_role_arns": '["arn:aws:iam::123456789012:role/administrator"]',
}


class Workspace:
    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        # A configuration of Terraform on this machine is not to change what is tested.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_CLI", "TF_VAR_"))}
        self.environment = kept | {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"} | (environment or {})
        for part in (TERRAFORM, "tools/ci", "deployments/compose", "deployments/gateway", "deployments/k8s"):
            shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
        shutil.copy(REPOSITORY / "tools/lib.sh", folder / "tools")

    def run(self, *command: str | Path, code: int | None = 0, **variables: str) -> str:
        """Runs a command at the root of the copy and returns what it said; `code` None: it has to fail."""
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1500,
            check=False,
        )
        said = plain(done.stdout)
        assert done.returncode != 0 if code is None else done.returncode == code, f"{command}: code {done.returncode}\n{said[-8000:]}"
        return said

    def terraform(self, root: Path | str, *arguments: str, code: int | None = 0, **variables: str) -> str:
        return self.run("terraform", f"-chdir={TERRAFORM / root}", *arguments, code=code, **variables)

    def init(self, root: Path | str) -> None:
        plugins = os.environ.get("TF_PLUGIN_DIR")
        self.terraform(root, "init", "-backend=false", "-input=false", *([f"-plugin-dir={plugins}"] if plugins else []))


def plain(text: str) -> str:
    """Without colours, and without the frame that Terraform draws around what it says, lines joined."""
    return re.sub(r"\n?[│╷╵]+ ?", " ", re.sub(r"\x1b\[[0-9;]*m", "", text))

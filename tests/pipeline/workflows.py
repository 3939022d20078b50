# SPDX-License-Identifier: Apache-2.0
"""The workflows, read."""

from __future__ import annotations

from pathlib import Path

import yaml

from harness.packages import REPOSITORY

FOLDER = REPOSITORY / ".github/workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))


def parsed(workflow: Path) -> dict:
    return yaml.safe_load(workflow.read_text())


def jobs_with_steps(workflow: Path) -> dict[str, dict]:
    return {name: job for name, job in parsed(workflow)["jobs"].items() if "steps" in job}


def triggers(workflow: Path) -> set[str]:
    return set(parsed(workflow)[True])  # YAML 1.1 reads `on` as a truth value

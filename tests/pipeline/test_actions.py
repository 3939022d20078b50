# SPDX-License-Identifier: Apache-2.0
"""The foreign actions, and the versions of what they bring."""

from __future__ import annotations

import re

import pytest

from harness.packages import LAB, REPOSITORY
from pipeline.workflows import WORKFLOWS

PINNED = re.compile(r"^\s*(?:- )?uses: ([\w./-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(workflow):
    for line in workflow.read_text().splitlines():
        if "uses:" in line and "uses: ./" not in line:
            assert PINNED.match(line), f"{workflow.name}: {line.strip()}"


def used() -> dict[str, set[tuple[str, str]]]:
    """Action -> the commits and versions that it is used at; an action in a folder of a repository counts as that repository."""
    found: dict[str, set[tuple[str, str]]] = {}
    for workflow in WORKFLOWS:
        for line in workflow.read_text().splitlines():
            if match := PINNED.match(line):
                found.setdefault("/".join(match[1].split("/")[:2]), set()).add((match[2], match[3]))
    return found


def test_an_action_has_one_commit():
    assert {action: commits for action, commits in used().items() if len(commits) != 1} == {}


def test_the_commits_are_those_that_were_looked_up():
    """A list of them is kept outside of this repository, since in here it would have to be changed with each of Dependabot's proposals."""
    known = LAB / "anchors/actions.md"
    if not known.is_file():
        pytest.skip(f"there is no {known} with the commits of actions")
    rows = {
        row[0]: (row[2], row[1]) for row in re.findall(r"^\| (\S+/\S+) \| (v\S+) \| ([0-9a-f]{40}) \|$", known.read_text(), re.MULTILINE)
    }
    assert {action: commits for action, commits in used().items() if commits != {rows.get(action)}} == {}


def test_cosign_is_the_one_that_the_tests_are_given():
    (tested,) = re.findall(r"cosign/v2/cmd/cosign@(v\S+)", (REPOSITORY / "tools/ci/tools.sh").read_text())
    text = "".join(workflow.read_text() for workflow in WORKFLOWS)
    assert text.count("sigstore/cosign-installer@") == len(re.findall(rf"cosign-release: {re.escape(tested)} ", text)) > 0

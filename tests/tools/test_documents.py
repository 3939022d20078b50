# SPDX-License-Identifier: Apache-2.0
"""Documents are what their sources say, and link what is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


@pytest.mark.parametrize("maker", ["errors.py", "costs.py"])
def test_what_is_made_is_up_to_date(maker):
    done = subprocess.run([sys.executable, ROOT / "tools/docs" / maker, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document):
    text = re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{document.name} links {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(document):
    """What a code span names below the folders of this tree is a file, a folder or a pattern there."""
    for name in re.findall(r"`((?:platform|services|tools|tests|contracts|docs|cmake)/[^`\s]*)`", document.read_text()):
        assert list(ROOT.glob(name.rstrip("/"))), f"{document.name} names {name}"


def test_every_lane_has_its_time():
    lanes = {lane.stem for lane in (ROOT / "tools/lanes").glob("*.sh")}
    table = [line for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if line.startswith("| `")]
    assert lanes == {name for line in table for name in re.findall(r"\| `(\w+)` \|", line)}


def test_every_folder_of_tests_stands_in_the_architecture():
    tracked = subprocess.run(["git", "ls-files", "tests/*/*"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    folders = {Path(name).parts[1] for name in tracked}
    tree = re.search(r"^tests/ .*?^docs/", (ROOT / "docs/architecture.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"(\w+)/", tree[0])) - {"tests", "docs"}
    assert named == folders

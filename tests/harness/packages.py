# SPDX-License-Identifier: Apache-2.0
"""Server programs from Debian's packages, without installing them: what the machine lacks is unpacked into .cache/servers."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE_LIST = REPOSITORY / "tools" / "packages" / "servers.txt"
CACHE = REPOSITORY / ".cache" / "servers"
LAB = Path(os.environ.get("MICRO_SAYUR_LAB", REPOSITORY.parent / "shared"))  # tools that are only for testing; may be absent


class PackageError(RuntimeError):
    """A server program is neither installed nor to be had."""


def wanted_packages() -> list[str]:
    lines = (line.split("#")[0].strip() for line in PACKAGE_LIST.read_text().splitlines())
    return [line for line in lines if line]


def find_program(installed: str, pattern: str) -> Path:
    """The program `installed` (an absolute path), else the one matching `pattern` in the unpacked tree, which is made when needed."""
    if os.access(installed, os.X_OK):
        return Path(installed)
    tree = unpacked_tree()
    found = sorted(tree.glob(pattern))
    if not found:
        raise PackageError(f"{pattern} is in none of the packages named in {PACKAGE_LIST}")
    return found[-1]


def library_path(program: Path) -> dict[str, str]:
    """The environment in which an unpacked program finds the libraries that were unpacked with it."""
    if not program.is_relative_to(CACHE):
        return {}
    folders = [*(CACHE / "tree" / "usr" / "lib").glob("*-linux-gnu*"), *(CACHE / "tree" / "lib").glob("*-linux-gnu*")]
    return {"LD_LIBRARY_PATH": ":".join(map(str, folders))}


def unpacked_tree() -> Path:
    """Downloads and unpacks, once, what servers.txt names and the machine lacks. Safe to call from several processes."""
    tree, stamp = CACHE / "tree", CACHE / "stamp"
    packages = wanted_packages()
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text().split() == packages:
            return tree
        shutil.rmtree(tree, ignore_errors=True)
        stamp.unlink(missing_ok=True)
        for archive in _download(packages):
            subprocess.run(["dpkg", "-x", str(archive), str(tree)], check=True)
            archive.unlink()
        stamp.write_text("\n".join(packages))
    return tree


def _download(packages: list[str]) -> list[Path]:
    archives = CACHE / "archives"
    shutil.rmtree(archives, ignore_errors=True)
    archives.mkdir()
    attempts = ([], _private_lists())
    for number, options in enumerate(attempts):
        try:
            if options:
                _apt(options, "update")
            simulated = _apt(options, "--simulate", "--no-install-recommends", "install", *packages)
            missing = [line.split()[1] for line in simulated.splitlines() if line.startswith("Inst ")]
            if missing:
                _apt(options, "download", *missing)
            return sorted(archives.glob("*.deb"))
        except PackageError:
            if number == len(attempts) - 1:
                raise
    raise AssertionError("unreachable")


def _private_lists() -> list[str]:
    """Package lists of our own: refreshing them needs no root and changes nothing on the machine."""
    for folder in ("lists/partial", "apt/archives/partial"):
        (CACHE / folder).mkdir(parents=True, exist_ok=True)
    return ["-o", f"Dir::State::Lists={CACHE / 'lists'}", "-o", f"Dir::Cache={CACHE / 'apt'}"]


def _apt(options: list[str], *arguments: str) -> str:
    command = ["apt-get", "--quiet", "-o", "Debug::NoLocking=1", *options, *arguments]
    run = subprocess.run(command, cwd=CACHE / "archives", stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if run.returncode != 0:
        raise PackageError(f"{' '.join(command)} failed:\n{run.stderr.strip()}")
    return run.stdout

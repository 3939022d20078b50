# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a file of a repository, for as long as a test looks at it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from harness.postgres import own


@contextlib.contextmanager
def changed(file: Path, content: bytes | None):
    """Another content, or none at all, for as long."""
    before = file.read_bytes()
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    try:
        yield
    finally:
        file.write_bytes(before)
        own(file)


def damaged(file: Path):
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4] = bytes(byte ^ 0xFF for byte in content[middle : middle + 4])
    return changed(file, bytes(content))

# SPDX-License-Identifier: Apache-2.0
"""What happened when, counted from the loss."""

from __future__ import annotations

import time


class Timeline:
    """Prints each step as it is marked: seconds since the loss, and how long the step took."""

    def __init__(self) -> None:
        self.began = self._last = time.monotonic()

    def mark(self, what: str, at: float | None = None) -> float:
        """Returns the seconds since the loss; `at` is on the monotonic clock, by default now."""
        now = at or time.monotonic()
        print(f"  {now - self.began:7.2f} s  {what} ({now - self._last:.2f} s)", flush=True)
        self._last = now
        return now - self.began

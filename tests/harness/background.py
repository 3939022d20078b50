# SPDX-License-Identifier: Apache-2.0
"""Work that goes on in threads while a test does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self


class Background:
    """A context manager: runs `tasks()`, each in a thread of its own, until it is left. Tasks end when `over` is set."""

    def tasks(self) -> list[Callable[[], None]]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.over = threading.Event()
        self._threads = [threading.Thread(target=task, daemon=True) for task in self.tasks()]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

# SPDX-License-Identifier: Apache-2.0
"""What the programs here are told: by options, and by variables without which they cannot begin."""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

EX_USAGE, EX_CONFIG = 64, 78  # of sysexits(3), as with the services


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, and ends the program."""

    def __init__(self, description: str) -> None:
        super().__init__(description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(EX_USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")

    def variable(self, name: str, meaning: str) -> str:
        """Its value; ends the program where it has none."""
        value = os.environ.get(name, "")
        if not value:
            self.exit(EX_CONFIG, f"{self.prog}: {name} is not set: say {meaning}\n")
        return value

    def number(self, name: str, otherwise: int | None) -> int | None:
        """The value of a variable that may have none; ends the program where it is no whole number."""
        value = os.environ.get(name, "")
        if value and not value.isdecimal():
            self.exit(EX_CONFIG, f"{self.prog}: {name} is {value!r}: say a whole number\n")
        return int(value) if value else otherwise

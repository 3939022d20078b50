#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/configuration.md from what the three programs say of themselves with --help: configuration.py BIN_FOLDER [--check]."""

import re
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
PROGRAMS = ("user-service", "notification-service", "micro-sayur")
HEAD = """# Configuration

Made by `python3 tools/docs/configuration.py build/release/bin` from the programs' own `--help`; do not edit.

Everything comes from the environment. A program that is started with faults in it names all of them and ends with code 78. Secrets are read
from the file that `NAME_FILE` names, and read again when it changes; a plain `NAME` is accepted with `APP_ENV=development` only. Durations
are `30` (seconds), `30s`, `15m`, `24h` or `30d`.
"""

NOTES = {
    "micro-sayur": """
An instance to try out, whatever `APP_ENV` is. It makes the keys that are missing; the default of `JWT_KEYS_DIR` is the folder
`keys` in `MICRO_SAYUR_DATA`. It shows every mail at `/mailbox` to this machine and to `MAILBOX_CLIENTS`, under the names localhost,
127.0.0.1 and [::1] alone. Where `ADMIN_EMAIL` is not set it makes the administrator `admin@localhost`, writes the password to
`admin-password` in `MICRO_SAYUR_DATA`, and accepts addresses without a dot after the @, such as `budi@localhost`
([why](adr/0024-what-an-address-may-be.md)).
"""
}


def variables(program: Path) -> list[tuple[str, str, str, str]]:
    """(name, type, default, meaning) of every variable: columns are separated by two blanks or more, as the line of APP_ENV shows."""
    text = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    lines = text[text.index("VARIABLES") :].splitlines()[1:]
    lines = [line for line in lines if line.strip()]
    starts = [match.start() for match in re.finditer(r"(?<=  )\S", lines[0])]
    if len(starts) != 4:
        raise SystemExit(f"{program}: the variables stand in {len(starts)} columns, not in 4")
    ends = [*starts[1:], None]
    return [tuple(line[start:end].strip() for start, end in zip(starts, ends, strict=True)) for line in lines]


def document(folder: Path) -> str:
    parts = [HEAD]
    for name in PROGRAMS:
        parts.append(f"\n## {name}\n{NOTES.get(name, '')}\n| Variable | Type | Default | Meaning |\n|---|---|---|---|\n")
        for variable, kind, fallback, meaning in variables(folder / name):
            kind = kind.replace("|", " \\| ")
            shown = fallback if fallback in ("", "required") else f"`{fallback}`"
            parts.append(f"| `{variable}` | {kind} | {shown} | {meaning} |\n")
    return "".join(parts)


def main() -> int:
    match sys.argv[1:]:
        case [folder, "--check"]:
            if TARGET.read_text() == document(Path(folder)):
                return 0
            print(f"{TARGET.name} is not what the programs say; run python3 tools/docs/configuration.py {folder}", file=sys.stderr)
            return 1
        case [folder]:
            TARGET.write_text(document(Path(folder)))
            return 0
    print(__doc__, file=sys.stderr)
    return 64


if __name__ == "__main__":
    sys.exit(main())

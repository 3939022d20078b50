#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur drill [--users N] [--wal-seconds S] [--repository 1|2] [--preset PRESET]
#
# A rehearsal of the worst: both services on servers of its own, N users (1,000,000), writing without a pause; then the
# database is lost with its disk, restored from a backup, and held against everything that was acknowledged. Prints a
# timeline with the recovery time (RTO) and the recovery point (RPO) as measured; exit code 1 when one of them is beyond
# its goal (60 s, 5 s) or something older is lost. Between the last backup and the loss lie S seconds of writing (3600) at
# the rate at which the drill writes. Takes some minutes and, for a million users, 8 GiB of disk.
set -euo pipefail
. tools/lib.sh
help_wanted "$0" "$@"

install_packages build test python
python_environment
build release user-service notification-service
exec python tests/drill/run.py --preset release "$@"

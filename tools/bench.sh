#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur bench [--json FILE]
#
# Measures the services against references on this machine, interleaved, in at most 15 minutes, and prints a table;
# --json writes an array of id, subject, reference, ratio and goal as well.
set -euo pipefail
. tools/lib.sh
help_wanted "$0" "$@"

[ -f tests/bench/run.py ] || fail $TOOLS_ABSENT "there are no benchmarks yet: tests/bench/run.py is absent"
install_packages build test bench
python_environment
configure release -DMICRO_SAYUR_TESTS=ON
NINJA_STATUS='[%e s] %f/%t ' cmake --build build/release
exec python tests/bench/run.py "$@"

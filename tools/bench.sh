#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur bench [--json FILE] [--against PRESET] [P1…P9] [P1-traced] [scrape] [I1]
#        ./sayur bench database_sizes|pooler_connections|pooler_cost|refresh_bloat [ARGUMENT...]
#
# Measures the services against references on this machine, interleaved, in about 20 minutes, and prints a table;
# --against compares with the services of build/PRESET/bin, which somebody put there: old and new interleaved in one run
# (A-B-B-A, twenty pairs), with the 95% interval of the ratio; a row whose interval does not tell whether more than 5% were
# lost says noisy after three runs. P1-traced is what it costs to record a tenth of all requests, scrape what /metrics costs,
# and I1, with --against, the instructions of one request, which a busy machine does not change. --json writes an array of id, subject, reference, ratio and goal as well.
#
# The others are figures of documents about PostgreSQL; tests/bench/NAME.py says what each measures and what its arguments are.
set -euo pipefail
. tools/lib.sh
help_wanted "$0" "$@"

install_packages build test python bench
python_environment
configure release -DMICRO_SAYUR_TESTS=ON
step "building what is measured (release)"
NINJA_STATUS='[%e s] %f/%t ' cmake --build build/release --target user-service notification-service benchmarks
case ${1:-} in
  database_sizes | pooler_connections | pooler_cost | refresh_bloat) exec python "tests/bench/$1.py" "${@:2}" ;;
  *) exec python tests/bench/run.py "$@" ;;
esac

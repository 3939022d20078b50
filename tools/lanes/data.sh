#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: data
#   Backups of a real PostgreSQL in two repositories, and what becomes of them when one is away, damaged, incomplete or
#   another's; what a restore refuses and replaces; the drill with 50,000 users: lost with its disk under load, restored,
#   held against what was acknowledged.
#   Migrations from the first schema on under load, some that end half-way, and the next major version of PostgreSQL.
#   Prints recovery time, recovery point, seconds without writes at a fail-over, stale reads, the longest wait for a lock, and,
#   where there is kustomize, how many connections each place may take.
#   Needs: as contract, and PyPI once. Takes: 20 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service apply_migrations
run_pytest data tests/data --preset=dev
if command -v kustomize >/dev/null; then
  run_pytest connections tests/kubernetes/test_connections.py
else
  echo "no kustomize: connections to PostgreSQL are not added up"
fi
exit $lane_failed

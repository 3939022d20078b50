#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: security
#   Attacks that take long or much, each file of tests/security named after what it tries: once embedded, once on real
#   servers. Quick ones are part of the lane system.
#   Needs: as contract. Takes: 3 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service micro-sayur
for mode in embedded distributed; do
  run_pytest "security-$mode" tests/security --mode="$mode" --preset=dev
done
exit $lane_failed

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scale
#   What shows only in many thousand measurements: whether the time of an answer tells who has an account.
#   Needs: as contract, and a quiet machine. Takes: 40 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service micro-sayur
for mode in embedded distributed; do
  run_pytest "scale-$mode" tests/scale --mode="$mode" --preset=dev -s
done
exit $lane_failed

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: scale
#   What shows only in many thousand measurements: whether the time of an answer tells who has an account; and with many rows: what calls
#   cost in a database of 10,000,000 accounts, or SCALE_ACCOUNTS.
#   Needs: as contract, and a quiet machine; 44 GB of disk, or there are fewer accounts. Takes: 40 minutes, and an hour for the accounts.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service micro-sayur
for mode in embedded distributed; do
  run_pytest "scale-$mode" tests/scale/test_answer_times.py --mode="$mode" --preset=dev -s
done
run_pytest scale-growth tests/scale/test_growth.py --mode=distributed --preset=dev -s --accounts="${SCALE_ACCOUNTS:-10000000}"
exit $lane_failed

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: system
#   The built programs from outside, over HTTP and SMTP: once embedded, once distributed on real servers; with
#   Schemathesis and three rounds of the lane kill.
#   Needs: as contract. Takes: 6 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service micro-sayur
for mode in embedded distributed; do
  run_pytest "system-$mode" tests/system --mode="$mode" --preset=dev
done
exit $lane_failed

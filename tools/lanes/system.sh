#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: system
#   The built programs from outside, over HTTP and SMTP: once embedded, once distributed on real servers, once more with a
#   PgBouncer in front of PostgreSQL; with Schemathesis and three rounds of the lane kill.
#   Needs: as contract. Takes: 12 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service micro-sayur
for mode in embedded distributed; do
  run_pytest "system-$mode" tests/system --mode="$mode" --preset=dev
done
run_pytest system-pooler tests/system --mode=distributed --pooler --preset=dev
exit $lane_failed

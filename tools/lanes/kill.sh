#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: kill
#   60 rounds (MICRO_SAYUR_KILL_ROUNDS) of kill -9 across the five processes under load, then a reckoning: every
#   registration that was answered has its mail. MICRO_SAYUR_SEED repeats the choices of a run.
#   Needs: as contract. Takes: 4 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev user-service notification-service
run_pytest kill tests/kill --mode=distributed --preset=dev
exit $lane_failed

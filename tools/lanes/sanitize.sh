#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: sanitize
#   unit, contract and system again under AddressSanitizer and UndefinedBehaviorSanitizer; the threaded parts under
#   ThreadSanitizer.
#   Needs: as contract. Takes: 40 minutes.
set -euo pipefail
. tools/lane.sh

python_environment
sanitizer_options
build asan unit_tests contract_tests user-service notification-service micro-sayur
run_programs asan 'unit_*'
# shellcheck disable=SC2046 # the words of a command
run_programs asan 'contract_*' $(with_servers)
for mode in embedded distributed; do
  run_pytest "system-$mode.asan" tests/system --mode="$mode" --preset=asan
done
build tsan unit_tests contract_tests
run_programs tsan 'unit_platform_*'
# shellcheck disable=SC2046 # the words of a command
run_programs tsan 'contract_*' $(with_servers)
exit $lane_failed

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: unit
#   Rules and use cases without any I/O, and the rules of the build.
#   Needs: the packages of tools/packages/{build,test}.txt. Takes: seconds, after a build of some minutes.
set -euo pipefail
. tools/lane.sh

python_environment
build dev unit_tests
run_pytest tools tests/tools
run_programs dev 'unit_*'
exit $lane_failed

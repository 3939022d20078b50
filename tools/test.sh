#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur test [LANE...]
#
# Runs the tests, lane by lane, and ends with a line "N passed, N failed". Without arguments: unit contract system; "all"
# is every lane there is, but for scale. Exit code: 0 all passed, 1 something failed, 3 a lane could not run because its tools are
# absent. Reports go to build/results/LANE/. A lane is a file tools/lanes/LANE.sh.
set -euo pipefail
. tools/lib.sh

mapfile -t all_lanes < <(basename -s .sh tools/lanes/*.sh)

lanes=()
for argument in "$@"; do
  case $argument in
    -h | --help)
      show_help "$0"
      for lane in "${all_lanes[@]}"; do
        echo
        show_help "tools/lanes/$lane.sh" | sed 's/^Usage: //'
      done
      exit 0
      ;;
    all) mapfile -t -O ${#lanes[@]} lanes < <(printf '%s\n' "${all_lanes[@]}" | grep -vx scale) ;;
    *)
      [ -f "tools/lanes/$argument.sh" ] || fail 64 "there is no lane \"$argument\"; there are: ${all_lanes[*]}"
      lanes+=("$argument")
      ;;
  esac
done
[ ${#lanes[@]} -gt 0 ] || lanes=(unit contract system)

rm -rf build/results
absent=()
for lane in "${lanes[@]}"; do
  export RESULTS=$PWD/build/results/$lane
  mkdir -p "$RESULTS"
  step "lane $lane"
  code=0
  bash "tools/lanes/$lane.sh" || code=$?
  case $code in
    0) ;;
    "$TOOLS_ABSENT") absent+=("$lane") ;;
    *) touch "$RESULTS/failed" ;;
  esac
done
[ ${#absent[@]} -eq 0 ] || echo "not run, because their tools are absent (./sayur doctor): ${absent[*]}"
code=0
/usr/bin/python3 tools/count_results.py build/results || code=$?
[ $code -ne 0 ] || [ ${#absent[@]} -eq 0 ] || code=$TOOLS_ABSENT
exit $code

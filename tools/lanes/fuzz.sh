#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: fuzz
#   libFuzzer on every reader of foreign bytes, 30 s each (MICRO_SAYUR_FUZZ_SECONDS). What made one fail is kept in
#   build/fuzz/found/.
#   Needs: the packages of tools/packages/{build,test}.txt. Takes: 5 minutes.
set -euo pipefail
. tools/lane.sh

sanitizer_options
configure asan -B build/fuzz -DMICRO_SAYUR_FUZZ=ON
step "building fuzz_targets"
NINJA_STATUS='[%e s] %f/%t ' cmake --build build/fuzz --target fuzz_targets
mkdir -p build/fuzz/found
for program in build/fuzz/bin/fuzz/*; do
  name=$(basename "$program")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  [ ! -d "tests/fuzz_seeds/$name" ] || cp "tests/fuzz_seeds/$name"/* "$corpus/"
  step "$name"
  code=0
  "$program" -max_total_time="${MICRO_SAYUR_FUZZ_SECONDS:-30}" -timeout=5 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$name-" \
    "$corpus" >"$(log_file "fuzz-$name")" 2>&1 || code=$?
  # Without coverage of the code nothing is learnt: that is a fault of the build.
  ! grep -q 'no interesting inputs were found' "$(log_file "fuzz-$name")" || code=1
  if [ $code -eq 0 ]; then
    printf '<testsuite><testcase classname="fuzz" name="%s"/></testsuite>' "$name" >"$RESULTS/$name.xml"
  else
    tail -n 30 "$(log_file "fuzz-$name")" >&2
    echo $code >"$RESULTS/$name.crashed"
    lane_failed=1
  fi
done
exit $lane_failed

# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Shared by the lanes. A lane runs with RESULTS, the folder for its reports, in its environment; exit code 3: tools are
# absent.
. tools/lib.sh

lane_failed=0

# A lane that compiles nothing sets lane_packages before it sources this file.
[ -n "${lane_packages:-}" ] || lane_packages=(build test python)
install_packages "${lane_packages[@]}"

# run_program NAME COMMAND...: runs a GoogleTest program (the last word of COMMAND) and keeps its report as NAME.xml. One
# that fails without a report of the failed test has crashed.
run_program() {
  local name=$1 code=0
  shift
  step "$name"
  GTEST_COLOR=${GTEST_COLOR:-auto} timeout --kill-after=10 "${TEST_TIMEOUT:-900}" "$@" --gtest_brief=1 "--gtest_output=xml:$RESULTS/$name.xml" || code=$?
  [ $code -ne 0 ] || [ -f "$RESULTS/$name.xml" ] || code=1
  [ $code -eq 0 ] && return
  lane_failed=1
  grep -q '<failure' "$RESULTS/$name.xml" 2>/dev/null || echo "$code" >"$RESULTS/$name.crashed"
}

# run_programs PRESET PATTERN COMMAND...: every test program build/PRESET/bin/tests/PATTERN that the build knows, each under COMMAND.
run_programs() {
  local preset=$1 pattern=$2 program
  shift 2
  for program in build/"$preset"/bin/tests/$pattern; do
    [ -x "$program" ] || continue
    run_program "$(basename "$program").$preset" "$@" "$program"
  done
}

# run_pytest NAME ARGUMENT...
run_pytest() {
  local name=$1
  shift
  step "$name"
  python -m pytest -q --junitxml="$RESULTS/$name.xml" "$@" || lane_failed=1
}

with_servers() {
  echo "python tests/harness/servers.py run postgres redis rabbitmq --"
}

# Sanitizers stop at the first fault, and the program fails with them.
sanitizer_options() {
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
  export UBSAN_OPTIONS=print_stacktrace=1
  export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
}

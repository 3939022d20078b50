#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: RESULTS='["success", "skipped"]' tools/ci/done.sh
#
# Fails unless every result is success or skipped: a job that was skipped had nothing to do, one that was cancelled has
# not passed.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

mapfile -t results < <(grep -o '"[a-z]*"' <<<"${RESULTS:?set RESULTS to the results of the jobs}" | tr -d '"')
[ ${#results[@]} -gt 0 ] || fail 1 "there are no results in \"$RESULTS\""
for result in "${results[@]}"; do
  case $result in
    success | skipped) ;;
    *) fail 1 "a job ended with \"$result\": ${results[*]}" ;;
  esac
done
step "all ${#results[@]} jobs passed or had nothing to do"

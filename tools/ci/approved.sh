#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/approved.sh FILE [SHA256]
#
# FILE is the text of a plan (tools/ci/terraform.sh … plan --text FILE), in which nothing secret is shown. Without SHA256:
# says its SHA-256, in GitHub as output plan. With SHA256, that of the plan that was approved: fails unless FILE is that
# very plan.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 1 ] || fail 64 "say which file; see tools/ci/approved.sh --help"
[ -s "$1" ] || fail 64 "there is no plan $1, or nothing in it"
found=$(sha256sum <"$1")
found=${found%% *}
if [ $# -eq 1 ]; then
  [ -z "${GITHUB_OUTPUT:-}" ] || echo "plan=$found" >>"$GITHUB_OUTPUT"
  step "the plan is $found: who approves, approves what is shown above"
elif [ "$found" = "$2" ]; then
  step "the plan is the approved one"
else
  fail 1 "the plan is no longer the one that was approved (\"$2\", now $found): AWS or the branch has changed since; nothing was applied. Run the workflow again, and approve its new plan"
fi

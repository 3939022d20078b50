#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/version.sh TAG
#
# Fails unless TAG is v and the content of VERSION, CHANGELOG.md has a section for it, the commit here is one of origin's
# main, and its CI there has passed (asked with gh: GH_TOKEN, GH_REPO).
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 1 ] || fail 64 "say which tag; see tools/ci/version.sh --help"
version=$(cat VERSION)
[ "$1" = "v$version" ] || fail 1 "the tag is $1, but VERSION says $version: tag v$version, or change VERSION first"
awk -v version="$version" '/^## / && ($2 == version || $2 == "[" version "]") { found = 1 } END { exit !found }' CHANGELOG.md ||
  fail 1 "CHANGELOG.md has no section \"## [$version]\": write what is new first"

commit=$(git rev-parse HEAD)
git fetch --quiet origin main || fail 1 "main could not be fetched from origin"
git merge-base --is-ancestor "$commit" FETCH_HEAD || fail 1 "$1 is $commit, which is not on main: merge it, and tag the commit of main"
command -v gh >/dev/null || fail $TOOLS_ABSENT "gh is needed"
run=$(gh api "repos/${GH_REPO:?}/actions/workflows/ci.yml/runs?head_sha=$commit&branch=main&event=push" --jq '.workflow_runs[0] | "\(.status) \(.conclusion)"') ||
  fail 1 "GitHub does not say how CI of $commit ended"
case $run in
  "completed success") ;;
  "null null") fail 1 "CI has not run for $commit: tag a commit that was the last of its push" ;;
  completed*) fail 1 "CI of $commit ended with ${run#completed }: mend it, and tag the commit that is green" ;;
  *) fail 1 "CI of $commit has not ended yet ($run): run this job again when it has" ;;
esac
step "$1 is what VERSION and CHANGELOG.md say, on main, and green"

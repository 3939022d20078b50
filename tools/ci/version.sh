#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/version.sh TAG
#
# Fails unless TAG is v and the content of VERSION, and CHANGELOG.md has a section for it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 1 ] || fail 64 "say which tag; see tools/ci/version.sh --help"
version=$(cat VERSION)
[ "$1" = "v$version" ] || fail 1 "the tag is $1, but VERSION says $version: tag v$version, or change VERSION first"
grep -qE "^## \[?$version\b" CHANGELOG.md || fail 1 "CHANGELOG.md has no section \"## $version\": write what is new first"
step "$1 is what VERSION and CHANGELOG.md say"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/changes.sh BASE
#
# Says which parts differ from the commit BASE, one a line: source, containers, terraform, pipeline, each true or false; in GitHub as
# outputs. Where BASE is not known (a first push, a history that was rewritten), everything is said to differ.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 1 ] || fail 64 "say which commit to compare with; see tools/ci/changes.sh --help"
if git rev-parse --verify --quiet "$1^{commit}" >/dev/null; then
  changed=$(git diff --name-only "$1" HEAD)
else
  echo "sayur: there is no commit \"$1\" here: everything counts as changed" >&2
  changed=$(git ls-files)
fi

# part NAME PATTERN
part() {
  local differs=false
  ! grep -qE "$2" <<<"$changed" || differs=true
  echo "$1=$differs" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
}

readonly SOURCE='^(CMake|cmake/|platform/|services/|contracts/|tests/|tools/|VERSION$|sayur$)'
part source "$SOURCE"
part containers "$SOURCE|^(docker-compose|compose\.prod|\.dockerignore$|deployments/(compose|gateway|k8s)/)"
part terraform '^(deployments/terraform/|tools/(ci|lanes)/terraform|tests/(terraform|harness)/|tests/requirements)'
part pipeline '^(\.github/|tools/|tests/(pipeline|harness)/|sayur$)'

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/changes.sh BASE
#
# Says which parts differ from the commit BASE, one a line: source, data, unit, containers, manifests, terraform, pipeline,
# each true or false; in GitHub as outputs. Where BASE is empty or not known (a history that was rewritten), everything is said
# to differ.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 1 ] || fail 64 "say which commit to compare with; see tools/ci/changes.sh --help"
if [ -z "$1" ]; then
  step "nothing to compare with: everything counts as changed"
  changed=$(git ls-files)
elif git rev-parse --verify --quiet "$1^{commit}" >/dev/null; then
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
part data "$SOURCE|^deployments/data/"
# What the lane unit compares with its sources: every document, prices with the sizes of AWS, versions with VERSION.
part unit "$SOURCE|^(deployments/|docs/|docker-compose|compose\.)|\.md$"
part containers "$SOURCE|^(docker-compose|compose\.|\.dockerignore$|deployments/(compose|data|gateway|observability)/)"
part manifests '^(deployments/(compose|data|gateway|k8s|observability|terraform/environments)/|docker-compose|compose\.|docs/(configuration|operations/(data|kubernetes))\.md$|VERSION$|services/[^/]*/Dockerfile$|tests/(harness|kubernetes|observability|pipeline/kind)/|tests/(conftest|requirements)|tools/(ci/(kind|tools)\.sh|images|k8s|lane\.sh|lanes/(k8s|manifests)|lib\.sh|observability|packages/))'
# The Terraform, and what applies what it made: the overlays, the roles of the database, the workflows whose tokens its roles take, backups in
# its buckets, and the drill that restores its database.
part terraform '^(deployments/(terraform/|data/|k8s/(components/aws|overlays/aws-)|compose/postgres-)|services/[^/]*/migrations/postgres/|\.github/|tools/(aws/|docs/costs|lane\.sh|lib\.sh|ci/restore_drill|(ci|lanes)/terraform)|tests/(data|terraform|harness)/|tests/(conftest|requirements))'
part pipeline '^(\.github/|tools/|tests/(pipeline|harness|kubernetes)/|tests/(conftest|requirements)|deployments/k8s/|sayur$)'

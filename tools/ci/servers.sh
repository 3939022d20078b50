#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/servers.sh staging|production
#
# Takes what the overlay aws-ENVIRONMENT knows of its servers (tools/ci/terraform.sh … config wrote it) from the branch
# main of origin: a release that is deployed again has the addresses of its own day.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ -n "${1:-}" ] || fail 64 "say which environment; see tools/ci/servers.sh --help"
readonly folder=deployments/k8s/overlays/aws-$1/aws
git fetch --quiet origin main || fail 1 "main could not be fetched from origin"
readonly generated=("$folder/aws.properties" "$folder/rds-authority.pem")
git checkout --quiet FETCH_HEAD -- "${generated[@]}" || fail 1 "main has no ${generated[*]}"
step "${generated[*]}: as main has them, $(git rev-parse --short FETCH_HEAD)"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/sbom.sh FOLDER
#
# Writes FOLDER/SERVICE.spdx.json, what is in the image of each service of ./sayur images, by syft.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"

[ $# -eq 1 ] || fail 64 "say which folder; see tools/ci/sbom.sh --help"
command -v syft >/dev/null || fail $TOOLS_ABSENT "syft is needed"
mkdir -p "$1"
for service in "${RELEASED[@]}"; do
  sbom=$1/$service.spdx.json
  SYFT_CHECK_FOR_APP_UPDATE=false syft "docker:$(image_of "$service")" -q -o "spdx-json=$sbom" || fail 1 "no SBOM of $(image_of "$service") was made; build it with ./sayur images"
  step "$sbom: $(grep -o '"SPDXID":"SPDXRef-Package' "$sbom" | wc -l) packages"
done

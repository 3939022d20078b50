#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/resolve.sh REGISTRY VERSION FILE [IMAGES]
#
# Writes to FILE a line REGISTRY/micro-sayur/SERVICE@sha256:… for each service: the lines of IMAGES where there are some
# (what an environment before was given), otherwise what REGISTRY has under VERSION. In GitHub they are the output images.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"

[ $# -ge 3 ] || fail 64 "say which registry, version and file; see tools/ci/resolve.sh --help"
readonly registry=${1%/} version=$2 file=$3 images=${4:-}
mkdir -p "$(dirname "$file")"
if [ -n "$images" ]; then
  printf '%s\n' "$images" >"$file"
else
  : >"$file"
  for service in "${RELEASED[@]}"; do
    image=$registry/micro-sayur/$service
    digest=$(docker buildx imagetools inspect "$image:$version" 2>"$(log_file resolve)" | sed -n 's/^Digest: *//p') || true
    [ -n "$digest" ] || fail 1 "there is no $image:$version ($(tail -n 1 "$(log_file resolve)"))"
    echo "$image@$digest" >>"$file"
  done
fi
[ -z "${GITHUB_OUTPUT:-}" ] || printf 'images<<END\n%s\nEND\n' "$(cat "$file")" >>"$GITHUB_OUTPUT"
cat "$file"

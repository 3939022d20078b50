#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/images.sh save|load FILE
#
#   save   writes the images of the services that ./sayur images built into FILE
#   load   takes them from there, for the job that publishes what another one built
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"

[ $# -eq 2 ] || fail 64 "say save or load, and which file; see tools/ci/images.sh --help"
readonly file=$2
mapfile -t images < <(for program in "${RELEASED[@]}"; do image_of "$program"; done)
case $1 in
  save)
    docker image save --output "$file" "${images[@]}" || fail 1 "the images were not saved; build them with ./sayur images"
    ;;
  load)
    [ -s "$file" ] || fail 64 "there is no file $file, or nothing in it"
    docker image load --quiet --input "$file"
    docker image inspect "${images[@]}" >/dev/null || fail 1 "$file holds other images than ${images[*]}"
    ;;
  *) fail 64 "there is no \"$1\"; see tools/ci/images.sh --help" ;;
esac
step "$1: ${images[*]}"

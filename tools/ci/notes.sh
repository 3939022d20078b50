#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/notes.sh TAG FOLDER [--print]
#
# Makes the release TAG in GitHub by gh (GH_TOKEN): its section of CHANGELOG.md, the digests of FOLDER/images.txt, how to
# verify them, and the files of FOLDER. A release that is there gets them anew. --print only prints the notes.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 2 ] || fail 64 "say which tag and which folder; see tools/ci/notes.sh --help"
readonly tag=$1 folder=$2
[ -s "$folder/images.txt" ] || fail 64 "there is no $folder/images.txt"

notes() {
  awk -v version="${tag#v}" '/^## / { mine = $2 == version || $2 == "[" version "]"; next } mine' CHANGELOG.md
  printf '\n## Images\n\n'
  sed 's/^/    /' "$folder/images.txt"
  printf '\nHow they are verified: docs/operations/release.md.\n'
}

if [ "${3:-}" = --print ]; then
  notes
elif gh release view "$tag" >/dev/null 2>&1; then
  notes | gh release edit "$tag" --verify-tag --title "$tag" --notes-file -
  gh release upload "$tag" --clobber "$folder"/*
else
  notes | gh release create "$tag" --verify-tag --title "$tag" --notes-file - "$folder"/*
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/comment.sh PULL_REQUEST TITLE FILE [--print]
#
# Writes FILE into a comment on the pull request by gh (GH_TOKEN, GH_REPO); a later comment with that title takes the
# place of the last one. --print only prints it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 3 ] || fail 64 "say which pull request, title and file; see tools/ci/comment.sh --help"
readonly number=$1 title=$2 file=$3 longest=60000
[ -f "$file" ] || fail 64 "there is no file $file"

comment() {
  local mark="<!-- $title -->"
  printf '%s\n### %s\n\n%s\n\n<details><summary>the whole</summary>\n\n```\n' "$mark" "$title" "$(grep -E '^(Plan:|No changes)' "$file" || true)"
  # Whole lines, counted in bytes: half a character is refused.
  LC_ALL=C awk -v longest="$longest" '{ size += length($0) + 1 } size > longest { exit } { print }' "$file"
  [ "$(wc -c <"$file")" -le "$longest" ] || printf '\n… cut after at most %s bytes; the log of the job has the rest\n' "$longest"
  printf '\n```\n</details>\n'
}

if [ "${4:-}" = --print ]; then
  comment
  exit
fi
last=$(gh api "repos/${GH_REPO:?}/issues/$number/comments" --paginate --jq ".[] | select(.body | startswith(\"<!-- $title -->\")) | .id" | tail -n 1)
if [ -n "$last" ]; then
  comment | gh api "repos/$GH_REPO/issues/comments/$last" --method PATCH --field body=@-
else
  comment | gh pr comment "$number" --body-file -
fi

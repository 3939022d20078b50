#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/push.sh REGISTRY FILE
#
# Pushes the images of ./sayur images to REGISTRY, and writes a line REGISTRY/micro-sayur/SERVICE@sha256:… for each to
# FILE. The same image may be pushed again; another one under a version that is there is refused. In GitHub each line is
# an output too: SERVICE=sha256:….
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"

[ $# -eq 2 ] || fail 64 "say which registry and which file; see tools/ci/push.sh --help"
readonly registry=${1%/} file=$2
for service in "${RELEASED[@]}"; do
  docker image inspect "$(image_of "$service")" >/dev/null 2>&1 || fail 1 "there is no image $(image_of "$service"); build it with ./sayur images"
done

# The digest of what the registry has under a name; nothing when it has none.
digest_of() {
  docker buildx imagetools inspect "$1" 2>/dev/null | sed -n 's/^Digest: *//p' || true
}

id_of() {
  docker image inspect --format '{{.Id}}' "$1"
}

: >"$file"
for service in "${RELEASED[@]}"; do
  target=$registry/$(image_of "$service")
  before=$(digest_of "$target")
  if [ -n "$before" ]; then
    # A registry with immutable tags refuses by itself, without saying what to do.
    docker pull --quiet "$target" >/dev/null
    [ "$(id_of "$target")" = "$(id_of "$(image_of "$service")")" ] || fail 1 "$target is another image already; raise VERSION"
  fi
  docker tag "$(image_of "$service")" "$target"
  docker push "$target" >"$(log_file "push-$service")" 2>&1 || {
    tail -n 5 "$(log_file "push-$service")" >&2
    fail 1 "$target was not pushed"
  }
  digest=$(digest_of "$target")
  [ -n "$digest" ] || fail 1 "$registry has no $target after the push"
  echo "${target%:*}@$digest" >>"$file"
  [ -z "${GITHUB_OUTPUT:-}" ] || echo "$service=$digest" >>"$GITHUB_OUTPUT"
  step "pushed ${target%:*}@$digest"
done

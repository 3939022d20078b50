#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur images [NAME...]
#
# Builds the images micro-sayur/user-service, micro-sayur/notification-service and micro-sayur/micro-sayur with Docker, or those
# named, of which `postgres` (PostgreSQL with pgBackRest, for backups) is one more; tagged v and the content of VERSION. The same content makes the same layers. The first build takes minutes, later ones
# what changed. IMAGES_CACHE is a folder in which a builder that forgets (docker buildx create) keeps the layers of each
# from one machine to the next.
set -euo pipefail
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"
[ $# -gt 0 ] || set -- user-service notification-service micro-sayur
for name in "$@"; do
  [ -n "${DOCKERFILE_OF[$name]:-}" ] || fail 64 "there is no image $name: ${!DOCKERFILE_OF[*]}"
done
docker buildx version >/dev/null 2>&1 || fail $TOOLS_ABSENT "Docker with its plugin buildx is needed"

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
readonly SOURCE_DATE_EPOCH
for program in "$@"; do
  image=$(image_of "$program")
  step "building $image"
  # A folder for each: what one build writes is the whole of its folder's index. In a new one, or it would only ever grow.
  cache=()
  [ -z "${IMAGES_CACHE:-}" ] || cache=(--cache-from "type=local,src=$IMAGES_CACHE/$program" --cache-to "type=local,dest=$IMAGES_CACHE/$program.new,mode=max")
  docker buildx build --load --progress plain "${cache[@]}" --tag "$image" --file "${DOCKERFILE_OF[$program]}" \
    --build-arg "VERSION=$(cat VERSION)" --build-arg "REVISION=$(git rev-parse HEAD)" --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" \
    --build-arg "CREATED=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%FT%TZ)" . >"$(log_file "image-$program")" 2>&1 || {
    tail -n 30 "$(log_file "image-$program")" >&2
    fail 1 "the image was not built; the whole output: $(log_file "image-$program")"
  }
  if [ -n "${IMAGES_CACHE:-}" ]; then
    rm -rf "${IMAGES_CACHE:?}/$program"
    mv "$IMAGES_CACHE/$program.new" "$IMAGES_CACHE/$program"
  fi
done
step "built"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur images
#
# Builds the images micro-sayur/user-service, micro-sayur/notification-service and micro-sayur/micro-sayur with Docker, tagged
# v and the content of VERSION. The same commit makes the same layers. The first build takes minutes, later ones what changed.
# IMAGES_CACHE is a folder in which a builder that forgets (docker buildx create) keeps its layers from one machine to the next.
set -euo pipefail
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"
[ $# -eq 0 ] || fail 64 "images takes no arguments; see ./sayur images --help"
docker buildx version >/dev/null 2>&1 || fail $TOOLS_ABSENT "Docker with its plugin buildx is needed"

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
readonly SOURCE_DATE_EPOCH
cache=()
[ -z "${IMAGES_CACHE:-}" ] || cache=(--cache-from "type=local,src=$IMAGES_CACHE" --cache-to "type=local,dest=$IMAGES_CACHE,mode=max")
for program in user-service notification-service micro-sayur; do
  image=$(image_of "$program")
  step "building $image"
  docker buildx build --load --progress plain "${cache[@]}" --tag "$image" --file "services/$program/Dockerfile" \
    --build-arg "VERSION=$(cat VERSION)" --build-arg "REVISION=$(git rev-parse HEAD)" --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH" \
    --build-arg "CREATED=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%FT%TZ)" . >"$(log_file "image-$program")" 2>&1 || {
    tail -n 30 "$(log_file "image-$program")" >&2
    fail 1 "the image was not built; the whole output: $(log_file "image-$program")"
  }
done
step "built"

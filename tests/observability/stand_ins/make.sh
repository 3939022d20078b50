# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Where no registry answers: images of compose.observability.yml and compose.tracing.yml, under their public names.

# watchers: docker compose with what watches.
watchers() {
  docker compose -f docker-compose.yml -f compose.observability.yml -f compose.tracing.yml --profile observability --profile tracing "$@"
}

# watchers_images: their names, a line each.
watchers_images() {
  watchers config --images | grep -E '^((prom|prometheuscommunity|oliver006|nginxinc|otel|jaegertracing)/|python:)' | sort -u
}

# stand_ins_of_watchers LAB LOG
stand_ins_of_watchers() {
  local merged
  merged=$(mktemp --suffix=.yml)
  stand_in prometheus-postgres-exporter "$(watchers_images | grep postgres-exporter)"
  stand_in prometheus-redis-exporter "$(watchers_images | grep redis_exporter)"
  stand_in python3 "$(watchers_images | grep ^python:)"
  watchers config >"$merged"
  "$1/offline-images/prepare" "$merged" >>"$2" 2>&1 || fail "$TOOLS_ABSENT" "the stand-ins could not be made; see $2"
  rm -f "$merged"
}

# stand_in PACKAGE IMAGE
stand_in() {
  docker image inspect "$2" >/dev/null 2>&1 || docker build --quiet --build-arg "PACKAGE=$1" --tag "$2" tests/observability/stand_ins >/dev/null
}

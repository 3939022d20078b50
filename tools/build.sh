#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: ./sayur build [--preset release|dev|asan|tsan]
#
# Builds the three binaries into build/PRESET/bin: user-service, notification-service and micro-sayur. The preset is
# release unless another is named; the others need the packages of tools/packages/test.txt too.
set -euo pipefail
. tools/lib.sh
help_wanted "$0" "$@"

preset=release
case "$# ${1:-}" in
  "0 ") ;;
  "2 --preset") preset=$2 ;;
  *) fail 64 "these arguments are unknown: $*; see ./sayur build --help" ;;
esac
case $preset in
  release) install_packages build ;;
  dev | asan | tsan) install_packages build test python ;;
  *) fail 64 "there is no preset $preset" ;;
esac
build "$preset" user-service notification-service micro-sayur
step "built: build/$preset/bin/{user-service,notification-service,micro-sayur}"

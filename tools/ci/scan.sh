#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/scan.sh
#
# Compares the packages of each image of ./sayur images with Debian's list of known faults (debsecan). Fails when one is
# known to be mended already: then the image has to be built again. DEBSECAN_SOURCE is another address of that list.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
help_wanted "$0" "$@"

install_packages scan
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Images from scratch have a file for each package in place of dpkg's one. Sets `suite` to the release of Debian that the image is made of.
packages_of_image() {
  local made
  made=$(docker create "$1")
  rm -rf "${work:?}"/*
  if docker cp "$made:/var/lib/dpkg/status.d" "$work/status.d" 2>/dev/null; then
    awk 'FNR == 1 && NR > 1 { print "" } 1' "$work"/status.d/* >"$work/status"
  else
    docker cp "$made:/var/lib/dpkg/status" "$work/status"
  fi
  docker cp --follow-link "$made:/etc/os-release" "$work/os-release"
  docker rm "$made" >/dev/null
  suite=$(sed -n 's/^VERSION_CODENAME=//p' "$work/os-release")
  [ -n "$suite" ] || fail 1 "$1 does not say which release of Debian it is made of"
  grep -q '^Package: ' "$work/status" || fail 1 "$1 says nothing of its packages"
}

code=0
for service in "${RELEASED[@]}"; do
  image=$(image_of "$service")
  packages_of_image "$image"
  debsecan --suite "$suite" --status "$work/status" --only-fixed --format summary ${DEBSECAN_SOURCE:+--source "$DEBSECAN_SOURCE"} >"$work/found" ||
    fail 1 "Debian's list of known faults could not be read"
  if [ -s "$work/found" ]; then
    cat "$work/found" >&2
    echo "sayur: $image has $(wc -l <"$work/found") faults that Debian has mended: build it again from a fresh base" >&2
    code=1
  else
    step "$image: no fault known of its $(grep -c '^Package: ' "$work/status") packages that Debian has mended"
  fi
done
exit $code

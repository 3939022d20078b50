# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# image_of PROGRAM: its image of the current version.
image_of() {
  echo "micro-sayur/$1:v$(cat VERSION)"
}

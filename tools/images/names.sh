# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# What a release consists of.
# shellcheck disable=SC2034
readonly RELEASED=(user-service notification-service)

# image_of PROGRAM: its image of the current version.
image_of() {
  echo "micro-sayur/$1:v$(cat VERSION)"
}

# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0

# What a release consists of; and what of it not every place runs: RDS is in its stead, and CloudNativePG has images of its own.
# shellcheck disable=SC2034
readonly RELEASED=(user-service notification-service postgres) NOT_EVERYWHERE=(postgres)

# shellcheck disable=SC2034
declare -rA DOCKERFILE_OF=(
  [user-service]=services/user-service/Dockerfile
  [notification-service]=services/notification-service/Dockerfile
  [micro-sayur]=services/micro-sayur/Dockerfile
  [postgres]=deployments/data/Dockerfile
)

# image_of PROGRAM: its image of the current version.
image_of() {
  echo "micro-sayur/$1:v$(cat VERSION)"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: pipeline
#   The workflows (.github/workflows) by actionlint with shellcheck, their first jobs by act, and the scripts that they
#   call: images into a registry of its own, digests, signatures, SBOMs, known faults, and what a deploy refuses; with the
#   lab's cluster also releases and undos on that, under load. Not part of ./sayur test.
#   Needs: Docker with buildx; act, actionlint, cosign, crane, kubectl, shellcheck and syft, of which a folder
#   MICRO_SAYUR_LAB (../shared) with lab-tools/install and offline-images/prepare gives what is absent. Takes: 7 minutes
#   with a lab cluster, one without, after the images were built.
set -euo pipefail
lane_packages=(python)
. tools/lane.sh
. tools/images/names.sh

lab=${MICRO_SAYUR_LAB:-../shared}
if [ -x "$lab/lab-tools/install" ]; then
  step "installing act, actionlint, crane, shellcheck and syft ($lab/lab-tools)"
  tool=$("$lab/lab-tools/install" act actionlint crane shellcheck syft | tail -n 1)
  PATH=$PATH:$(dirname "$tool")
fi
if ! command -v cosign >/dev/null && [ -x "$lab/offline-images/prepare" ]; then
  step "installing cosign ($lab/offline-images)"
  "$lab/offline-images/prepare" >"$(log_file stand-ins)" 2>&1 || fail $TOOLS_ABSENT "cosign could not be installed; the whole output: $(log_file stand-ins)"
fi
for tool in act actionlint cosign crane kubectl shellcheck syft; do
  command -v $tool >/dev/null || fail $TOOLS_ABSENT "the lane pipeline needs $tool (tools/ci/tools.sh installs it), and there is no $lab/lab-tools to do so"
done
docker info >/dev/null 2>&1 || fail $TOOLS_ABSENT "the lane pipeline needs a Docker engine that answers, and none does"
docker buildx version >/dev/null 2>&1 || fail $TOOLS_ABSENT "the lane pipeline needs Docker's plugin buildx"

python_environment
# Whichever images of this version are there will do: what is in them is the lane compose's business.
for program in "${RELEASED[@]}"; do
  docker image inspect "$(image_of "$program")" >/dev/null 2>&1 || {
    bash tools/images.sh "${RELEASED[@]}"
    break
  }
done
if [ -x "$lab/k8s-lab/up" ]; then
  env -u KUBECONFIG bash tools/k8s.sh load
else
  echo "no $lab/k8s-lab: no release is brought to a real cluster, and none undone there"
fi
# With the reason of each test that is skipped.
run_pytest pipeline -rs tests/pipeline
exit $lane_failed

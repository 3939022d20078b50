#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: terraform
#   The AWS environments: format, validity, tflint, checkov, the modules with mocked providers; and on moto
#   bootstrap applied and planned again, staging and production planned, applied, planned again and destroyed, their state
#   in MinIO; the buckets for pgBackRest, whose locks and policies MinIO then has while pgBackRest works there; and the
#   weekly restore drill, on moto and a PostgreSQL. Not part of ./sayur test.
#   Needs: terraform 1.11, aws; the AWS provider 5.100 from its registry or, in the registry's layout, from the folder
#   TF_PLUGIN_DIR; minio, tflint and checkov, which a folder MICRO_SAYUR_LAB (../shared) with lab-tools/install gives.
#   Takes: 25 minutes.
set -euo pipefail
lane_packages=(python)
. tools/lane.sh

command -v terraform >/dev/null || fail $TOOLS_ABSENT "the lane terraform needs terraform 1.11 or later"
command -v aws >/dev/null || fail $TOOLS_ABSENT "the lane terraform needs aws (tools/ci/tools.sh installs it)"
lab=${MICRO_SAYUR_LAB:-../shared}
if [ -x "$lab/lab-tools/install" ]; then
  step "installing minio, tflint and checkov ($lab/lab-tools)"
  tool=$("$lab/lab-tools/install" minio tflint checkov | tail -n 1)
  PATH=$PATH:$(dirname "$tool")
fi
for tool in minio tflint checkov; do
  command -v $tool >/dev/null || fail $TOOLS_ABSENT "the lane terraform needs $tool, and there is no $lab/lab-tools to install it"
done

python_environment
# Without the provider nothing here can run; that is no failure of the files.
step "looking for the AWS provider"
provider=$(mktemp -d)
trap 'rm -rf "$provider"' EXIT
cp deployments/terraform/bootstrap/versions.tf "$provider"
terraform -chdir="$provider" init -input=false ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} >"$(log_file terraform-provider)" 2>&1 || {
  tail -n 20 "$(log_file terraform-provider)" >&2
  fail $TOOLS_ABSENT "the AWS provider could not be had: set TF_PLUGIN_DIR to a folder with registry.terraform.io/hashicorp/aws/5.100.0/…"
}
run_pytest terraform tests/terraform
exit $lane_failed

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/terraform.sh staging|production plan|apply|drift|config|destroy [ARGUMENT...]
#
#   plan      says what would change; --out FILE keeps the plan, --text FILE its text, for a comment on a pull request
#   apply     makes it so; --plan FILE applies that plan and nothing else
#   drift     exit code 2 when AWS is not as it is written here
#   config    writes what the overlay has to know to deployments/k8s/overlays/aws-ENVIRONMENT/aws/aws.properties, and
#             beside it the authority of RDS's certificates in that region (RDS_AUTHORITY is its address, where it is not
#             AWS's own)
#   destroy   takes the environment away, but for what last snapshots and locked backups need; production first wants an
#             apply with TF_VAR_deletion_protection=false
#
# TF_STATE_BUCKET (and TF_STATE_REGION, default ap-southeast-3, and TF_STATE_KEY, default ENVIRONMENT/terraform.tfstate)
# say where the state is; variables of the root come as TF_VAR_NAME or in terraform.tfvars beside it. Where no registry of
# providers is reached, TF_PLUGIN_DIR is a folder that has them.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -ge 2 ] || fail 64 "say which environment and what to do; see tools/ci/terraform.sh --help"
readonly environment=$1 action=$2
shift 2
readonly root=deployments/terraform/environments/$environment
[ -d "$root" ] || fail 64 "there is no environment \"$environment\"; there are: $(basename -a deployments/terraform/environments/* | paste -s -d ' ')"
command -v terraform >/dev/null || fail $TOOLS_ABSENT "terraform (1.11 or later) is needed"
[ -n "${TF_STATE_BUCKET:-}" ] || fail 64 "set TF_STATE_BUCKET to the bucket that deployments/terraform/bootstrap made (terraform output state_bucket)"
export TF_IN_AUTOMATION=1 TF_INPUT=0

terraform_here() {
  terraform -chdir="$root" "$@"
}

# option NAME ARGUMENT...: the value after --NAME, as an absolute path, since terraform works elsewhere.
option() {
  local name=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      "--$name") realpath -m "${2:?$1 wants a file}" && return ;;
    esac
    shift
  done
}

init() {
  terraform_here init -reconfigure ${TF_PLUGIN_DIR:+-plugin-dir="$TF_PLUGIN_DIR"} -backend-config="bucket=$TF_STATE_BUCKET" \
    -backend-config="region=${TF_STATE_REGION:-ap-southeast-3}" -backend-config="key=${TF_STATE_KEY:-$environment/terraform.tfstate}" >"$(log_file "terraform-init-$environment")" 2>&1 || {
    tail -n 20 "$(log_file "terraform-init-$environment")" >&2
    fail 1 "terraform init failed"
  }
}

plan() {
  local out text
  out=$(option out "$@")
  text=$(option text "$@")
  out=${out:-$(realpath -m ".cache/terraform-$environment.tfplan")}
  terraform_here plan -lock-timeout=60s -out="$out"
  [ -z "$text" ] || terraform_here show -no-color "$out" >"$text"
}

apply() {
  local plan
  plan=$(option plan "$@")
  if [ -n "$plan" ]; then
    [ -f "$plan" ] || fail 64 "there is no plan $plan"
    terraform_here apply -lock-timeout=60s "$plan"
  else
    terraform_here apply -lock-timeout=60s -auto-approve
  fi
}

# Ends with 2 when something differs, as terraform does.
drift() {
  local code=0
  terraform_here plan -lock=false -detailed-exitcode || code=$?
  case $code in
    0) step "$environment is as it is written" ;;
    2) echo "sayur: $environment is not as it is written: see the plan above; apply it, or write what was changed by hand" >&2 ;;
  esac
  return $code
}

config() {
  local folder=deployments/k8s/overlays/aws-$environment/aws made region host authority
  made=$(terraform_here output -raw app_config)
  region=$(terraform_here output -raw region)
  [ -n "$made$region" ] || fail 1 "the state of $environment has no output app_config; apply first"
  # Amazon MQ, for one, tells its address late.
  [[ ! $made =~ (^|$'\n')([^=]+)=($'\n'|$) ]] || fail 1 "the state of $environment has nothing for ${BASH_REMATCH[2]}; apply once more, so that it is read again; nothing was written"
  host=$(sed -n 's/^aws\.host=//p' <<<"$made")
  grep -qF -- "$host" deployments/gateway/routes.yaml ||
    fail 1 "the gateway does not answer to $host: put it into HOSTS of tools/gateway/routes.py and make the routes again (docs/operations/kubernetes.md); nothing was written"
  authority=${RDS_AUTHORITY:-https://truststore.pki.rds.amazonaws.com/$region/$region-bundle.pem}
  mkdir -p "$folder"
  curl --silent --show-error --fail --output "$folder/rds-authority.pem.new" "$authority" || fail 1 "$authority could not be had; nothing was written"
  grep -q 'BEGIN CERTIFICATE' "$folder/rds-authority.pem.new" || fail 1 "$authority has no certificate; nothing was written"
  mv "$folder/rds-authority.pem.new" "$folder/rds-authority.pem"
  printf '# Made by tools/ci/terraform.sh %s config; do not edit.\n%s\n' "$environment" "$made" >"$folder/aws.properties"
  step "wrote $folder/aws.properties and rds-authority.pem"
}

# The last snapshot and the backups are encrypted: they live as long as their keys. Production's vaults are locked, and nobody can delete them.
readonly kept='module\.(backup_)?encryption\.aws_kms_key\.'
readonly kept_in_production='module\.backup\.aws_backup_vault'

# The database alone would refuse, after all the rest has gone.
destroy() {
  [ "$(terraform_here output -raw deletion_protection 2>/dev/null)" != true ] ||
    fail 1 "$environment is protected: apply it with TF_VAR_deletion_protection=false first; nothing was changed"
  local pattern=$kept resources
  [ "$environment" != production ] || pattern="$kept|$kept_in_production"
  mapfile -t resources < <(terraform_here state list | grep -E "$pattern" || true)
  [ ${#resources[@]} -eq 0 ] || terraform_here state rm -lock-timeout=60s "${resources[@]}"
  terraform_here destroy -lock-timeout=60s -auto-approve
}

case $action in
  plan | apply | drift | config) init && "$action" "$@" ;;
  destroy) init && destroy ;;
  *) fail 64 "there is no \"$action\"; see tools/ci/terraform.sh --help" ;;
esac

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/deploy.sh OVERLAY IMAGES [--smoke URL [--host HOST]] [--unsigned]
#
# Brings a release to the cluster of KUBECONFIG. OVERLAY is one of deployments/k8s/overlays, or a folder with a
# kustomization; IMAGES is the file that tools/ci/push.sh wrote: a line REGISTRY/micro-sayur/NAME@sha256:… for each image of
# ours that the overlay runs. Before anything is changed, every image has to be there and to be signed: by COSIGN_KEY
# (a public key), or by COSIGN_IDENTITY of COSIGN_ISSUER (--unsigned does without, for a trial); and the API server has to
# accept the whole. Then it applies what the migrations need, which have to be done within MIGRATION_SECONDS (960), and
# no Deployment is touched before; then all the rest. Every Deployment has to be rolled out within ROLLOUT_SECONDS (300),
# and tools/ci/smoke.sh to be content with URL. Where one of them is not, every Deployment goes back to where it was.
#
# Exit code: 0 done; 1 refused or undone, as the last line says; 64 wrong arguments.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
. tools/images/names.sh
. tools/k8s/rollout.sh
help_wanted "$0" "$@"

readonly ROLLOUT_SECONDS=${ROLLOUT_SECONDS:-300}
smoke_url='' smoke_host='' unsigned=''
arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --smoke) smoke_url=${2:?--smoke wants a URL} && shift 2 ;;
    --host) smoke_host=${2:?--host wants a name} && shift 2 ;;
    --unsigned) unsigned=yes && shift ;;
    -*) fail 64 "there is no option $1; see tools/ci/deploy.sh --help" ;;
    *) arguments+=("$1") && shift ;;
  esac
done
[ ${#arguments[@]} -eq 2 ] || fail 64 "say which overlay and which file of images; see tools/ci/deploy.sh --help"
readonly overlay=${arguments[0]} images=${arguments[1]}
folder=deployments/k8s/overlays/$overlay
[ -d "$folder" ] || folder=$overlay
[ -f "$folder/kustomization.yaml" ] || fail 64 "there is no overlay \"$overlay\" in deployments/k8s/overlays, and no folder of that name with a kustomization"
[ -s "$images" ] || fail 64 "there is no file $images, or nothing in it"
mapfile -t lines <"$images"
signer=()
if [ -n "${COSIGN_KEY:-}" ]; then
  signer=(--key "$COSIGN_KEY" --insecure-ignore-tlog=true)
elif [ -n "${COSIGN_IDENTITY:-}" ]; then
  signer=(--certificate-identity "$COSIGN_IDENTITY" --certificate-oidc-issuer "${COSIGN_ISSUER:?COSIGN_IDENTITY wants COSIGN_ISSUER}")
fi
if [ -n "$unsigned" ]; then
  [ ${#signer[@]} -eq 0 ] || fail 64 "--unsigned, although COSIGN_KEY or COSIGN_IDENTITY is set: say one of the two"
else
  [ ${#signer[@]} -gt 0 ] || fail 64 "say who has to have signed the images: COSIGN_KEY, or COSIGN_IDENTITY and COSIGN_ISSUER; --unsigned does without, for a trial"
fi
for tool in kubectl docker ${signer:+cosign}; do
  command -v "$tool" >/dev/null || fail $TOOLS_ABSENT "$tool is needed"
done

# refuse MESSAGE...: before anything was changed.
refuse() {
  fail 1 "$*; nothing was changed"
}

check_images() {
  local image
  for image in "${lines[@]}"; do
    [[ $image =~ ^[^[:space:]]+/micro-sayur/[a-z-]+@sha256:[0-9a-f]{64}$ ]] ||
      refuse "$images: \"$image\" is not REGISTRY/micro-sayur/SERVICE@sha256: and 64 hexadecimal digits"
    docker buildx imagetools inspect "$image" >/dev/null 2>"$(log_file deploy-image)" ||
      refuse "there is no image $image ($(tail -n 1 "$(log_file deploy-image)"))"
    [ -n "$unsigned" ] || cosign verify "${signer[@]}" "$image" >/dev/null 2>"$(log_file deploy-signature)" ||
      refuse "the signature of $image is not good ($(grep -v '^$' "$(log_file deploy-signature)" | tail -n 1))"
  done
  [ -z "$unsigned" ] || step "nobody's signature is asked for (--unsigned)"
}

# The overlay with the images of this release, in a folder of its own: the overlay itself stays as it is.
pin() {
  local image name
  printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [%s]\nimages:\n' \
    "$(realpath --relative-to="$pinned" "$folder")" >"$pinned/kustomization.yaml"
  for image in "${lines[@]}"; do
    name=${image%@*}
    printf '  - { name: micro-sayur/%s, newName: %s, digest: "%s" }\n' "${name##*/}" "$name" "${image#*@}" >>"$pinned/kustomization.yaml"
  done
  kubectl kustomize "$pinned" >"$pinned/manifests" || refuse "$folder cannot be built"
  sed -nE 's/^ *(- )?image: *"?([^" ]+)"?$/\2/p' "$pinned/manifests" >"$pinned/run"
  for image in "${lines[@]}"; do
    name=${image%@*}
    grep -qxF "$image" "$pinned/run" || [[ " ${NOT_EVERYWHERE[*]} " == *" ${name##*/} "* ]] || refuse "$folder runs nothing of $image"
  done
  while read -r image; do
    case $image in
      micro-sayur/* | */micro-sayur/*) grep -qxF "$image" "$images" || refuse "$folder runs $image, of which $images has no digest" ;;
    esac
  done <"$pinned/run"
  ! grep -q 'not-applied\.invalid' "$pinned/manifests" || refuse "$folder knows no servers yet: run tools/ci/terraform.sh … config"
  namespace=$(awk '/^---$/ { exit } /^  name: / { print $2 }' "$pinned/manifests")
  [ "$(awk '/^kind: / { print $2; exit }' "$pinned/manifests")" = Namespace ] || refuse "$folder does not begin with a namespace"
}

check_cluster() {
  local found
  kubectl get --raw /readyz --request-timeout 10s >/dev/null 2>"$(log_file deploy-cluster)" ||
    refuse "the cluster does not answer ($(tail -n 1 "$(log_file deploy-cluster)"))"
  found=$(kubectl get namespace "$namespace" --ignore-not-found --output name 2>"$(log_file deploy-namespace)") ||
    refuse "whether there is a namespace $namespace cannot be told ($(tail -n 1 "$(log_file deploy-namespace)"))"
  : >"$pinned/before"
  # A namespace that is not there yet would make the trial fail; there is nothing to lose then.
  [ -n "$found" ] || return 0
  # Without the Jobs: they cannot be changed, and are replaced below.
  kubectl apply -k "$pinned" --selector 'job!=migrate' --server-side --force-conflicts --dry-run=server >/dev/null 2>"$(log_file deploy-trial)" || {
    tail -n 10 "$(log_file deploy-trial)" >&2
    refuse "the cluster refuses $folder"
  }
  revisions >"$pinned/before" 2>"$(log_file deploy-revisions)" ||
    refuse "what runs now, to which an undo would go back, cannot be read ($(tail -n 1 "$(log_file deploy-revisions)"))"
}

here() {
  kubectl --namespace "$namespace" "$@"
}

# "NAME REVISION" of each Deployment.
revisions() {
  here get deployments -o 'jsonpath={range .items[*]}{.metadata.name} {.metadata.annotations.deployment\.kubernetes\.io/revision}{"\n"}{end}'
}

# roll_out: where it fails, `wrong` says at what.
roll_out() {
  roll_out_in_order "$namespace" "$pinned/manifests" || return 1
  wrong="the release was not ready within $ROLLOUT_SECONDS s"
  here rollout status deployment --timeout "${ROLLOUT_SECONDS}s"
}

undo() {
  local name revision code=0
  here get pods >&2 || true
  here get events --field-selector type=Warning --sort-by .lastTimestamp 2>/dev/null | tail -n 10 >&2 || true
  [ -s "$pinned/before" ] || fail 1 "$1; there was nothing before it to go back to"
  step "$1: going back"
  while read -r name revision; do
    [ "$(revisions | awk -v name="$name" '$1 == name { print $2 }')" = "$revision" ] ||
      here rollout undo "deployment/$name" --to-revision "$revision" || code=1
  done <"$pinned/before"
  here rollout status deployment --timeout "${ROLLOUT_SECONDS}s" || code=1
  [ $code -eq 0 ] || fail 1 "$1, and going back failed as well: look at namespace $namespace"
  fail 1 "$1; undone, what ran before runs again"
}

mkdir -p .cache
pinned=$(mktemp -d -p .cache deploy.XXXXXX)
trap 'rm -rf "$pinned"' EXIT
check_images
pin
check_cluster
step "applying $folder"
wrong=
roll_out || undo "$wrong"
if [ -n "$smoke_url" ]; then
  tools/ci/smoke.sh "$smoke_url" ${smoke_host:+--host "$smoke_host"} || undo "the smoke tests failed"
fi
step "deployed: $(tr '\n' ' ' <"$images")"

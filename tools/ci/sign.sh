#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/sign.sh FILE SBOMS
#
# For each image of FILE (tools/ci/push.sh wrote it): signs it with cosign, and its SBOM, SBOMS/SERVICE.spdx.json (tools/ci/sbom.sh made it), as an
# attestation of it. With COSIGN_KEY (a private key, its password in COSIGN_PASSWORD), or in GitHub without a key: then
# the certificate names the workflow, and the log of Sigstore has the signature.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 2 ] || fail 64 "say which file of images and which folder for SBOMs; see tools/ci/sign.sh --help"
readonly images=$1 sboms=$2
[ -s "$images" ] || fail 64 "there is no file $images, or nothing in it"
command -v cosign >/dev/null || fail $TOOLS_ABSENT "cosign is needed"
how=(--yes)
[ -z "${COSIGN_KEY:-}" ] || how+=(--key "$COSIGN_KEY" --tlog-upload=false)

while read -r image; do
  name=${image%@*}
  sbom=$sboms/${name##*/}.spdx.json
  [ -s "$sbom" ] || fail 64 "there is no $sbom"
  cosign sign "${how[@]}" "$image" 2>"$(log_file cosign)" || {
    tail -n 5 "$(log_file cosign)" >&2
    fail 1 "$image was not signed"
  }
  cosign attest "${how[@]}" --type spdxjson --predicate "$sbom" "$image" 2>"$(log_file cosign)" || {
    tail -n 5 "$(log_file cosign)" >&2
    fail 1 "the SBOM of $image was not attested"
  }
  step "signed $image, with its SBOM $sbom"
done <"$images"

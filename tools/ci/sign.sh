#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Usage: tools/ci/sign.sh FILE SBOMS
#
# For each image of FILE (tools/ci/push.sh wrote it): signs it with cosign, and its SBOM, SBOMS/SERVICE.spdx.json
# (tools/ci/sbom.sh made it), as an attestation of it. With COSIGN_KEY (a private key, its password in COSIGN_PASSWORD),
# or in GitHub without a key: then the certificate names the workflow, and the log of Sigstore has the signature. What
# that key, or COSIGN_IDENTITY of COSIGN_ISSUER, has signed already stays: the registry takes nothing else under a tag
# that is there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/lib.sh
help_wanted "$0" "$@"

[ $# -eq 2 ] || fail 64 "say which file of images and which folder for SBOMs; see tools/ci/sign.sh --help"
readonly images=$1 sboms=$2
[ -s "$images" ] || fail 64 "there is no file $images, or nothing in it"
command -v cosign >/dev/null || fail $TOOLS_ABSENT "cosign is needed"
how=(--yes)
if [ -n "${COSIGN_KEY:-}" ]; then
  public=$(mktemp)
  trap 'rm -f "$public"' EXIT
  cosign public-key --key "$COSIGN_KEY" >"$public" 2>"$(log_file cosign)" || fail 1 "$COSIGN_KEY is no key that COSIGN_PASSWORD opens"
  how+=(--key "$COSIGN_KEY" --tlog-upload=false)
  signer=(--key "$public" --insecure-ignore-tlog=true)
elif [ -n "${COSIGN_IDENTITY:-}" ] && [ -n "${COSIGN_ISSUER:-}" ]; then
  signer=(--certificate-identity "$COSIGN_IDENTITY" --certificate-oidc-issuer "$COSIGN_ISSUER")
else
  fail 64 "say who signs: COSIGN_KEY, or COSIGN_IDENTITY and COSIGN_ISSUER"
fi

signed() {
  cosign verify "${signer[@]}" "$1" >/dev/null 2>&1
}

attested() {
  cosign verify-attestation --type spdxjson "${signer[@]}" "$1" >/dev/null 2>&1
}

# failed MESSAGE: with what cosign said.
failed() {
  tail -n 5 "$(log_file cosign)" >&2
  fail 1 "$1"
}

mapfile -t lines <"$images"
for image in "${lines[@]}"; do
  name=${image%@*}
  sbom=$sboms/${name##*/}.spdx.json
  [ -s "$sbom" ] || fail 64 "there is no $sbom"
  signed "$image" || cosign sign "${how[@]}" "$image" 2>"$(log_file cosign)" || failed "$image was not signed"
  attested "$image" || cosign attest "${how[@]}" --type spdxjson --predicate "$sbom" "$image" 2>"$(log_file cosign)" ||
    failed "the SBOM of $image was not attested"
  step "signed: $image, and its SBOM $sbom"
done

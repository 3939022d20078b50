# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A certificate authority of this installation's own, and certificates; made where there are none.

readonly AUTHORITY_DAYS=3650 SERVER_DAYS=825

# make_certificates FOLDER SERVER...: each for its own name, the names of this machine, and the document's host.
make_certificates() {
  local folder=$1 server
  shift
  command -v openssl >/dev/null || fail "$TOOLS_ABSENT" "openssl is needed to make certificates"
  mkdir -p "$folder"
  if [ ! -e "$folder/authority.pem" ]; then
    certificate "$folder/authority" $AUTHORITY_DAYS "MICRO-SAYUR authority" -addext keyUsage=critical,keyCertSign
    chmod 600 "$folder/authority.key"
  fi
  for server in "$@"; do
    [ ! -e "$folder/$server.pem" ] || continue
    certificate "$folder/$server" $SERVER_DAYS "$server" -CA "$folder/authority.pem" -CAkey "$folder/authority.key" \
      -addext basicConstraints=critical,CA:FALSE -addext "subjectAltName=DNS:$server,DNS:localhost,IP:127.0.0.1,DNS:api.micro-sayur.com"
    chmod 644 "$folder/$server.key"
  done
}

# certificate PATH DAYS NAME OPTION...: PATH.key and, when that is done, PATH.pem.
certificate() {
  local path=$1 days=$2 name=$3
  shift 3
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days "$days" -subj "/CN=$name" "$@" \
    -keyout "$path.key" -out "$path.pem.new" 2>"$(log_file certificates)" ||
    fail 1 "openssl made no certificate: $(cat "$(log_file certificates)")"
  mv "$path.pem.new" "$path.pem"
}

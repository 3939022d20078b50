#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make_root.sh PROGRAM ROOT
#
# Lays out in ROOT all that PROGRAM's image holds: the stripped program, exactly the shared objects that it loads, for
# each package the copyright (with xz where it is long: that of all of Boost is 2 MiB) and the entry that scanners
# read (/var/lib/dpkg/status.d), the locale C.UTF-8, certificate authorities and a user. Every file gets the same time,
# so that the same content makes the same layer whatever the cache of layers remembers of an earlier commit.
set -euo pipefail
. tools/lib.sh

readonly PROGRAM=$1 ROOT=$2
readonly USER_ID=65532
readonly FILE_TIME=0
readonly LONG_COPYRIGHT=$((16 * 1024))  # bytes

# The dynamic linker and every object that it maps for the program.
shared_objects() {
  ldd "build/release/bin/$PROGRAM" | grep -o '/[^ ]*'
}

# package_of FILE: dpkg knows a file by its path before or after /lib became a link to /usr/lib.
package_of() {
  local path=$1 known
  for known in "$path" "$(readlink -f "$path")" "/usr$path"; do
    dpkg-query -S "$known" 2>/dev/null | cut -d : -f 1 && return
  done
  fail 1 "no package owns $path"
}

# Those whose objects are loaded, and those that are compiled in without leaving one.
packages() {
  local object
  for object in $(shared_objects); do
    package_of "$object"
  done
  echo ca-certificates libc-bin libcli11-dev libkainjow-mustache-dev | tr ' ' '\n'
}

# add_package PACKAGE. A copyright that another package has word for word becomes a link to it.
declare -A first_with
add_package() {
  local source=/usr/share/doc/$1/copyright folder=$ROOT/usr/share/doc/$1 name=copyright digest
  digest=$(sha256sum <"$source")
  [ "$(stat -L -c %s "$source")" -lt $LONG_COPYRIGHT ] || name=copyright.xz
  mkdir -p "$folder"
  if [ -n "${first_with[$digest]:-}" ]; then
    ln -s "../${first_with[$digest]}/$name" "$folder/$name"
  else
    install -m 644 "$source" "$folder/copyright"
    [ $name = copyright ] || xz -9 --extreme "$folder/copyright"
    first_with[$digest]=$1
  fi
  dpkg-query -s "$1" >"$ROOT/var/lib/dpkg/status.d/$1"
}

install -D -m 755 "build/release/bin/$PROGRAM" "$ROOT/usr/bin/$PROGRAM"
strip "$ROOT/usr/bin/$PROGRAM"
for object in $(shared_objects); do
  install -D -m 755 "$object" "$ROOT$object"
done
mkdir -p "$ROOT/var/lib/dpkg/status.d"
for package in $(packages | sort -u); do
  add_package "$package"
done
install -D -m 644 LICENSE "$ROOT/usr/share/doc/$PROGRAM/copyright"
install -D -m 644 /etc/os-release "$ROOT/etc/os-release"
install -D -m 644 /etc/ssl/certs/ca-certificates.crt "$ROOT/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$ROOT/usr/lib/ssl" "$ROOT/usr/lib/locale"
ln -s /etc/ssl/certs/ca-certificates.crt "$ROOT/usr/lib/ssl/cert.pem"
cp -r /usr/lib/locale/C.utf8 "$ROOT/usr/lib/locale/"
echo "micro-sayur:x:$USER_ID:$USER_ID::/:/usr/sbin/nologin" >"$ROOT/etc/passwd"
echo "micro-sayur:x:$USER_ID:" >"$ROOT/etc/group"
if [ "$PROGRAM" = micro-sayur ]; then
  install -d -m 700 -o $USER_ID -g $USER_ID "$ROOT/var/lib/micro-sayur"
fi
find "$ROOT" -exec touch --no-dereference --date="@$FILE_TIME" {} +

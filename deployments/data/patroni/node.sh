#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A node in a container, named as its host: patroni.yml and, over it, what is this node's own. Secrets come from /run/secrets: passwords,
# and postgres.pem with its key where the network is spoken TLS on.
set -eu
folder=/tmp/patroni
umask 077
mkdir -p "$folder"

for file in postgres_password patroni_password; do
  [ -s "/run/secrets/$file" ] || { echo "/run/secrets/$file is empty, or cannot be read" >&2 && exit 78; }
done

# quoted FILE: its content as a string of YAML.
quoted() {
  printf "'%s'" "$(sed "s/'/''/g" "$1")"
}

login="username: micro_sayur, password: $(quoted /run/secrets/postgres_password)"
network=host
transport=''
if [ -e /run/secrets/postgres.pem ]; then
  # PostgreSQL wants the key to be its own and closed to others.
  install -m 600 /run/secrets/postgres.key /tmp/server.key
  network=hostssl
  login="$login, sslmode: verify-full, sslrootcert: /run/secrets/authority.pem"
  transport='ssl: "on", ssl_cert_file: /run/secrets/postgres.pem, ssl_key_file: /tmp/server.key'
fi

cp /etc/patroni/patroni.yml "$folder/10-patroni.yml"
cat >"$folder/20-node.yml" <<END
name: $(hostname)
etcd: { host: "etcd:2379" }
restapi:
  connect_address: $(hostname):8008
  authentication: { username: patroni, password: $(quoted /run/secrets/patroni_password) }
bootstrap:
  post_bootstrap: sh /etc/patroni/first_start.sh
postgresql:
  data_dir: $PGDATA
  connect_address: $(hostname):5432
  authentication: { superuser: { $login }, replication: { $login } }
  parameters: { $transport }
  pg_hba:
    - local all all trust
    - $network all all all scram-sha-256
    - $network replication all all scram-sha-256
END
exec patroni "$folder"

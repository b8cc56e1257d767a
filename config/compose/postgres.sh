#!/bin/sh
# Becomes the PostgreSQL server, and makes its database at the first start. Not
# the image's own entry point: that wants to be root, and the password in an
# environment that everybody who may inspect the container can read.
set -eu

data=/var/lib/postgresql/data/main
new=$data.new

if [ ! -e "$data" ]; then
  rm -rf "$new"
  initdb --pgdata "$new" --username stravasync \
    --pwfile /run/secrets/store/password --auth scram-sha-256 \
    --encoding UTF8 --locale C --data-checksums >/dev/null
  echo 'host all all all scram-sha-256' >>"$new/pg_hba.conf"
  echo 'CREATE DATABASE stravasync' \
    | postgres --single -D "$new" postgres >/dev/null
  # The last step: killed before it, all begins anew.
  mv "$new" "$data"
fi

exec postgres -D "$data" -c listen_addresses='*' \
  -c unix_socket_directories=/tmp "$@"

#!/bin/sh
# Runs once before everything else (service `prepare` in docker-compose.yml):
# makes the secrets that are missing, each in the volume of those who may read
# it, and gives the volumes to the users that the services run as.
#
# A secret that lies in ./secrets is taken from there, at every start.
set -eu
umask 077

node=10001 # The user in the image of Stravasync, and NATS's here.

# write PATH OWNER MODE, from standard input; whole or not at all.
write() {
  cat >"$1.new"
  chown "$2" "$1.new"
  chmod "$3" "$1.new"
  mv "$1.new" "$1"
}

# secret VOLUME/NAME OWNER MODE BYTES: the one given, else the one that is
# there, else BYTES at random in base64.
secret() {
  given=/given/$(echo "$1" | tr / _)
  if [ -s "$given" ]; then
    write "/secrets/$1" "$2" "$3" <"$given"
  elif [ ! -s "/secrets/$1" ]; then
    echo "prepare: making the secret $1"
    head -c "$4" /dev/urandom | base64 | tr -d '\n' \
      | write "/secrets/$1" "$2" "$3"
  fi
}

secret token/key "$node:$node" 400 32
secret bus/password "$node:$node" 400 24
secret strava/client_secret "$node:$node" 400 24
secret store/password "postgres:$node" 440 24
chmod 755 /secrets/*

password=$(cat /secrets/bus/password)
case $password in
  *[\"\\]*)
    echo "prepare: bus_password must not hold \" or \\" >&2
    exit 1
    ;;
esac
write /secrets/bus/login.conf "$node:$node" 400 <<TEXT
authorization {
  user: stravasync
  password: "$password"
}
TEXT

chown "$node:$node" /volumes/nats
chown postgres:postgres /volumes/postgres
chmod 700 /volumes/nats /volumes/postgres

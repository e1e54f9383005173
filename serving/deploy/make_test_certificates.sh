#!/bin/bash
# Makes keys and certificates to try TLS with, valid for 30 days; needs openssl.
#
#   make_test_certificates.sh FOLDER [HOST …]
#
# FOLDER then holds ca.pem, which clients trust, client.key and client.pem for client_verify, and
# ssl.config for --ssl_config_file. The server's certificate is for the HOSTs, 127.0.0.1 and localhost.

set -euo pipefail

if (($# < 1)); then
  printf 'usage: %s FOLDER [HOST …]\n' "$0" >&2
  exit 2
fi
command -v openssl >/dev/null || {
  printf 'error: openssl is needed and was not found on the PATH\n' >&2
  exit 2
}

folder="$1"
shift
umask 077
mkdir -p "$folder"
cd "$folder"

names='DNS:localhost,IP:127.0.0.1'
for host in "$@"; do
  names+=",DNS:$host"
done

# A key $1.key and a certificate $1.pem for the subject $2, signed by the authority, with extensions $3.
signed() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" 2>/dev/null
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
    -extfile <(printf '%s\n' "$3") -out "$1.pem" 2>/dev/null
  rm "$1.csr"
}

# The file $2 as the string field $1 of a text protobuf.
field() {
  local line
  printf '%s:\n' "$1"
  while IFS= read -r line; do
    printf '  "%s\\n"\n' "$line"
  done <"$2"
}

openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 \
  -subj '/CN=test authority' 2>/dev/null
signed server localhost "subjectAltName=$names"
signed client client 'extendedKeyUsage=clientAuth'
{
  field server_key server.key
  field server_cert server.pem
  field custom_ca ca.pem
  printf 'client_verify: false\n'
} >ssl.config

printf 'ssl.config for the server, ca.pem for clients, in %s\n' "$PWD"

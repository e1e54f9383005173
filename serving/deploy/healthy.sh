#!/bin/bash
# Healthy when every model has a version in the state AVAILABLE; bash alone, as the image has no curl.
#
#   healthy.sh [MODEL …]
#
# Without arguments it asks for the models in $MODEL_NAME, separated by spaces. The server is asked on
# $REST_HOST:$REST_PORT (127.0.0.1:8501), for $HEALTH_SECONDS (3) at most each time.
# Exit code 0: healthy; 1: not, with the reason on standard error. Docker reserves all others.
#
# The status line does not tell: a model that is still LOADING, and one that has ended, answer 200 too.

set -u

host="${REST_HOST:-127.0.0.1}"
port="${REST_PORT:-8501}"
seconds="${HEALTH_SECONDS:-3}"
read -r -a models <<<"${MODEL_NAME:-translation}"
if (($# > 0)); then
  models=("$@")
fi

unhealthy() {
  printf 'unhealthy: %s\n' "$1" >&2
  exit 1
}

# The whole answer to GET $1 in the variable `answer`.
ask() {
  { exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null ||
    unhealthy "nobody answers on $host:$port: the server loads its models, or has ended"
  printf 'GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n' "$1" "$host" "$port" >&3 2>/dev/null ||
    unhealthy "$host:$port hung up"
  # To the end of the connection, which is no newline: `read` then says 1 and yet has read all.
  IFS= read -r -d '' -t "$seconds" answer <&3
  exec 3>&-
}

available='"state"[[:space:]]*:[[:space:]]*"AVAILABLE"'
trap 'unhealthy "$host:$port hung up"' PIPE

for model in "${models[@]}"; do
  [[ $model =~ ^[A-Za-z0-9_.-]+$ ]] ||
    unhealthy "'$model' is no name of a model: letters, digits, '_', '.' and '-' are taken"
  answer=''
  ask "/v1/models/$model"
  [[ -n $answer ]] || unhealthy "no answer from $host:$port within $seconds s"
  status="${answer%%$'\r\n'*}"
  [[ $status == HTTP/1.[01]' 200'* ]] || unhealthy "model $model: $status"
  [[ $answer =~ $available ]] || unhealthy "model $model has no version that is AVAILABLE"
done

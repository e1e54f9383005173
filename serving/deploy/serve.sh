#!/bin/bash
# Runs tensorflow_model_server with the given flags, as the first process of a container.
#
# The server has no handler for SIGTERM, and the kernel keeps signals without a handler from the first
# process of a container. Started directly, or by the image's own script, it would sit out the whole
# grace period and then be killed in the middle of its requests. Here, on SIGTERM, it goes on answering
# for $DRAIN_SECONDS (5), while whoever sends it requests hears that it leaves, and ends then.
#
# The exit code is 0 after SIGTERM or SIGINT, otherwise the server's own.

set -u

drain="${DRAIN_SECONDS:-5}"
[[ $drain =~ ^[0-9]+$ ]] || {
  printf "error: DRAIN_SECONDS is '%s'; expected whole seconds, such as 5\n" "$drain" >&2
  exit 2
}

leave() {
  local server
  trap '' TERM INT
  # Not from a variable: the signal may come before that would be set.
  server="$(jobs -p)"
  if [[ -n $server ]]; then
    printf 'serve.sh: answering for another %s s, then ending\n' "$drain" >&2
    while ((drain-- > 0)) && kill -0 "$server" 2>/dev/null; do
      sleep 1
    done
    kill -TERM "$server" 2>/dev/null
    wait
  fi
  exit 0
}
trap leave TERM INT

tensorflow_model_server "$@" &
wait $!

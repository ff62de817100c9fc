#!/usr/bin/env bash
# Scripts that start long work start none of it when they are asked for help or get an argument that they do not know.
set -euo pipefail
cd "$(dirname "$0")/.."
stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
for tool in apt-get cmake debootstrap git; do
  printf '#!/bin/sh\necho "$0 was started" >>"%s/started"\nexit 99\n' "$stubs" >"$stubs/$tool"
  chmod +x "$stubs/$tool"
done

status=0
wrong() {
  echo "$*" >&2
  status=1
}
for script in scripts/{debian,demo,packages,reference,release,setup,test,test-arm64,test-debian,wasm,wheel} recipes/*/{fetch,run}; do
  help=$(PATH=$stubs:$PATH timeout 30 "$script" --help 2>&1) || wrong "$script --help ends with $?: $help"
  [ -n "$help" ] || wrong "$script --help says nothing"
  code=0
  said=$(PATH=$stubs:$PATH timeout 30 "$script" --no-such-option 2>&1) || code=$?
  [ $code = 2 ] || wrong "$script --no-such-option ends with $code, not 2: $said"
  [ "$(wc -l <<<"$said")" = 1 ] || wrong "$script --no-such-option says more than a line: $said"
done
[ ! -e "$stubs/started" ] || wrong "$(cat "$stubs/started")"
exit $status

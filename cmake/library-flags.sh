#!/usr/bin/env bash
# The library says what is wrong, and where; which flag of the binary mends it is said in src/app. So no text of another room names one.
set -euo pipefail
cd "$(dirname "$0")/.."

files=$(find src -name '*.cpp' -not -path 'src/app/*' -not -path '*/tests/*' -o -name '*.h' -not -path 'src/app/*' -not -path '*/tests/*')
[ "$(wc -w <<<"$files")" -ge 100 ] || { echo 'few files were found' >&2; exit 1; }
status=0
for file in $files; do
  # Without comments.
  if found=$(sed 's://.*::' "$file" | grep -nE '"([^"]*[^-a-zA-Z0-9"])?--[a-z][^"]*"'); then
    sed "s|^|$file:|" <<<"$found" >&2
    status=1
  fi
done
exit $status

#!/bin/bash
# Each header that is installed compiles with nothing before it.
#   cmake/headers-alone.sh COMPILER BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
flags=(-std=c++20 -fsyntax-only -x c++ "-I$2/include")
for room in src/*/include; do flags+=("-I$room"); done
failed=0
for header in src/*/include/heed/*/*.h; do
  [[ $header == src/kernels/* || $header == src/bench/* ]] && continue  # not installed
  "$1" "${flags[@]}" - <<< "#include <${header#*/include/}>" || { echo "FAIL: $header" && failed=1; }
done
exit $failed

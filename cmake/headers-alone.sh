#!/bin/bash
# Each header that is installed compiles with nothing before it.
#   cmake/headers-alone.sh COMPILER BUILD C_COMPILER
set -u
cd "$(dirname "$0")/.." || exit 1
flags=(-std=c++20 -fsyntax-only -x c++ "-I$2/include")
for room in src/*/include; do flags+=("-I$room"); done
failed=0
for header in src/*/include/heed/*/*.h; do
  [[ $header == src/kernels/* || $header == src/bench/* || $header == src/onnx/* ]] && continue  # not installed
  "$1" "${flags[@]}" - <<< "#include <${header#*/include/}>" || { echo "FAIL: $header" && failed=1; }
done
# That of C, as strictly as anybody asks.
strict=(-pedantic -Wall -Wextra -Werror -fsyntax-only -Isrc/capi/include -)
"$3" -std=c11 -x c "${strict[@]}" <<< '#include <heed.h>' || { echo 'FAIL: heed.h in C' && failed=1; }
"$1" -std=c++11 -x c++ "${strict[@]}" <<< '#include <heed.h>' || { echo 'FAIL: heed.h in C++' && failed=1; }
exit $failed

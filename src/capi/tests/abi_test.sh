#!/usr/bin/env bash
# The binary interface of heed.h is the one of heed.abi, a file that abidw (abigail-tools) wrote.
#   abi_test.sh COMPILER BUILD [--update]    --update writes the file, for a change that is meant
# New functions, and new members at the end of structs that begin with `size`, keep HEED_ABI_VERSION; all else is a new one.
set -euo pipefail
cd "$(dirname "$0")/../../.."
for tool in abidw abidiff; do
  command -v $tool >/dev/null || { echo "skipped: there is no $tool, which abigail-tools has"; exit 77; }
done
[[ $(uname -m) == x86_64 ]] || { echo "skipped: heed.abi is that of x86_64"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The sources of the interface alone, with what tells of types.
flags=(-std=c++20 -g -O0 -fPIC -shared "-I$2/include" -Isrc/capi -x c++)
for room in src/*/include; do flags+=("-I$room"); done
for source in src/capi/*.cpp; do echo "#include \"$PWD/$source\""; done |
  "$1" "${flags[@]}" - -x none -Wl,--version-script=src/capi/heed.map -Wl,--gc-sections -o "$work/libheed_c.so"
abidw --exported-interfaces-only --headers-dir src/capi/include --drop-private-types --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$work/heed.abi" \
  "$work/libheed_c.so"
if [[ ${3-} == --update ]]; then
  cp "$work/heed.abi" src/capi/abi/heed.abi
else
  abidiff src/capi/abi/heed.abi "$work/heed.abi"
fi

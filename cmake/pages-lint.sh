#!/usr/bin/env bash
# pages-lint.sh - what TypeScript's checker finds in the JavaScript of the pages: what cannot be read, names that nothing declares, that are
# declared twice or never used, code that is never reached. Types are not asked for: the pages have none.
# Exit status 77 where tsc is not installed (scripts/setup --tests).
set -euo pipefail
cd "$(dirname "$0")/../src/view"
command -v tsc >/dev/null || { echo 'skipped: tsc is not installed (Debian: node-typescript)'; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# syntax; unknown, doubled, unused names; unreachable code; comparisons that never hold
wanted='TS(1[0-9]{3}|2300|2304|2307|2367|2393|2448|2451|2552|2588|2801|6133|6138|6196|6198|6199|7027|7028|7029|18004)'
status=0
for page in page report; do
  files=(shared/*.js "$page"/*.js)
  # One script, as Embed.cmake makes it, in a function: what it declares and never uses is then found too.
  { echo '(() => {'; cat "${files[@]}"; echo '})();'; } >"$work/$page.js"
  { echo; awk '{ print FILENAME ":" FNR }' "${files[@]}"; echo; } >"$work/lines"
  tsc --allowJs --checkJs --noEmit --target es2022 --lib es2022,dom,dom.iterable --noUnusedLocals --noUnusedParameters \
    --allowUnreachableCode false --noFallthroughCasesInSwitch "$work/$page.js" >"$work/found" || true
  if grep '^error' "$work/found"; then status=1; fi # of the command line
  while IFS=: read -r place message; do
    line=${place##*(}
    echo "src/view/$(sed -n "${line%%,*}p" "$work/lines"):$message"
    status=1
  done < <(grep -E "error $wanted:" "$work/found" || true)
done
exit $status

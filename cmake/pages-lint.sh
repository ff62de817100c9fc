#!/usr/bin/env bash
# pages-lint.sh - what TypeScript's checker and ESLint (cmake/eslint.json) find in the JavaScript of the pages: what cannot be read, names that
# nothing declares, that are declared twice or never used, code that is never reached, == and var. Types are not asked for: the pages have none.
# Exit status 77 where neither is installed (scripts/setup --tests).
set -euo pipefail
cd "$(dirname "$0")/../src/view"
tools=()
for tool in tsc eslint; do
  if command -v "$tool" >/dev/null; then tools+=("$tool"); else echo "left out: $tool is not installed (Debian: node-typescript, eslint)"; fi
done
[[ ${#tools[@]} -gt 0 ]] || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# syntax; unknown, doubled, unused names; unreachable code; comparisons that never hold
wanted='TS(1[0-9]{3}|2300|2304|2307|2367|2393|2448|2451|2552|2588|2801|6133|6138|6196|6198|6199|7027|7028|7029|18004)'

# Each prints LINE:MESSAGE, or an error of its command line.
tsc_on() {
  tsc --allowJs --checkJs --noEmit --target es2022 --lib es2022,dom,dom.iterable --noUnusedLocals --noUnusedParameters \
    --allowUnreachableCode false --noFallthroughCasesInSwitch "$1" >"$work/found" || true
  grep '^error' "$work/found" || true
  sed -nE "s/^[^(]*\\(([0-9]+),[0-9]+\\): (error $wanted:.*)/\\1: \\2/p" "$work/found"
}

eslint_on() {
  # Another node than Debian's does not look where Debian has modules.
  NODE_PATH=/usr/share/nodejs eslint --no-eslintrc --config ../../cmake/eslint.json --format unix --stdin <"$1" >"$work/found" || [[ -s $work/found ]] || echo 'error: eslint failed'
  sed -nE 's/^[^:]*:([0-9]+):[0-9]+: (.*)/\1: \2/p' "$work/found"
}

status=0
for page in page live single report; do
  case $page in # as CMakeLists.txt has them
    page) folders=(shared attention page) ;;
    live) folders=(shared attention asked online live) ;;
    single) folders=(shared attention asked single live) ;;
    report) folders=(shared report) ;;
  esac
  files=()
  for folder in "${folders[@]}"; do files+=("$folder"/*.js); done
  # One script, as Embed.cmake makes it, in a function: what it declares and never uses is then found too.
  { echo '(() => {'; cat "${files[@]}"; echo '})();'; } >"$work/$page.js"
  { echo; awk '{ print FILENAME ":" FNR }' "${files[@]}"; echo; } >"$work/lines"
  for tool in "${tools[@]}"; do
    while IFS=: read -r line message; do
      if [[ $line =~ ^[0-9]+$ ]]; then line=src/view/$(sed -n "${line}p" "$work/lines"); fi
      echo "$line:$message"
      status=1
    done < <("${tool}_on" "$work/$page.js")
  done
done
exit $status

#!/usr/bin/env bash
# Every script of the project is read, not run, by the interpreter that its first line names: those that nothing here runs are found broken too.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
while IFS= read -r -d '' file; do
  IFS= read -r first <"$file" || continue
  interpreter=${first#\#!}
  interpreter=${interpreter#/usr/bin/env }
  case $first in
  '#!'*bash | '#!'*/sh) bash -n "$file" || status=1 ;;
  '#!'*python3)
    command -v "$interpreter" >/dev/null || continue
    "$interpreter" -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])' "$file" || status=1
    ;;
  esac
done < <(find . \( -path ./build -o -path ./.git -o -path ./runs \) -prune -o -type f -size -200k -print0)
exit $status

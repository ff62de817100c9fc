#!/usr/bin/env bash
# Every script of the project is read, not run, by the interpreter that it names: those that nothing here runs are found broken too.
set -euo pipefail
cd "$(dirname "$0")/.."

# Ours only: a clone may have builds and environments in it.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  mapfile -d '' -t files < <(git ls-files -z --cached --others --exclude-standard)
else
  mapfile -d '' -t files < <(find bench cmake docs recipes scripts src tests .ci -type f -print0)
fi

status=0
bash_scripts=0
python_scripts=0
for file in "${files[@]}"; do
  [ -f "$file" ] || continue
  first=$(head -c 100 "$file" | head -n 1 | tr -d '\0')
  if [[ $first =~ ^'#!'.*bash ]]; then
    bash_scripts=$((bash_scripts + 1))
    bash -n "$file" || status=1
  elif [[ $first =~ ^'#!'.*python3 || $file == *.py ]]; then
    python_scripts=$((python_scripts + 1))
    [ -x /usr/bin/python3 ] || continue # Debian's, which the first lines name
    /usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])' "$file" || status=1
  fi
done
echo "$bash_scripts bash and $python_scripts Python scripts"
[ $bash_scripts -ge 10 ] && [ $python_scripts -ge 10 ] || { echo "which is too few: not all were found" >&2; status=1; }
exit $status

# What the fetch scripts of the recipes have in common: options, messages, and files that are there whole or not at all.
# shellcheck shell=bash
set -euo pipefail

recipe=$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)
builds=$recipe/../../build/release
from=

fail() {
  printf 'fetch: %s\n' "$1" >&2
  exit "${2:-1}"
}

# The comment at the head of the script that sources this, which --help prints.
usage() { awk 'NR > 1 && !/^#/ { exit } NR > 1 && !/shellcheck/ { print substr($0, 3) }' "$recipe/fetch"; }

# read_arguments ARGUMENT...: sets `from`, and `words` to what is no option.
read_arguments() {
  words=()
  while [[ $# -gt 0 ]]; do
    case $1 in
      -h | --help)
        usage
        exit 0
        ;;
      --from)
        [[ $# -gt 1 ]] || fail '--from needs a file or a folder' 2
        from=$(realpath -e -- "$2" 2>/dev/null) || fail "--from: '$2' does not exist"
        shift
        ;;
      -*) fail "unknown option '$1'; there is --from FILE|FOLDER" 2 ;;
      *) words+=("$1") ;;
    esac
    shift
  done
}

# Runs a command quietly; if it fails, says "$1" and the command's last words.
quietly() {
  local message=$1 said
  shift
  said=$("$@" 2>&1) || fail "$message: ${said##*$'\n'}"
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi
}

# check_complete: the files in `output` must be those that were made: of its own SHA256SUMS, or of the recipe's where it has none and `any_release`
# does not say that other texts are as good.
check_complete() {
  local sums=$output/SHA256SUMS damaged
  if [[ ! -f $sums ]]; then
    sums=$recipe/SHA256SUMS
    [[ -f $sums && -z ${any_release:-} ]] || return 0
  fi
  sums=$(realpath "$sums")
  damaged=$(cd "$output" && LC_ALL=C sha256sum --check --quiet "$sums" 2>/dev/null | sed -n 's/: FAILED.*//p' | xargs) || true
  [[ -z $damaged ]] || fail "$output is damaged: not what was fetched: $damaged; remove it and fetch again"
}

# begin OUTPUT FILE...: ends if the files are there already; refuses a folder that holds something else; then makes `work`, an empty folder
# beside it that `finish` puts in its place and that goes away whatever happens.
begin() {
  local file missing=
  output=$1
  for file in "${@:2}"; do [[ -f $output/$file ]] || missing=$file; done
  if [[ -z $missing ]]; then
    check_complete
    printf 'fetch: %s is complete, nothing to do\n' "$output" >&2
    exit 0
  fi
  if [[ -e $output && -n $(ls -A "$output" 2>/dev/null || echo file) ]]; then
    fail "$output exists and is no complete corpus ($missing is missing); remove it or name another folder"
  fi
  mkdir -p "$(dirname "$output")" 2>/dev/null || fail "cannot make $(dirname "$output")"
  work=$(mktemp -d "$(dirname "$output")/.fetch-XXXXXX" 2>/dev/null) || fail "cannot make a folder in $(dirname "$output")"
  work=$(realpath "$work")  # apt puts a relative folder below its own, and who changes the folder loses it
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
}

finish() {
  (cd "$work" && sha256sum -- * >.SHA256SUMS && mv .SHA256SUMS SHA256SUMS)  # for check_complete
  chmod 755 "$work"
  [[ ! -d $output ]] || rmdir "$output" 2>/dev/null || fail "$output has been filled by another program meanwhile; run this again"
  mv "$work" "$output"
  printf 'fetch: %s is complete\n' "$output" >&2
}

# check_sums: the files in `work` must be those of the recipe's SHA256SUMS.
check_sums() {
  local sum name is
  while read -r sum name; do
    is=$(sha256sum <"$work/$name")
    [[ ${is%% *} == "$sum" ]] ||
      fail "$name is not the file that this recipe was made with: its sha256 is ${is:0:12}..., expected ${sum:0:12}...; see SHA256SUMS of the recipe"
  done <"$recipe/SHA256SUMS"
}

names() { awk '{ print $2 }' "$recipe/SHA256SUMS"; }

# gather REPOSITORY FOLDER COMMIT...: puts the files that SHA256SUMS names into `work`: from --from, or else by git from a folder of a
# repository, or several with blanks between, as they are in the first of these commits that has them.
gather() {
  local repository=$1 folders=$2 name place
  shift 2
  [[ -n $from ]] || clone "$repository" "$folders" "$1"
  for name in $(names); do
    if [[ -z $from ]]; then
      show "$name" "$folders" "$@" >"$work/$name" || fail "$repository has no $name in $folders of ${*}"
    elif [[ -f $from && $(names | wc -l) -eq 1 ]]; then
      cp "$from" "$work/$name"
    else
      for place in . $folders; do [[ ! -f $from/$place/$name ]] || break; done
      [[ -f $from/$place/$name ]] || fail "--from: '$from' has no $name"
      cp "$from/$place/$name" "$work/$name"
    fi
    chmod 644 "$work/$name"
  done
  check_sums
  rm -rf "$work/.clone"
}

# Only what is asked for later is downloaded, where the server knows how.
clone() {
  local said
  command -v git >/dev/null || fail 'git is missing: scripts/setup installs it'
  said=$(GIT_TERMINAL_PROMPT=0 timeout 900 git clone --quiet --bare --filter=blob:none "$1" "$work/.clone" 2>&1) ||
    fail "cannot reach $1 (${said##*$'\n'}); get $(names | xargs) from its folder $2, commit $3, another way and give their folder: --from FOLDER"
}

# show NAME FOLDERS COMMIT...
show() {
  local commit folder
  for commit in "${@:3}"; do
    for folder in $2; do
      folder=${folder#.}
      GIT_TERMINAL_PROMPT=0 git -C "$work/.clone" show "$commit:${folder:+$folder/}$1" 2>/dev/null && return
    done
  done
  return 1
}

#!/usr/bin/env bash
# Completion in each shell and manual pages, of all commands: completion_test.sh PATH_OF_HEED
folder=$(cd "$(dirname "$0")" && pwd)
source "$folder/check.sh"
mkdir -p texts/models && touch texts/config.yaml

runs "completion for bash" completion bash --output for.bash
by_bash() { # LINE, of which the last word is completed
  bash -c 'source ./for.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _heed; printf "%s\n" "${COMPREPLY[@]}"' _ "$@"
}
equal "bash: a command" translate "$(by_bash heed transl)"
equal "bash: a command of a command" train "$(by_bash heed bench trai)"
equal "bash: an option" --normalize "$(by_bash heed translate --norm)"
equal "bash: not one of another command" "" "$(by_bash heed score --norm)"
equal "bash: a value" "mean log-linear" "$(by_bash heed translate --combine '' | paste -s -d ' ')"
equal "bash: a key" training.schedule.kind= "$(by_bash heed train --set training.schedule.ki)"
equal "bash: a file" texts/config.yaml "$(by_bash heed train texts/c)"
equal "bash: a folder, and no file" texts/models "$(by_bash heed translate --model texts/)"
equal "bash: nothing for a number" "" "$(by_bash heed translate --beam '')"

# has SHELL: whether it is here.
has() { command -v "$1" >/dev/null || { echo "skipped: completion for $1, which is not installed"; false; }; }
runs "completion for zsh" completion zsh --output _heed
if has zsh; then
  by_zsh() { timeout 60 zsh -f "$folder/zsh_completes.zsh" "$PWD/_heed" "$1"; }
  equal "zsh: a command" "heed translate" "$(by_zsh 'heed transl')"
  equal "zsh: an option" "heed bench train --updates" "$(by_zsh 'heed bench train --upd')"
  equal "zsh: a value" "heed translate --combine log-linear" "$(by_zsh 'heed translate --combine l')"
  equal "zsh: a key" "heed train --set training.schedule.kind=" "$(by_zsh 'heed train --set training.schedule.ki')"
  equal "zsh: a folder, and no file" "heed translate --model texts/models" "$(by_zsh 'heed translate --model texts/')"
fi
runs "completion for fish" completion fish --output for.fish
if has fish; then
  by_fish() { HOME=$PWD fish --no-config -c "source for.fish; complete -C '$1'" | cut -f 1; }
  equal "fish: a command" translate "$(by_fish 'heed transl')"
  equal "fish: a command of a command" train "$(by_fish 'heed bench trai')"
  equal "fish: an option" --normalize "$(by_fish 'heed translate --norm')"
  equal "fish: a value" log-linear "$(by_fish 'heed translate --combine l')"
  equal "fish: a key" training.schedule.kind= "$(by_fish 'heed train --set training.schedule.ki')"
  equal "fish: a folder, and no file" texts/models/ "$(by_fish 'heed translate --model texts/')"
fi
fails "completion for another shell" 2 "unknown 'powershell'; expected: bash \| zsh \| fish" completion powershell

# ---- manual pages ----
runs "help" --help
commands=$(sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\) .*/\1/p' out)
equal "knows all commands" yes "$([[ $(wc -w <<<"$commands") -gt 15 ]] && echo yes)"
for command in "" $commands "bench train" "data check" "data cache"; do
  runs "page of heed $command" help --man $command
  matches "which is named" "^.TH HEED$(tr 'a-z ' 'A-Z-' <<<"${command:+ $command}" | sed 's/-/\\\\\\-/g') 1 " "$(<out)"
  command -v man >/dev/null || continue
  man --warnings --local-file out >/dev/null 2>warnings
  # A line of one long word cannot be adjusted.
  equal "without a warning" "" "$(grep -v 'cannot adjust line' warnings)"
done
runs "page of translate" help --man translate
matches "has its options" '^.fB.-.-beam.fR .fIN.fR \(1 to 1000; default 5\)$' "$(<out)"
# The build's files, of a program whose help is told in other words.
printf '#!/bin/sh\necho "Commands:"\n' >other && chmod +x other
cmake -DHEED="$PWD/other" -DFOLDER="$PWD/told" -P "$folder/../../../cmake/TellFiles.cmake" >out 2>err
matches "pages of a program without commands are none" "no commands are found" "$(tr -s '\n ' ' ' <err)"
fails "page of nothing" 2 "unknown command 'trasnlate'; did you mean 'translate'" help --man trasnlate
finish

# zsh_completes.zsh SCRIPT LINE - the line after a tab, without the blank or slash that zsh takes back at the next character, in a zsh that
# has read the completion script.
zmodload zsh/zpty
zpty shell "TERM=dumb zsh -f -i"
zpty -w shell "PS1=; setopt no_beep; autoload -Uz compinit; compinit -D -u; source $1; bindkey '^X' beginning-of-line; print -r READY''"
zpty -r -m shell output $'*READY\r\n*'
zpty -w -n shell "$2"$'\t\C-x'"print -r -- '{"$'\C-e'">>}'"$'\n'
zpty -r -m shell output $'*\n{*>>}*'
output=${output##*$'\n'\{}
print -r -- ${output%%>>\}*}

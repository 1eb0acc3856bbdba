# shellcheck shell=bash
# Words of makegoodctl for bash: the program itself knows them.
_makegoodctl() {
  local IFS=$'\n'
  # shellcheck disable=SC2207 # one candidate a line
  COMPREPLY=($("${COMP_WORDS[0]/#\~/$HOME}" __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _makegoodctl makegoodctl

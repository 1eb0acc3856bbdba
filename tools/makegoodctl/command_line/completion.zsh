#compdef makegoodctl
# Words of makegoodctl for zsh: the program itself knows them. To be sourced, or to stand in a folder of
# $fpath as _makegoodctl.
_makegoodctl() {
  local program=${(Q)words[1]}
  local -a candidates
  candidates=(${(f)"$(${program/#\~/$HOME} __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)"})
  if ((${#candidates})); then
    compadd -a candidates
  else
    _files
  fi
}
if [[ ${funcstack[1]} == _makegoodctl ]]; then
  _makegoodctl "$@"
else
  compdef _makegoodctl makegoodctl
fi

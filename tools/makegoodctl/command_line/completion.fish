# Words of makegoodctl for fish: the program itself knows them; files where it knows none.
function __makegoodctl_words
  set -l words (commandline -opc) (commandline -ct)
  set -l candidates ($words[1] __complete $words[2..-1] 2>/dev/null)
  if set -q candidates[1]
    printf '%s\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c makegoodctl -f -a '(__makegoodctl_words)'

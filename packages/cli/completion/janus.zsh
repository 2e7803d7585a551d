#compdef janus
# Completion of janus for zsh. `janus help completion` says how to install it.
# What can stand on the line is asked of janus itself; nothing of its answer is evaluated.

_janus() {
  local line word about paths prefix suffixes
  local -a plain assignments given
  integer answered=1

  given=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    about=${line#*$'\t'}
    if [[ $word == :* ]]; then
      paths=${word#:}
      prefix=${about%%$'\t'*}
      suffixes=${${about#*$'\t'}//[^a-z,]/}
    elif [[ $word == *= ]]; then
      assignments+=("${word//:/\\:}${about:+:$about}")
    else
      plain+=("${word//:/\\:}${about:+:$about}")
    fi
  done < <(command janus __complete -- "${given[@]}" 2>/dev/null </dev/null)

  (( $#plain )) && _describe -V janus plain && answered=0
  (( $#assignments )) && _describe -V janus assignments -S '' && answered=0
  [[ -n $prefix ]] && compset -P '*='
  case $paths in
    directories) _files -/ && answered=0 ;;
    files) _files ${suffixes:+-g} ${suffixes:+"*.${suffixes//,/ *.}"} && answered=0 ;;
  esac
  return answered
}

# Autoloaded as a function it is called; sourced it registers itself.
if [[ $funcstack[1] == _janus ]]; then
  _janus "$@"
elif (( $+functions[compdef] )); then
  compdef _janus janus
fi

# Completion of janus for bash. `janus help completion` says how to install it.
# What can stand on the line is asked of janus itself; nothing of its answer is evaluated.

_janus() {
  local line word raw='' rest=${COMP_LINE:0:COMP_POINT} index attached
  local -a words=()

  # bash also splits words at the characters of COMP_WORDBREAKS, a PCI address among them: they are put together again.
  for ((index = 0; index <= COMP_CWORD; index++)); do
    attached=$((index > 0))
    if [[ $rest == [[:blank:]]* ]]; then
      rest=${rest#"${rest%%[![:blank:]]*}"}
      attached=0
    fi
    word=${COMP_WORDS[index]}
    if ((index == COMP_CWORD)) || [[ $rest != "$word"* ]]; then word=$rest; fi
    rest=${rest#"$word"}
    if ((attached)); then words[-1]+=$word; else words+=("$word"); fi
  done
  raw=${words[-1]}
  for index in "${!words[@]}"; do words[index]=${words[index]//[\\\"\']/}; done

  # What readline replaces is only the part behind the last of those characters.
  local breaks='' lead='' current=${words[-1]}
  [[ $COMP_WORDBREAKS == *:* ]] && breaks+=':'
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+='='
  if [[ -n $breaks && $raw != [\"\']* && $current == *[$breaks]* ]]; then lead=${current%"${current##*[$breaks]}"}; fi

  local paths='' prefix='' suffixes=''
  COMPREPLY=()
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    if [[ $word == :* ]]; then
      paths=${word#:} line=${line#*$'\t'}
      prefix=${line%%$'\t'*} suffixes=${line#*$'\t'}
      suffixes=${suffixes//[^a-z,]/}
    elif [[ $word != *[^A-Za-z0-9_.:=@,+/-]* ]]; then
      # bash puts it on the line as it is.
      COMPREPLY+=("${word#"$lead"}")
    fi
  done < <(command janus __complete -- "${words[@]:1}" 2>/dev/null </dev/null)

  if [[ -n $paths ]]; then
    _janus_paths "$paths" "${current#"$prefix"}" "$suffixes"
  elif ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}

# Adds paths that begin with $2; where there is nothing else to choose from, readline does it, which knows quoting and ~.
_janus_paths() {
  local path pattern
  if ((${#COMPREPLY[@]} == 0)) && [[ -z $3 ]]; then
    [[ $1 == directories ]] && compopt -o dirnames 2>/dev/null
    [[ $1 == files ]] && compopt -o default 2>/dev/null
    return
  fi
  compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(
    compgen -d -- "$2"
    for pattern in ${3//,/ }; do compgen -f -X "!*.$pattern" -- "$2"; done
  )
}

complete -F _janus janus

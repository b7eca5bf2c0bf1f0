/** What a shell reads: each asks the program itself, so that it never names an option that is not there. */
export const scripts: Readonly<Record<string, string>> = {
  bash: `_calico_chatops() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words
  # The shell cuts words at colons; the program wants them whole.
  if declare -F _get_comp_words_by_ref >/dev/null; then
    _get_comp_words_by_ref -n : -c cur -w words
    COMP_CWORD=$((\${#words[@]} - 1))
  else
    words=("\${COMP_WORDS[@]:0:COMP_CWORD+1}")
  fi
  mapfile -t COMPREPLY < <(calico-chatops __complete -- "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == *[/:] ]] && compopt -o nospace
  declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$cur"
  return 0
}
complete -o default -F _calico_chatops calico-chatops
`,
  zsh: `#compdef calico-chatops
_calico_chatops() {
  local -a found
  found=("\${(@f)$(calico-chatops __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $found ]]; then compadd -S '' -a found; else _files; fi
}
compdef _calico_chatops calico-chatops
`,
  fish: `function __calico_chatops
  set -l words (commandline -opc) (commandline -ct)
  calico-chatops __complete -- $words[2..-1] 2>/dev/null
end
complete -c calico-chatops -a '(__calico_chatops)'
`,
};

/** Shells that can be told what may come next. */
export const shells: readonly string[] = Object.keys(scripts);

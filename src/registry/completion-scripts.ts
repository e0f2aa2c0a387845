export const completionShells = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof completionShells)[number];

/**
 * A completion script for a shell: it asks `postern complete --shell SHELL -- WORD...` (the words behind the program's
 * name up to the cursor) at each Tab, so that accounts complete too. Where that fails it offers nothing.
 */
export function renderCompletionScript(shell: CompletionShell): string {
  switch (shell) {
    case 'bash':
      return bash;
    case 'zsh':
      return zsh;
    case 'fish':
      return fish;
    default:
      return shell satisfies never;
  }
}

/*
 * bash cuts words at the characters of COMP_WORDBREAKS, `=` and `:` among them, and replaces only what follows the last
 * of them. So the words are put together again, and of each answer only that part is given back.
 */
const bash = String.raw`# bash completion for postern: eval "$(postern completion bash)", or save it as
# /usr/share/bash-completion/completions/postern

_postern() {
  COMPREPLY=()
  local line=\${COMP_LINE:0:COMP_POINT} index piece word= position=0
  local -a words=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    piece=\${COMP_WORDS[index]}
    local gap=\${line:position}
    local before=\${gap%%"$piece"*}
    if ((index > 0)) && [[ -z $before && -n $gap ]]; then
      word+=$piece
    else
      ((index > 0)) && words+=("$word")
      word=$piece
    fi
    position=$((position + \${#before} + \${#piece}))
  done
  # The cursor may stand inside the last word.
  ((position > \${#line})) && word=\${word:0:\${#word} - (position - \${#line})}
  words+=("$word")

  local program=\${words[0]/#\~/$HOME} answer text kept=
  local breaks=\${COMP_WORDBREAKS//[\"\']/}
  local -a answers=()
  while IFS= read -r answer; do
    answers+=("$answer")
  done < <("$program" complete --shell bash -- "\${words[@]:1}" 2>/dev/null </dev/null)

  local unquoted=\${word#[\"\']}
  while [[ -n $unquoted && $breaks != *"\${unquoted: -1}"* ]]; do unquoted=\${unquoted%?}; done
  kept=$unquoted

  for answer in "\${answers[@]}"; do
    case $answer in
      :files) compopt -o default -o filenames 2>/dev/null; return ;;
      :directories) compopt -o dirnames -o filenames 2>/dev/null; return ;;
      :*) continue ;;
    esac
    text=\${answer%%$'\t'*}
    [[ $text == "$kept"* ]] || continue
    printf -v text %q "\${text#"$kept"}"
    COMPREPLY+=("$text")
  done
  if ((\${#COMPREPLY[@]} == 1)) && [[ \${COMPREPLY[0]} == *[=.\(] ]]; then
    compopt -o nospace 2>/dev/null
  fi
}

complete -F _postern postern
`
  .replaceAll('\\$', '$')
  .replaceAll('\\`', '`');

const zsh = String.raw`#compdef postern
# zsh completion for postern: save it as _postern in a directory of $fpath, or eval "$(postern completion zsh)"

_postern() {
  local answer text description
  local -a answers texts shown openTexts openShown
  local current=\${(Q)PREFIX}
  answers=("\${(@f)$(\${(Q)words[1]/#\~/$HOME} complete --shell zsh -- \${(Q)words[2,CURRENT-1]} "$current" 2>/dev/null </dev/null)}")
  for answer in $answers; do
    case $answer in
      :files) compset -P '*='; _files; return ;;
      :directories) _files -/; return ;;
      :note\ *) _message -r -- "\${answer#:note }"; continue ;;
    esac
    text=\${answer%%$'\t'*}
    description=\${answer#*$'\t'}
    [[ -n $text ]] || continue
    if [[ $text == *[=.\(] ]]; then
      openTexts+=("$text")
      openShown+=("$text\${description:+  -- $description}")
    else
      texts+=("$text")
      shown+=("$text\${description:+  -- $description}")
    fi
  done
  local result=1
  (($#texts)) && compadd -l -d shown -- $texts && result=0
  (($#openTexts)) && compadd -l -S '' -d openShown -- $openTexts && result=0
  return result
}

if [[ $funcstack[1] == _postern ]]; then
  _postern "$@"
else
  (($+functions[compdef])) || { autoload -Uz compinit && compinit; }
  compdef _postern postern
fi
`.replaceAll('\\$', '$');

const fish = String.raw`# fish completion for postern: postern completion fish > ~/.config/fish/completions/postern.fish

function __postern_complete
  set -l words (commandline --tokenize --current-process --cut-at-cursor)
  set -l current (commandline --current-token --cut-at-cursor)
  for answer in ($words[1] complete --shell fish -- $words[2..] "$current" 2>/dev/null </dev/null)
    switch $answer
      case ':files'
        set -l before (string match --regex '^[a-z_.]+=' -- $current)
        for name in (__fish_complete_path (string replace --regex '^[a-z_.]+=' '' -- $current))
          printf '%s\n' $before$name
        end
      case ':directories'
        __fish_complete_directories "$current"
      case ':*'
      case '*'
        printf '%s\n' $answer
    end
  end
end

complete --command postern --no-files --arguments '(__postern_complete)'
`;

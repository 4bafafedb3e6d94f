/// Scripts that make a shell ask `Completer`.
enum CompletionScript {
  /// The call that the scripts make, which help does not show.
  static let callback = "__complete"
  static let shells = ["bash", "zsh", "fish"]

  static func text(for shell: String) -> String {
    switch shell {
    case "zsh": zsh
    case "fish": fish
    default: bash
    }
  }

  private static let bash = #"""
    # Completion of simctl for bash 4.4 and later:
    #   simctl --completion bash > ~/.local/share/bash-completion/completions/simctl
    # or, for this shell only:  source <(simctl --completion bash)

    _simctl() {
      local -a words=()
      local rest="${COMP_LINE:0:COMP_POINT}" word line i
      # Readline breaks words at '=' and ':', too; only blanks divide them here.
      for ((i = 0; i <= COMP_CWORD; i++)); do
        word="${COMP_WORDS[i]}"
        if ((i == 0)) || [[ "$rest" == [[:blank:]]* ]]; then
          rest="${rest#"${rest%%[![:blank:]]*}"}"
          words+=("")
        fi
        # Up to the cursor.
        ((i == COMP_CWORD)) && word="$rest"
        words[-1]+="$word"
        rest="${rest:${#word}}"
      done
      # Readline replaces what it takes for a word, and nothing of a '=' or ':'.
      [[ "$word" == *[!=:]* ]] || word=""
      local current="${words[-1]}" start
      start="${current%"$word"}"
      COMPREPLY=()
      local takes_files="" endings=""
      while IFS= read -r line; do
        case "$line" in
          :open) compopt -o nospace ;;
          :folders)
            compopt -o filenames
            while IFS= read -r word; do COMPREPLY+=("$word"); done \
              < <(compgen -d -- "${current#"$start"}")
            ;;
          :files*)
            takes_files=1
            endings="${line#:files}"
            ;;
          *)
            word="${line%%$'\t'*}"
            COMPREPLY+=("${word#"$start"}")
            ;;
        esac
      done < <("${COMP_WORDS[0]}" __complete "${words[@]:1}" 2> /dev/null)
      if [[ -n "$takes_files" ]]; then
        while IFS= read -r word; do
          _simctl_fits "$word" $endings && COMPREPLY+=("$word") && compopt -o filenames
        done < <(compgen -f -- "${current#"$start"}")
      fi
    }

    # Whether a path is a folder, or ends as one of the others says.
    _simctl_fits() {
      local path="$1" ending
      shift
      [[ -d "$path" || $# -eq 0 ]] && return 0
      for ending in "$@"; do [[ "$path" == *"$ending" ]] && return 0; done
      return 1
    }

    complete -F _simctl simctl

    """#

  private static let zsh = #"""
    #compdef simctl
    # Completion of simctl for zsh: write it to a folder of $fpath as _simctl
    #   simctl --completion zsh > ~/.zsh/completions/_simctl
    # or, for this shell only, behind compinit:  source <(simctl --completion zsh)

    _simctl() {
      local -a found endings
      local line word meaning takes_files="" takes_folders="" is_open=""
      while IFS= read -r line; do
        case "$line" in
          :open) is_open=1 ;;
          :folders) takes_folders=1 ;;
          :files*) takes_files=1; endings=(${=line#:files}) ;;
          *)
            word="${line%%$'\t'*}"
            meaning="${line#*$'\t'}"
            # A colon divides word and meaning.
            found+=("${word//:/\\:}:$meaning")
            ;;
        esac
      done < <("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2> /dev/null)
      if [[ -n "$is_open" ]]; then
        (( $#found )) && _describe -V 'value' found -S ''
      else
        (( $#found )) && _describe -V 'value' found
      fi
      # Files stand behind '--option=', too.
      if [[ -n "$takes_files$takes_folders" ]]; then
        [[ "$PREFIX" == --*=* ]] && compset -P '*='
        if [[ -n "$takes_folders" ]]; then
          _files -/
        elif (( $#endings )); then
          _files -g "*(${(j:|:)endings})(-.)"
        else
          _files
        fi
      fi
    }

    if [[ "$funcstack[1]" == _simctl ]]; then
      _simctl "$@"
    else
      compdef _simctl simctl
    fi

    """#

  private static let fish = #"""
    # Completion of simctl for fish:
    #   simctl --completion fish > ~/.config/fish/completions/simctl.fish

    function __simctl_complete
      set -l words (commandline --tokenize --cut-at-cursor --current-process)
      set -l current (commandline --current-token --cut-at-cursor)
      for line in ($words[1] __complete $words[2..-1] "$current" 2>/dev/null)
        switch $line
          case ':open'
          case ':folders'
            __fish_complete_directories "$current"
          case ':files*'
            # Behind '--option=' the path is only a part of the word.
            set -l start (string match --regex -- '^--[^=]*=' "$current")
            set -l path (string replace -- "$start" '' "$current")
            set -l endings (string split --no-empty ' ' -- (string replace ':files' '' -- $line))
            for file in (__fish_complete_path "$path")
              set -l name (string split -m 1 \t -- $file)[1]
              if test (count $endings) -eq 0; or string match --quiet '*/' -- $name
                printf '%s%s\n' "$start" $name
              else
                for ending in $endings
                  if string match --quiet -- "*$ending" $name
                    printf '%s%s\n' "$start" $name
                    break
                  end
                end
              end
            end
          case '*'
            printf '%s\n' $line
        end
      end
    end

    complete --command simctl --no-files --arguments '(__simctl_complete)'

    """#
}

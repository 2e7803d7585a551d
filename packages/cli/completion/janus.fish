# Completion of janus for fish. `janus help completion` says how to install it.
# What can stand on the line is asked of janus itself; nothing of its answer is evaluated.

function __janus_complete
    set -l words (commandline -opc)
    # Variables may be set before the command.
    while set -q words[1]; and not string match -qr '(^|/)janus$' -- $words[1]
        set -e words[1]
    end
    set -l current (commandline -ct)
    for line in (command janus __complete -- $words[2..-1] "$current" 2>/dev/null </dev/null)
        if string match -q ':*' -- $line
            set -l paths (string split \t -- $line)
            set -l begun (string sub -s (math (string length -- "$paths[2]") + 1) -- "$current")
            for path in (__janus_paths $paths[1] "$begun" (string split -n , -- "$paths[3]"))
                printf '%s%s\n' "$paths[2]" $path
            end
        else
            printf '%s\n' $line
        end
    end
end

# Paths that begin with a word: directories, and files unless none are asked for.
function __janus_paths --argument-names only begun
    switch $only
        case ':directories'
            __fish_complete_directories "$begun" ''
        case '*'
            set -l suffixes $argv[3..-1]
            for path in (__fish_complete_path "$begun")
                set -l name (string split -m 1 \t -- $path)[1]
                if string match -q '*/' -- $name; or not set -q suffixes[1]
                    or contains -- (string replace -r '.*\.' '' -- $name) $suffixes
                    printf '%s\n' $path
                end
            end
    end
end

complete -c janus -f -k -a '(__janus_complete)'

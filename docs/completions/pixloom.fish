# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pixloom_global_optspecs
    string join \n json events= q/quiet h/help V/version
end

function __fish_pixloom_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pixloom_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pixloom_using_subcommand
    set -l cmd (__fish_pixloom_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pixloom -n "__fish_pixloom_needs_command" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_needs_command" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_needs_command" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_needs_command" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_needs_command" -s V -l version -d 'Print version'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "analyze" -d 'Say what is in a folder of pictures: sizes, formats, colours, cameras, oddities'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "validate" -d 'Find broken, mislabelled and implausible pictures in a folder'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "pairs" -d 'Check that the pictures of two folders belong together'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "transform" -d 'Apply operations to every picture of a folder'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "convert" -d 'Write every picture of a folder in another format'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "ops" -d 'List the operations, or show the settings of one'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "system" -d 'Show the machine, and the settings chosen from it and why'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "runs" -d 'List the runs of this user, or show one'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "config" -d 'Show and change settings'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "merge" -d 'Join the parts of a run that was split with --shard'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "undo" -d 'Take back what a run did to originals'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "completions" -d 'Print a script that lets a shell complete commands'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "man" -d 'Print the manual page, or write one for each command'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "schema" -d 'Print the JSON Schema of a kind of file'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l csv -d 'Write a table with one line per file here' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l html -d 'Write a page with charts, samples and a table here; it needs nothing else and works offline' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l deep -d 'Decode every picture, too: finds unused alpha, grey stored as colour, pictures of one colour, black ones and those whose file was cut'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand analyze" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l lq -d 'Folder of low-quality pictures that belong to those of the input folder: checks the data set as a whole (names, files of both folders, scale and contents, sizes, formats)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l expect -d 'With `lq`: the scale that every pair must have, such as 4 [1 to 64]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l lq-suffix -d 'With `lq`: what the names of LQ files have at the end, such as `_small`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l checks -d 'How far to check [default: plausible]' -r -f -a "name\t'Name against content; reads the beginning of the file'
header\t'Header and limits; reads the beginning of the file'
structure\t'Blocks, check sums and metadata, without decoding'
decode\t'Every pixel decoded'
plausible\t'Whether the decoded picture can be what was meant'"
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l fail-on -d 'Kinds of findings that count as errors, such as `damaged,constant`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l ignore -d 'Kinds of findings to leave out, such as `alpha`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l min-side -d 'Shortest side that a picture may have, in pixels [0 to 1000000; default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l report -d 'Write all findings to this file: `.csv` one finding a line, `.jsonl` one file a line' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l move-to -d 'Move files with errors to this folder, each under its path below the input folder' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l strict -d 'Count warnings, such as damage that viewers conceal, as errors'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l repair -d 'Repair what can be repaired without loss: wrong extensions, bytes behind the end, metadata that cannot be read'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l apply -d 'Carry out the plan of `move_to` and `repair` instead of printing it'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand validate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l expect -d 'The scale that every pair must have, such as 4. Without it, the most common one. [1 to 64]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l lq-suffix -d 'What the names of LQ files have at the end (before the extension), such as `x4`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l lq-prefix -d 'What the names of LQ files have at the beginning' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l hq-suffix -d 'What the names of HQ files have at the end (before the extension), such as `_hr`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l hq-prefix -d 'What the names of HQ files have at the beginning' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l content -d 'Compare the pixels, not only names and sizes [on; --content=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l fix -d 'Print what would make the pairs usable: crops and files to drop. Nothing is done to them.'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand pairs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l ops -d 'Operations, such as `resize:long_edge=256 | sharpen:amount=0.4`; `pixloom ops` lists them' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l recipe -d 'File with operations, as YAML, TOML or JSON' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l to -d 'Format of the results, such as `png` or `webp`. Without it each keeps the format that its file name says.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l quality -d 'Lossy quality from 1 to 100; the format\'s own default without it (JPEG 90, WebP 85) [1 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l effort -d 'How hard to compress: 0 is fastest, 9 is smallest. Lossless pixels do not depend on it. [0 to 9; default: 2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l subsampling -d 'Chroma resolution of JPEG [default: 420]' -r -f -a "444\t'Full resolution'
422\t'Half the columns'
420\t'Half the columns and rows'"
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l background -d 'Colour behind transparent pixels where the format has no alpha, as `#rrggbb` [default: #ffffff]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l on-collision -d 'What to do when two inputs would be written to one name, such as `a.png` and `a.jpg` to `a.webp` [default: error]' -r -f -a "error\t'Refuse, before any work'
keep-extension\t'Add the extension of the input to all names: `a.png` becomes `a_png.webp`'"
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l lossless -d 'Lossless, where the format has both (WebP)'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l progressive -d 'Write JPEG in several passes, coarse to fine'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l keep-metadata -d 'Keep EXIF and XMP where the format can carry them. Colour profiles are always honoured. [on; --keep-metadata=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand transform" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l to -d 'Format of the results, such as `png` or `webp`. Without it each keeps the format that its file name says.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l quality -d 'Lossy quality from 1 to 100; the format\'s own default without it (JPEG 90, WebP 85) [1 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l effort -d 'How hard to compress: 0 is fastest, 9 is smallest. Lossless pixels do not depend on it. [0 to 9; default: 2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l subsampling -d 'Chroma resolution of JPEG [default: 420]' -r -f -a "444\t'Full resolution'
422\t'Half the columns'
420\t'Half the columns and rows'"
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l background -d 'Colour behind transparent pixels where the format has no alpha, as `#rrggbb` [default: #ffffff]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l on-collision -d 'What to do when two inputs would be written to one name, such as `a.png` and `a.jpg` to `a.webp` [default: error]' -r -f -a "error\t'Refuse, before any work'
keep-extension\t'Add the extension of the input to all names: `a.png` becomes `a_png.webp`'"
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l lossless -d 'Lossless, where the format has both (WebP)'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l progressive -d 'Write JPEG in several passes, coarse to fine'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l keep-metadata -d 'Keep EXIF and XMP where the format can carry them. Colour profiles are always honoured. [on; --keep-metadata=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand convert" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ops" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ops" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ops" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ops" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand system" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand system" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand system" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand system" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and not __fish_seen_subcommand_from show help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and not __fish_seen_subcommand_from show help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and not __fish_seen_subcommand_from show help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and not __fish_seen_subcommand_from show help" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and not __fish_seen_subcommand_from show help" -f -a "show" -d 'Show the record of one run'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and not __fish_seen_subcommand_from show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and __fish_seen_subcommand_from show" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the record of one run'
complete -c pixloom -n "__fish_pixloom_using_subcommand runs; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -f -a "show" -d 'Show all settings as they stand'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -f -a "set" -d 'Set a value in the user\'s file'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -f -a "reset" -d 'Remove a value from the user\'s file, or all values'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and not __fish_seen_subcommand_from show set reset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from show" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say where each value comes from'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from set" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from set" -l project -d 'Change the project\'s pixloom.toml instead of the user\'s'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from reset" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from reset" -l project -d 'Change the project\'s pixloom.toml instead of the user\'s'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from reset" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from reset" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show all settings as they stand'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Set a value in the user\'s file'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Remove a value from the user\'s file, or all values'
complete -c pixloom -n "__fish_pixloom_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand merge" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand merge" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand merge" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand merge" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand undo" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand undo" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand undo" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand undo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand completions" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand completions" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand completions" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand completions" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand man" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand man" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand man" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand man" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand schema" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand schema" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand schema" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "analyze" -d 'Say what is in a folder of pictures: sizes, formats, colours, cameras, oddities'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "validate" -d 'Find broken, mislabelled and implausible pictures in a folder'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "pairs" -d 'Check that the pictures of two folders belong together'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "transform" -d 'Apply operations to every picture of a folder'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "convert" -d 'Write every picture of a folder in another format'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "ops" -d 'List the operations, or show the settings of one'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "system" -d 'Show the machine, and the settings chosen from it and why'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "runs" -d 'List the runs of this user, or show one'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "config" -d 'Show and change settings'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "merge" -d 'Join the parts of a run that was split with --shard'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "undo" -d 'Take back what a run did to originals'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "completions" -d 'Print a script that lets a shell complete commands'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "man" -d 'Print the manual page, or write one for each command'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "schema" -d 'Print the JSON Schema of a kind of file'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs transform convert ops system runs config merge undo completions man schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "show" -d 'Show the record of one run'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show all settings as they stand'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Set a value in the user\'s file'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "reset" -d 'Remove a value from the user\'s file, or all values'

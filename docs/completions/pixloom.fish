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
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "dedup" -d 'Find copies of pictures: equal files, re-saved, resized, recoloured, cropped, turned, framed'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "clean" -d 'Find pictures that deserve a second look: blurry, dark, bright, empty, gray, odd, doubled'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "score" -d 'Score the quality of pictures, without anything to compare them with'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "transform" -d 'Apply operations to every picture of a folder'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "convert" -d 'Write every picture of a folder in another format'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "ocr" -d 'Jobs of `ocr`'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "upscale" -d 'Make pictures larger by a neural net'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "downscale" -d 'Make the low-resolution pictures of a super-resolution dataset'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "compare" -d 'Measure how close pictures are to their references'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "models" -d 'List the built-in models, or look into model files'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "restore" -d 'Jobs of `restore`'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "train" -d 'Jobs of `train`'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "ops" -d 'List the operations, or show the settings of one'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "system" -d 'Show the machine, and the settings chosen from it and why'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "runs" -d 'List the runs of this user, or show one'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "config" -d 'Show and change settings'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "merge" -d 'Join the parts of a run that was split with --shard'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "undo" -d 'Take back what a run did to originals'
complete -c pixloom -n "__fish_pixloom_needs_command" -f -a "cache" -d 'Show what is remembered of files, or forget it'
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
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l method -d 'How pictures are compared [default: full]' -r -f -a "full\t'In all five stages: also crops, turns, mirrors, frames, pictures in pictures'
phash\t'By the signs of the lowest frequencies'
dhash\t'By the sign of each step to the right'
ahash\t'By what is brighter than the mean'
whash\t'By the low band of a Haar wavelet'
color\t'By the shares of hues and grays'
exact\t'By the bytes of the files'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l bits -d 'Length of the hash of the hash methods, in bits [default: 64]' -r -f -a "64\t'8×8'
256\t'16×16'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l threshold -d 'Most bits that two hashes may differ in. Of 64 bits: phash and dhash 8, ahash and whash 3, color 2; of 256 four times that. [0 to 64]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l against -d 'Another set, such as the test pictures: only copies between it and the input count, and its files are never touched' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l parts -d 'Folder for the parts of a large set: with `--shard`, a run only looks at its part of the files and keeps what it saw here; a run without it joins all parts and compares' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l csv -d 'Write a table with one line per file here' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l html -d 'Write a page with the groups side by side here; it needs nothing else and works offline' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l action -d 'What happens to the duplicates of each group; a plan is printed until `--apply` is given [default: report]' -r -f -a "report\t'Nothing: they are listed'
copy\t'Copies of the best go to `best/` and of the others to `duplicates/` in the output folder'
move\t'Duplicates move to `duplicates/` in the output folder'
hardlink\t'Files equal to the best, byte for byte, become hard links to it'
symlink\t'Files equal to the best, byte for byte, become symbolic links to it'
trash\t'Duplicates go to the user\'s trash'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l output -d 'Folder for `copy` and `move`; paths below the input folder are kept in it' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l partner -d 'Folder of partner pictures (the LQ side of a training set): the partner of a duplicate, by its path below the folder without extension, gets the same fate' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l reference -d 'Folders whose pictures are kept and never touched; they are compared, too' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l prefer -d 'Keep pictures whose path matches before others, such as `originals/**`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l avoid -d 'Keep other pictures before those whose path matches, such as `*copy*`' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l wavelet-threshold -d 'Stage 1: share of the 256 bits of the DCT hashes that must agree for two pictures to be compared; others are compared if they share local features [0.75 to 1; default: 0.84]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l candidates -d 'Stage 1: how many pictures that share local features each one is compared with [0 to 1000; default: 64]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l color-threshold -d 'Stage 2: difference of colours (CIELAB) up to which pictures with hardly any texture, which have no blocks to compare, can be duplicates [0 to 100; default: 12.0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l global-threshold -d 'Stage 3: correlation over the whole from which such pictures are duplicates [0 to 1; default: 0.95]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l local-threshold -d 'Stage 4: correlation of the middle block from which two pictures are duplicates [0 to 1; default: 0.8]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l scene-threshold -d 'Stage 4: correlation of the middle block from which two pictures show the same scene [0 to 1; default: 0.6]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l blocks-threshold -d 'Stage 4: share of the blocks that must agree [0 to 1; default: 0.7]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l overlap-threshold -d 'Stage 4: share of the smaller picture that must lie in the larger [0 to 1; default: 0.85]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l inliers -d 'Stage 4: key points that must agree on one transform [3 to 500; default: 8]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l embedding -d 'Stage 3: an ONNX file of an image encoder (SSCD, DINO, CLIP). Pictures whose vectors are near are compared, and what the other stages call different is a duplicate from `embedding_threshold`.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l embedding-threshold -d 'Stage 3: cosine of two vectors from which two pictures are duplicates [0 to 1; default: 0.98]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l embedding-size -d 'Side of the encoder\'s input in pixels; the whole picture is brought to it. If the graph does not say, 224. [16 to 2048]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l embedding-norm -d 'What the encoder expects of its samples [default: imagenet]' -r -f -a "imagenet\t'Mean and deviation of `ImageNet`: SSCD, DINO, most others'
clip\t'Mean and deviation of CLIP'
unit\t'From 0 to 1'
signed\t'From -1 to 1'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l lpips -d 'Stage 3: an ONNX file of LPIPS with two inputs, as `compare` takes it. Whole pictures that look roughly alike and that the other stages call different are duplicates up to `lpips_threshold`.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l lpips-threshold -d 'Stage 3: LPIPS up to which two pictures are duplicates [0 to 10; default: 0.2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l ssimulacra2-threshold -d 'Stage 5: copies that show the whole picture with a lower SSIMULACRA2 leave their group [-100 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l cache-mb -d 'Most megabytes of the cache; what is oldest makes room [1 to 1000000; default: 2048]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l upright -d 'With a hash method, leave out turned and mirrored copies'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l stages -d 'Show what went into each stage and what came out'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l fail-on-duplicates -d 'End with exit code 1 if there are duplicates'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l apply -d 'Carry out the plan; `pixloom undo` takes it back'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l move-best -d 'With `move`, move the best of each group to `best/`, too'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l sidecars -d 'Files of the same name with another extension (`.txt`, `.json`, `.xmp` …) go with their picture [on; --sidecars=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l ssimulacra2 -d 'Stage 5: tell the SSIMULACRA2 of each copy that shows the whole picture, at reduced size'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l cache -d 'Remember what was seen of each file, so that the next look at it costs next to nothing [on; --cache=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -a "pair" -d 'Say how two pictures relate: equal, an edit of one another, of one scene, or different'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -a "calibrate" -d 'Try edits on your own pictures and propose a threshold for `dedup`'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and not __fish_seen_subcommand_from pair calibrate help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l wavelet-threshold -d 'Stage 1: share of the 256 bits of the DCT hashes that must agree for two pictures to be compared; others are compared if they share local features [0.75 to 1; default: 0.84]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l candidates -d 'Stage 1: how many pictures that share local features each one is compared with [0 to 1000; default: 64]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l color-threshold -d 'Stage 2: difference of colours (CIELAB) up to which pictures with hardly any texture, which have no blocks to compare, can be duplicates [0 to 100; default: 12.0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l global-threshold -d 'Stage 3: correlation over the whole from which such pictures are duplicates [0 to 1; default: 0.95]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l local-threshold -d 'Stage 4: correlation of the middle block from which two pictures are duplicates [0 to 1; default: 0.8]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l scene-threshold -d 'Stage 4: correlation of the middle block from which two pictures show the same scene [0 to 1; default: 0.6]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l blocks-threshold -d 'Stage 4: share of the blocks that must agree [0 to 1; default: 0.7]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l overlap-threshold -d 'Stage 4: share of the smaller picture that must lie in the larger [0 to 1; default: 0.85]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l inliers -d 'Stage 4: key points that must agree on one transform [3 to 500; default: 8]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l embedding -d 'Stage 3: an ONNX file of an image encoder (SSCD, DINO, CLIP). Pictures whose vectors are near are compared, and what the other stages call different is a duplicate from `embedding_threshold`.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l embedding-threshold -d 'Stage 3: cosine of two vectors from which two pictures are duplicates [0 to 1; default: 0.98]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l embedding-size -d 'Side of the encoder\'s input in pixels; the whole picture is brought to it. If the graph does not say, 224. [16 to 2048]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l embedding-norm -d 'What the encoder expects of its samples [default: imagenet]' -r -f -a "imagenet\t'Mean and deviation of `ImageNet`: SSCD, DINO, most others'
clip\t'Mean and deviation of CLIP'
unit\t'From 0 to 1'
signed\t'From -1 to 1'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l lpips -d 'Stage 3: an ONNX file of LPIPS with two inputs, as `compare` takes it. Whole pictures that look roughly alike and that the other stages call different are duplicates up to `lpips_threshold`.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l lpips-threshold -d 'Stage 3: LPIPS up to which two pictures are duplicates [0 to 10; default: 0.2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l ssimulacra2-threshold -d 'Stage 5: copies that show the whole picture with a lower SSIMULACRA2 leave their group [-100 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l cache-mb -d 'Most megabytes of the cache; what is oldest makes room [1 to 1000000; default: 2048]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l explain -d 'Tell what was measured, and against which threshold'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l ssimulacra2 -d 'Stage 5: tell the SSIMULACRA2 of each copy that shows the whole picture, at reduced size'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l cache -d 'Remember what was seen of each file, so that the next look at it costs next to nothing [on; --cache=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from pair" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l sample -d 'Pictures of the sample [2 to 1000; default: 40]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l false-share -d 'Share of the pairs of different pictures that may lie above the threshold [0 to 0.5; default: 0.0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from calibrate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from help" -f -a "pair" -d 'Say how two pictures relate: equal, an edit of one another, of one scene, or different'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from help" -f -a "calibrate" -d 'Try edits on your own pictures and propose a threshold for `dedup`'
complete -c pixloom -n "__fish_pixloom_using_subcommand dedup; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l only -d 'Look for these only, such as `blurry,dark`' -r -f -a "exact-duplicate\t'Another file has the same bytes or pixels'
near-duplicate\t'Another picture shows the same'
blurry\t'Without sharp edges'
low-information\t'Little in it'
dark\t'Even the brightest parts are dark'
light\t'Even the darkest parts are bright'
grayscale\t'Without colours'
odd-aspect-ratio\t'Very long or very wide'
odd-size\t'Of another size than the others'"
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l ignore -d 'Leave these out, such as `grayscale`' -r -f -a "exact-duplicate\t'Another file has the same bytes or pixels'
near-duplicate\t'Another picture shows the same'
blurry\t'Without sharp edges'
low-information\t'Little in it'
dark\t'Even the brightest parts are dark'
light\t'Even the darkest parts are bright'
grayscale\t'Without colours'
odd-aspect-ratio\t'Very long or very wide'
odd-size\t'Of another size than the others'"
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l csv -d 'Write a table with one line per file here' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l dark-threshold -d 'Brightness that 99 % of the pixels stay below, 0 to 1 [0 to 1; default: 0.32]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l light-threshold -d 'One minus the brightness that 5 % of the pixels stay below, 0 to 1 [0 to 1; default: 0.05]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l low-information-threshold -d 'A tenth of the entropy of the colours in bits [0 to 1; default: 0.3]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l odd-aspect-ratio-threshold -d 'The shorter side over the longer [0 to 1; default: 0.35]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l blurry-threshold -d 'Strength of edges, 0 to 1 [0 to 1; default: 0.29]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l odd-size-factor -d 'How many times the middle half of all sizes (the root of the area) a size may lie beyond it [0 to 1000; default: 3.0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l cache-mb -d 'Most megabytes of the cache; what is oldest makes room [1 to 1000000; default: 2048]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l fail-on-findings -d 'End with exit code 1 if anything was found'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l cache -d 'Remember what was seen of each file, so that the next look at it costs next to nothing [on; --cache=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l csv -d 'File for a table of all scores' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l keep -d 'Keep only pictures for which this holds, such as `sharpness>0.4`. Several, here or by repetition, must all hold.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l drop -d 'Drop pictures for which this holds, such as `noise>12`. Of several, one is enough.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l preset -d 'Ready-made conditions for dropping' -r -f -a "conservative\t'Only what is of no use to anyone: blank, black, white, mere noise, blocks all over'
moderate\t'Also what training sets are better without: strong blur, noise, blocks, enlarged pictures'
aggressive\t'Only clean, sharp, detailed pictures stay'"
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l list -d 'File for the paths of the pictures to keep, one a line, as `files-from` takes them' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l move-to -d 'Move the pictures to drop to this folder, each under its path below the input folder' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l copy-to -d 'Copy the pictures to keep to this folder, each under its path below the input folder' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l apply -d 'Carry out the plan of `move_to` and `copy_to` instead of printing it'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand score" -s h -l help -d 'Print help (see more with \'--help\')'
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
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "generate" -d 'Make pictures of text with exact labels'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "render" -d 'Make an image again from its label'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "check" -d 'Check a configuration and everything it needs'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "plan" -d 'Show what would be drawn for the first images, without making them'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "preview" -d 'Draw the first images with their boxes on one sheet'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "stats" -d 'Show what a finished run holds: kinds, scripts, fonts, lengths, sizes, effects'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "export" -d 'Write the labels of a finished run in other forms'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "fonts" -d 'Report which scripts the fonts of a folder have, and which fonts are broken'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and not __fish_seen_subcommand_from generate render check plan preview stats export fonts help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -s o -l output-dir -d 'Folder to write' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l labels -d 'Forms of the labels. Can be given several times; `jsonl` if none is given, and with a configuration document 001\'s form, too.' -r -f -a "jsonl\t'`labels.jsonl`: everything, one image a line'
document-001\t'A JSON file for each image in document 001\'s form'
paddle-det\t'`paddle_det.txt` for `PaddleOCR` detection: lines of text as quads'
paddle-rec\t'`paddle_rec.txt` for `PaddleOCR` recognition: image and text'
icdar\t'`icdar/gt_*.txt` as of ICDAR 2015: words as quads'
coco-text\t'`coco_text.json` as of COCO-Text 2: words as polygons'
webdataset\t'`webdataset/*.tar`: images and labels, 1,000 an archive'
lmdb\t'`lmdb/data.mdb` as recognisers read it: `image-%09d` and `label-%09d` from 1, `num-samples`'
parquet\t'`labels.parquet`: a row for each image, with its file, its text and its whole record'
masks\t'`masks/*.png`: the coverage of the ink, made with the images only'"
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l batch-config -l config -d 'Configuration, as YAML or JSON; without it, lines in several languages' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -s n -l images -d 'Number of images, instead of the configuration\'s [at least 1]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l font-dir -d 'Folder of fonts (ttf, otf, ttc, otc), with its subfolders; without it, the font that comes with the program' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l background-dir -d 'Folder of pictures to write on; without it, generated paper' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l corpus-dir -d 'Folder of text files; without it, texts that come with the program' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l generation-workers -d 'Workers that make images; 0 and 1 mean one. Without it, the cores that this process may use. [0 to 1024]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l workers -d 'Workers that write files; 0 and 1 mean one [0 to 1024]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l io-batch-size -d 'Accepted and without effect: files are written as soon as they are ready [at least 1]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l chunk-size -d 'Images handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l max-memory -d 'Memory for the images in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l seed -d 'Seed of everything that is drawn at random, instead of the configuration\'s' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l shard -d 'Do only part I of N of the images, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l on-error -d 'What a failed image means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l timeout -d 'Give up on an image after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug`, also in capitals, or `WARNING` or `CRITICAL` [default: info]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l dry-run -d 'Check everything, print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from generate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -l line -d 'Line of a file of labels, from 1 [at least 1]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -s o -l output -d 'File to write, in the format of its name; the label\'s name with `-rendered.png` if none is given. A PNG is the same as that of the run, byte for byte.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -l font-dir -d 'Folder of fonts, if they lie elsewhere than the label says' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -l background-dir -d 'Folder of backgrounds, if they lie elsewhere than the label says' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -l overwrite -d 'Replace the file if it exists'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from render" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -l font-dir -d 'Folder of fonts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -l background-dir -d 'Folder of pictures to write on' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -l corpus-dir -d 'Folder of text files; without it texts are not looked for' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l first -d 'How many images to show [1 to 100000; default: 10]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l from -d 'Show from this image on [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l batch-config -l config -d 'Configuration, as YAML or JSON; without it, lines in several languages' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -s n -l images -d 'Number of images, instead of the configuration\'s [at least 1]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l font-dir -d 'Folder of fonts (ttf, otf, ttc, otc), with its subfolders; without it, the font that comes with the program' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l background-dir -d 'Folder of pictures to write on; without it, generated paper' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l corpus-dir -d 'Folder of text files; without it, texts that come with the program' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l seed -d 'Seed of everything that is drawn at random, instead of the configuration\'s' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -s o -l output -d 'File to write, in the format of its name [default: preview.png]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l first -d 'How many images to show [1 to 400; default: 24]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l from -d 'Show from this image on [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l width -d 'Width of the sheet in pixels [100 to 8000; default: 1600]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l batch-config -l config -d 'Configuration, as YAML or JSON; without it, lines in several languages' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -s n -l images -d 'Number of images, instead of the configuration\'s [at least 1]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l font-dir -d 'Folder of fonts (ttf, otf, ttc, otc), with its subfolders; without it, the font that comes with the program' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l background-dir -d 'Folder of pictures to write on; without it, generated paper' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l corpus-dir -d 'Folder of text files; without it, texts that come with the program' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l seed -d 'Seed of everything that is drawn at random, instead of the configuration\'s' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l overwrite -d 'Replace the file if it exists'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l boxes -d 'Draw the boxes [on; --boxes=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from preview" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from stats" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from stats" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from stats" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from export" -l labels -d 'Forms of the labels. Can be given several times; `jsonl` if none is given.' -r -f -a "jsonl\t'`labels.jsonl`: everything, one image a line'
document-001\t'A JSON file for each image in document 001\'s form'
paddle-det\t'`paddle_det.txt` for `PaddleOCR` detection: lines of text as quads'
paddle-rec\t'`paddle_rec.txt` for `PaddleOCR` recognition: image and text'
icdar\t'`icdar/gt_*.txt` as of ICDAR 2015: words as quads'
coco-text\t'`coco_text.json` as of COCO-Text 2: words as polygons'
webdataset\t'`webdataset/*.tar`: images and labels, 1,000 an archive'
lmdb\t'`lmdb/data.mdb` as recognisers read it: `image-%09d` and `label-%09d` from 1, `num-samples`'
parquet\t'`labels.parquet`: a row for each image, with its file, its text and its whole record'
masks\t'`masks/*.png`: the coverage of the ink, made with the images only'"
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from export" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from export" -l overwrite -d 'Replace labels that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from export" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from fonts" -l text -d 'Show only fonts that have all characters of this text' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from fonts" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from fonts" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from fonts" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from fonts" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "generate" -d 'Make pictures of text with exact labels'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "render" -d 'Make an image again from its label'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check a configuration and everything it needs'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "plan" -d 'Show what would be drawn for the first images, without making them'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "preview" -d 'Draw the first images with their boxes on one sheet'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Show what a finished run holds: kinds, scripts, fonts, lengths, sizes, effects'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write the labels of a finished run in other forms'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "fonts" -d 'Report which scripts the fonts of a folder have, and which fonts are broken'
complete -c pixloom -n "__fish_pixloom_using_subcommand ocr; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l scale -d 'How many times wider and higher the result is. What the net does not reach exactly is resampled from its next larger result. Without it, the net\'s own scale (4 for kernels). [1 to 32]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l model -d 'A built-in model (`fast`), a model file (.safetensors, .pth, .onnx) or a kernel (`lanczos`, `bicubic`, …); several with commas run one after the other. `pixloom models` lists them. [default: fast]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l tile -d 'Side of the squares, in input pixels, that are handed to a worker at once; rounded to the net\'s own cells. Does not change results. [16 to 65536; default: 256]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l device -d 'What nets run on: `cpu`, or `cuda` for .onnx models on an NVIDIA GPU by the ONNX Runtime that you have [default: cpu]' -r -f -a "cpu\t'The processor'
cuda\t'An NVIDIA GPU'"
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l gpu-memory-fraction -d 'How much of the GPU\'s memory ONNX Runtime may take for tensors; without it, all [0.05 to 1]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l onnxruntime -d 'The ONNX Runtime library, or the folder that has it, to run .onnx models on (with `--device cpu` too). Without it, `--device cuda` looks at the variable `ORT_DYLIB_PATH` and where the system keeps libraries.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l blend -d 'A second model file of the same architecture whose weights are mixed into the first\'s' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l blend-weight -d 'How much of the second model: 0 is none, 1 is all [0 to 1; default: 0.5]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l to -d 'Format of the results, such as `png` or `webp`. Without it each keeps the format that its file name says.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l quality -d 'Lossy quality from 1 to 100; the format\'s own default without it (JPEG 90, WebP 85) [1 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l effort -d 'How hard to compress: 0 is fastest, 9 is smallest. Lossless pixels do not depend on it. [0 to 9; default: 2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l subsampling -d 'Chroma resolution of JPEG [default: 420]' -r -f -a "444\t'Full resolution'
422\t'Half the columns'
420\t'Half the columns and rows'"
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l background -d 'Colour behind transparent pixels where the format has no alpha, as `#rrggbb` [default: #ffffff]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l on-collision -d 'What to do when two inputs would be written to one name, such as `a.png` and `a.jpg` to `a.webp` [default: error]' -r -f -a "error\t'Refuse, before any work'
keep-extension\t'Add the extension of the input to all names: `a.png` becomes `a_png.webp`'"
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l self-ensemble -d 'Mean of the results for the picture in all eight flips and turns: a little better, eight times slower'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l lossless -d 'Lossless, where the format has both (WebP)'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l progressive -d 'Write JPEG in several passes, coarse to fine'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l keep-metadata -d 'Keep EXIF and XMP where the format can carry them. Colour profiles are always honoured. [on; --keep-metadata=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand upscale" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l scale -d 'How many times narrower and lower the results are [1 to 64; default: 4.0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l filter -d 'Kernel, one of those of the operation `resize`, such as `bicubic`, `lanczos3` or `area` [default: matlab-bicubic-legacy]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l to -d 'Format of the results, such as `png` or `webp`. Without it each keeps the format that its file name says.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l quality -d 'Lossy quality from 1 to 100; the format\'s own default without it (JPEG 90, WebP 85) [1 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l effort -d 'How hard to compress: 0 is fastest, 9 is smallest. Lossless pixels do not depend on it. [0 to 9; default: 2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l subsampling -d 'Chroma resolution of JPEG [default: 420]' -r -f -a "444\t'Full resolution'
422\t'Half the columns'
420\t'Half the columns and rows'"
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l background -d 'Colour behind transparent pixels where the format has no alpha, as `#rrggbb` [default: #ffffff]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l on-collision -d 'What to do when two inputs would be written to one name, such as `a.png` and `a.jpg` to `a.webp` [default: error]' -r -f -a "error\t'Refuse, before any work'
keep-extension\t'Add the extension of the input to all names: `a.png` becomes `a_png.webp`'"
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l lossless -d 'Lossless, where the format has both (WebP)'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l progressive -d 'Write JPEG in several passes, coarse to fine'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l keep-metadata -d 'Keep EXIF and XMP where the format can carry them. Colour profiles are always honoured. [on; --keep-metadata=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand downscale" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l border -d 'Pixels left out at every side, in papers as many as the scale [0 to 1024; default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l lpips -d 'An ONNX file of LPIPS with two inputs: red, green and blue from -1 to 1, (1, 3, H, W)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l html -d 'Write a page with all figures and, for the first pairs, both pictures under a slider' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l crop -d 'Cut the larger of two pictures to the size that both have, from the top left'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l ssimulacra2 -d 'Compute SSIMULACRA2 too, which takes the most time and 176 bytes of memory a pixel [on; --ssimulacra2=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand models" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand models" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand models" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand models" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -f -a "search" -d 'Find for every damaged picture the parameters that bring it nearest to the undamaged one'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -f -a "features" -d 'Measure every picture of a folder: fourteen features of its spectrum and its colours, and 54 measures of noise, blur, blocks, casts, contrast, scratches and gradients'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -f -a "apply" -d 'Restore every picture of a folder as a model thinks best'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and not __fish_seen_subcommand_from search features apply help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -s o -l output -d 'Table to write, one line per pair [default: regression_training_data.csv]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l html -d 'Write a page with charts of what was found here' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l refine -d 'Candidates to try beyond the grid, around the best of it; 0 leaves that out. Not with `space`, which refines by itself. [0 to 1000; default: 24]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l space -d 'What is tried: `grid` (the 40), `wide` (about 100 operations, several in a row), or a YAML file with operations and values of your own [default: grid]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l budget -d 'Most candidates to try for each pair, with another space than the grid; at least those of the space and 16 more [1 to 100000; default: 1500]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -s o -l output -d 'Table to write, one line per picture [default: features.csv]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from features" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l model -d 'Model of `train restore`; without it, or with `built-in`, the one in the program. That acts on most damaged pictures, and leaves nearly all undamaged ones as they are.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l to -d 'Format of the results, such as `png` or `webp`. Without it each keeps the format that its file name says.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l quality -d 'Lossy quality from 1 to 100; the format\'s own default without it (JPEG 90, WebP 85) [1 to 100]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l effort -d 'How hard to compress: 0 is fastest, 9 is smallest. Lossless pixels do not depend on it. [0 to 9; default: 2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l subsampling -d 'Chroma resolution of JPEG [default: 420]' -r -f -a "444\t'Full resolution'
422\t'Half the columns'
420\t'Half the columns and rows'"
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l background -d 'Colour behind transparent pixels where the format has no alpha, as `#rrggbb` [default: #ffffff]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l on-collision -d 'What to do when two inputs would be written to one name, such as `a.png` and `a.jpg` to `a.webp` [default: error]' -r -f -a "error\t'Refuse, before any work'
keep-extension\t'Add the extension of the input to all names: `a.png` becomes `a_png.webp`'"
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l unguarded -d 'Act on every prediction, however little it promises'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l explain -d 'Say what would be done to each picture and why, and write nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l lossless -d 'Lossless, where the format has both (WebP)'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l progressive -d 'Write JPEG in several passes, coarse to fine'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l keep-metadata -d 'Keep EXIF and XMP where the format can carry them. Colour profiles are always honoured. [on; --keep-metadata=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from apply" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from help" -f -a "search" -d 'Find for every damaged picture the parameters that bring it nearest to the undamaged one'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from help" -f -a "features" -d 'Measure every picture of a folder: fourteen features of its spectrum and its colours, and 54 measures of noise, blur, blocks, casts, contrast, scratches and gradients'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from help" -f -a "apply" -d 'Restore every picture of a folder as a model thinks best'
complete -c pixloom -n "__fish_pixloom_using_subcommand restore; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -f -a "upscale" -d 'Train a net for `upscale` on a folder of pictures'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -f -a "restore" -d 'Learn to predict the best parameters of a picture from its features'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and not __fish_seen_subcommand_from upscale restore help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l scale -d 'How many times larger the net makes pictures [1 to 8; default: 4]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l features -d 'Channels of the layers; twice as many take four times as long [4 to 256; default: 32]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l convs -d 'Layers between the first and the last [0 to 64; default: 4]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l steps -d 'Steps to train [1 to 10000000; default: 20000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l batch -d 'Patches of a step [1 to 1024; default: 16]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l patch -d 'Side of a patch in pixels of the small picture [8 to 512; default: 40]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l rate -d 'How far a step moves at the beginning; it falls along a cosine [0.0000001 to 0.1; default: 0.002]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l loss -d 'How a difference counts [default: l1]' -r -f -a "l1\t'Its absolute value'
charbonnier\t'Nearly its absolute value, but smooth at 0'"
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l degrade -d 'Operations that make the small patches worse, such as `noise:sigma=0.02`; they must keep the size. What they draw is drawn anew for each patch.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l validation -d 'Pictures that are held out to measure the net, at most a fifth of all [1 to 1000; default: 6]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l every -d 'Steps between two measurements, after which a checkpoint is written too [1 to 1000000; default: 500]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l keep -d 'Megabytes of pictures that are kept in memory; larger pictures are cut so that all fit [1 to 1000000; default: 1024]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l glob -d 'Read only pictures whose path below the input folder matches, in any case, such as `*.jpg` or `train/**`. Can be given several times; one that begins with `!` leaves files out.' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l files-from -d 'Read the paths to work on from this file, one a line, relative to the input folder (`-`: standard input)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l max-pixels -d 'Most megapixels of one picture; larger ones fail with kind `limit` [1 to 100000; default: 200]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l recursive -d 'Look into subfolders [on; --recursive=false turns it off]'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l follow-links -d 'Follow links to folders too; links to files are always followed'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l tolerant -d 'Take what can be decoded of damaged files, with a note, instead of failing them'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from upscale" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -s o -l output -d 'Model to write, as JSON [default: restore_model.json]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l damaged -d 'Folder of the damaged pictures, to test predictions on pictures' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l undamaged -d 'Folder of the undamaged pictures, to test predictions on pictures' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l targets -d 'What is predicted: the best of the 40, or the refined parameters [default: refined]' -r -f -a "grid\t'The best of the 40'
refined\t'The best after refinement, doing nothing included'"
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l features -d 'What it is predicted from [default: all]' -r -f -a "spectrum\t'The fourteen features'
all\t'The measures of noise, blur, blocks, casts and contrast too'
portable\t'Those of both that do not depend on the size of the picture: for models that are to restore pictures of other sizes than those that they learned from'"
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l scene -d 'What pairs must share to be on one side of every split [default: pixels]' -r -f -a "pixels\t'The undamaged pixels'
name\t'The name before its last underscore: parts of one photograph, say'"
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l test-share -d 'Share of the pairs that are held out [0.05 to 0.9; default: 0.2]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l folds -d 'Folds of the cross-validation on the other pairs [2 to 20; default: 5]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l workers -l threads -d 'Workers that decode and compute: a number or `auto` (the cores that this process may use) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l io-workers -d 'Workers that write files: a number or `auto` [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l chunk-size -d 'Items handed to a worker at once: a number or `auto`. Does not change results. [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l max-memory -d 'Memory for the items in flight, such as `512M` or `2G`, or `auto` (half of what is free) [default: auto]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l seed -d 'Seed of everything that is drawn at random [default: 0]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l shard -d 'Do only part I of N of the items, such as `3/16`; `pixloom merge` joins the parts' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l on-error -d 'What a failed item means: `continue`, `stop` at the first, or the number of failures that are allowed [default: continue]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l timeout -d 'Give up on an item after this many seconds [0.001 to 1000000000]' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l log-level -d 'Which messages go to the log: `error`, `warn`, `info` or `debug` [default: info]' -r -f -a "error\t'Failed items only'
warn\t'Notes too'
info\t'Start, end and every failure'
debug\t'Every item'"
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l sequential -d 'Use one worker and one writer'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l resume -d 'Continue an earlier run of the same command: what is finished is not done again'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l overwrite -d 'Replace outputs that exist'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l dry-run -d 'Print what would be done and do nothing'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from help" -f -a "upscale" -d 'Train a net for `upscale` on a folder of pictures'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Learn to predict the best parameters of a picture from its features'
complete -c pixloom -n "__fish_pixloom_using_subcommand train; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
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
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and not __fish_seen_subcommand_from clear help" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and not __fish_seen_subcommand_from clear help" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and not __fish_seen_subcommand_from clear help" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and not __fish_seen_subcommand_from clear help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and not __fish_seen_subcommand_from clear help" -f -a "clear" -d 'Forget everything'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and not __fish_seen_subcommand_from clear help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and __fish_seen_subcommand_from clear" -l events -d 'Write each event to this file as it happens, one JSON object a line (`-`: standard output)' -r
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and __fish_seen_subcommand_from clear" -l json -d 'Print one JSON document on standard output instead of text'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and __fish_seen_subcommand_from clear" -s q -l quiet -d 'Say nothing but what failed'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and __fish_seen_subcommand_from clear" -s h -l help -d 'Print help'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "clear" -d 'Forget everything'
complete -c pixloom -n "__fish_pixloom_using_subcommand cache; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
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
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "analyze" -d 'Say what is in a folder of pictures: sizes, formats, colours, cameras, oddities'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "validate" -d 'Find broken, mislabelled and implausible pictures in a folder'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "pairs" -d 'Check that the pictures of two folders belong together'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "dedup" -d 'Find copies of pictures: equal files, re-saved, resized, recoloured, cropped, turned, framed'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "clean" -d 'Find pictures that deserve a second look: blurry, dark, bright, empty, gray, odd, doubled'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "score" -d 'Score the quality of pictures, without anything to compare them with'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "transform" -d 'Apply operations to every picture of a folder'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "convert" -d 'Write every picture of a folder in another format'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "ocr" -d 'Jobs of `ocr`'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "upscale" -d 'Make pictures larger by a neural net'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "downscale" -d 'Make the low-resolution pictures of a super-resolution dataset'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "compare" -d 'Measure how close pictures are to their references'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "models" -d 'List the built-in models, or look into model files'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "restore" -d 'Jobs of `restore`'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "train" -d 'Jobs of `train`'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "ops" -d 'List the operations, or show the settings of one'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "system" -d 'Show the machine, and the settings chosen from it and why'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "runs" -d 'List the runs of this user, or show one'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "config" -d 'Show and change settings'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "merge" -d 'Join the parts of a run that was split with --shard'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "undo" -d 'Take back what a run did to originals'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "cache" -d 'Show what is remembered of files, or forget it'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "completions" -d 'Print a script that lets a shell complete commands'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "man" -d 'Print the manual page, or write one for each command'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "schema" -d 'Print the JSON Schema of a kind of file'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and not __fish_seen_subcommand_from analyze validate pairs dedup clean score transform convert ocr upscale downscale compare models restore train ops system runs config merge undo cache completions man schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from dedup" -f -a "pair" -d 'Say how two pictures relate: equal, an edit of one another, of one scene, or different'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from dedup" -f -a "calibrate" -d 'Try edits on your own pictures and propose a threshold for `dedup`'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "generate" -d 'Make pictures of text with exact labels'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "render" -d 'Make an image again from its label'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "check" -d 'Check a configuration and everything it needs'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "plan" -d 'Show what would be drawn for the first images, without making them'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "preview" -d 'Draw the first images with their boxes on one sheet'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "stats" -d 'Show what a finished run holds: kinds, scripts, fonts, lengths, sizes, effects'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "export" -d 'Write the labels of a finished run in other forms'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from ocr" -f -a "fonts" -d 'Report which scripts the fonts of a folder have, and which fonts are broken'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from restore" -f -a "search" -d 'Find for every damaged picture the parameters that bring it nearest to the undamaged one'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from restore" -f -a "features" -d 'Measure every picture of a folder: fourteen features of its spectrum and its colours, and 54 measures of noise, blur, blocks, casts, contrast, scratches and gradients'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from restore" -f -a "apply" -d 'Restore every picture of a folder as a model thinks best'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from train" -f -a "upscale" -d 'Train a net for `upscale` on a folder of pictures'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from train" -f -a "restore" -d 'Learn to predict the best parameters of a picture from its features'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from runs" -f -a "show" -d 'Show the record of one run'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show all settings as they stand'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Set a value in the user\'s file'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "reset" -d 'Remove a value from the user\'s file, or all values'
complete -c pixloom -n "__fish_pixloom_using_subcommand help; and __fish_seen_subcommand_from cache" -f -a "clear" -d 'Forget everything'

#!/usr/bin/env bash
# data.cache, data.cache_sample, data.cache_memory and heed data cache, as users call them. cache_test.sh PATH_OF_HEED
source "$(dirname "$0")/check.sh"

make_copy_task 3000
once="--set training.epochs=1 --set training.metrics=perplexity --set training.best_by=perplexity"
state=training_state/parameters.safetensors
cached="--set data.cache=ids"

# ---- made beforehand, or by the training ----
fails "no folder" 2 "data.cache names no folder" data cache config.yaml
fails "nothing to check" 1 "there is no cache in 'ids'" data cache config.yaml $cached --check
runs "data cache" data cache config.yaml $cached
equal "says what it is" "ids: 3000 pairs in 1 part, ready" "$(<out)"
matches "and of what" "vocabularies are made of all 3000 training pairs" "$(<err)"
runs "data cache --check" data cache config.yaml $cached --check
equal "says what was compared" "ids: 3000 pairs in 1 part, all as they were written" "$(<out)"
runs "train in memory" train config.yaml $once --output memory
runs "train from the cache" train config.yaml $once $cached --output cached
same "the same model" memory/$state cached/$state
runs "train, and make the cache in the output" train config.yaml $once --set data.cache=auto --output own
same "the same model again" memory/$state own/$state
ok "and the same cache" diff -r ids own/data
runs "train that anew" train config.yaml $once --set data.cache=auto --output own --replace
ok "the cache stays" diff -r ids own/data
matches "is used" "data.cache: 'own/data' holds 3000 pairs in 1 part" "$(<err)"

# ---- window by window ----
windows="$once $cached --set data.cache_memory=0.1"
runs "train with less memory" train config.yaml $windows --output few
matches "says so" "data.cache_memory: 0.1 of 0.[0-9]+ MB of ids are in memory together: an epoch goes through about [2-9] windows" "$(<err)"
ok "is another training" bash -c "! cmp -s memory/$state few/$state"
runs "the same again" train config.yaml $windows --output again
same "gives the same" few/$state again/$state
runs "a rehearsal" train config.yaml $windows --output rehearsed --dry-run
matches "knows all pairs" "train +3,000 +3,000" "$(<out)"
fails "resume with another window" 2 "data.cache_memory" train config.yaml $windows --set data.cache_memory=0.2 --set training.epochs=2 --output few --resume
mv ids elsewhere
runs "resume with the cache elsewhere" train config.yaml $windows --set training.epochs=2 --set data.cache=elsewhere --output few --resume
mv elsewhere ids

# ---- another one ----
head -n 2999 train.source | sed '$aq' >other.source
fails "of other text" 1 "data.cache: 'ids' was made of another 'other.source'.*; .heed data cache config.yaml --set .* --set output=other --replace. makes it anew$" train config.yaml $once $cached --set data.train.source=other.source --output other
fails "of other settings" 1 "was made with 'data.source.max_length: 80', the config says 'data.source.max_length: 7'" train config.yaml $once $cached --set data.source.max_length=7 --output other
fails "of another sample" 1 "data.cache_sample" data cache config.yaml $cached --set data.cache_sample=100
mkdir -p ids/runs && cp -r memory ids/runs && echo mine >ids/notes
runs "data cache --replace" data cache config.yaml $cached --set data.cache_sample=100 --replace
ok "keeps what is not the cache's" diff -r memory ids/runs/memory
equal "whatever it is" mine "$(<ids/notes)"
rm -r ids/runs ids/notes
matches "has the sample" "a sample of 100 of 3000 training pairs \(data.cache_sample\)" "$(<err)"
fails "is now another for the first" 1 "data.cache_sample" train config.yaml $once $cached --output other
runs "back again" data cache config.yaml $cached --replace
runs "no cache of a config that has its keys" train config.yaml $windows $once --set data.cache= --output uncached
same "is trained in memory" memory/$state uncached/$state
for output in ids ids/run ids/../ids/; do
  fails "an output in the cache: $output" 2 "data.cache: 'ids' is (the output|a folder around the output) of the training, 'ids(/run)?': a cache needs a folder of its own" train config.yaml $cached --output $output
done
fails "that of the cache's command" 2 "data.cache: 'ids' is the output of the training" data cache config.yaml $cached --set output=ids --replace
mkdir mine && echo x >mine/notes
fails "what is no cache" 2 "'mine' holds something else than a cache" data cache config.yaml --set data.cache=mine --replace
equal "stays" x "$(<mine/notes)"
absent "no output of these is left" other

# ---- damage, and a full disk ----
cp -r ids whole
size=$(stat -c %s ids/part-000000)
printf '\377' | dd of=ids/part-000000 bs=1 seek=$((size - 9)) conv=notrunc status=none
fails "a byte that changed" 1 "ids/part-000000: a part of the cache is damaged" data cache config.yaml $cached --check
fails "is not trained on" 1 "ids/part-000000: a part of the cache is damaged" train config.yaml $once $cached --output other
truncate -s -100 ids/part-000000
fails "a part that is cut" 1 "ids/part-000000: a part of the cache is damaged" train config.yaml $once $cached --output other
rm ids/part-000000
fails "a part that is not there" 1 "ids/part-000000" train config.yaml $once $cached --output other
rm -r ids
(
  trap '' XFSZ
  ulimit -f 64
  exec "$heed" data cache config.yaml $cached
) >out 2>err </dev/null
status=$?
complains "a full disk while it is made" 1 "cannot write 'ids/part-000000': File too large"
fails "is only read by --check" 1 "data.cache: 'ids' is incomplete: 0 of 3000 pairs$" data cache config.yaml $cached --check
runs "goes on" data cache config.yaml $cached
matches "where it was" "'ids' is incomplete, and is gone on with" "$(<err)"
ok "to the same cache" diff -r whole ids
"$heed" data cache config.yaml --set data.cache=killed >/dev/null 2>&1 &
sleep 0.0$((RANDOM % 10))
kill -KILL $! 2>/dev/null
wait $! 2>/dev/null
runs "after a kill too" data cache config.yaml --set data.cache=killed
ok "to the same" diff -r whole killed
: >killed/manifest
fails "a manifest that is empty" 1 "killed/manifest: the manifest of a cache is damaged: .*; .heed data cache .* --replace. makes it anew$" data cache config.yaml --set data.cache=killed
rm killed/manifest && mkfifo killed/manifest
fails "or a pipe" 1 "killed/manifest: the manifest of a cache is damaged: it is no regular file" data cache config.yaml --set data.cache=killed
runs "is made anew" data cache config.yaml --set data.cache=killed --replace
ok "to the same once more" diff -r whole killed
for ((i = 0; i < 100; ++i)); do cat train.source; done >many
rm err
"$heed" data cache config.yaml --set data.cache=stopped --set data.train.source=many --set data.train.target=many >out 2>err &
until_true 5 grep -q 'read twice' err
kill -TERM $!
wait $! 2>/dev/null
equal "a signal ends it" 143 $?
equal "and says what goes on" "heed: data cache: stopped: go on with \`heed data cache config.yaml --set data.cache=stopped --set data.train.source=many --set data.train.target=many\`" "$(grep '^heed' err)"
fails "text that cannot be read twice" 2 "can be read only once" data cache config.yaml --set data.cache=piped --set data.train.source=/dev/stdin

finish

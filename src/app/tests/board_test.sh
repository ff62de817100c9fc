#!/usr/bin/env bash
# What people look at during and after a training: TensorBoard's files, `train --show`, `report`, `translate --interactive`.
#   board_test.sh PATH_OF_HEED PATH_OF_THE_SOURCES
source "$(dirname "$0")/check.sh"
reader=$2/tests/tensorboard/read_events.py

# skip WHAT WHY
skip() { echo "skipped: $1: $2"; }

make_copy_task
tensorboard="--set training.tensorboard=true"

# ---- train --show ----
runs "train --show" train config.yaml --show 1 --set training.epochs=3 $tensorboard
cp err shown
equal "a picture at each validation" 3 "$(grep -c '^weight ' shown)"
equal "with the translation" 3 "$(grep -c '^translation  ' shown)"
equal "the same sentence each time" 1 "$(grep '^source  ' shown | sort -u | wc -l)"
equal "nothing on standard output" "" "$(<out)"
equal "no escape codes without a terminal" 0 "$(grep -c $'\x1b' shown)"
fails "--show without a number" 2 "\-\-show" train config.yaml --show many

# ---- TensorBoard ----
equal "the run's files" "checksums config.yaml parameters.safetensors source.vocabulary target.vocabulary tensorboard train.jsonl training_state" "$(ls model | xargs)"
event_file() { stat -c %i model/tensorboard/events*; }
before=$(event_file)
printf 'half a record' >>"$(ls model/tensorboard/events*)"  # as a kill leaves it
runs "resume" train config.yaml --set training.epochs=5 $tensorboard --resume
equal "goes on in the event file that a TensorBoard has open" "$before" "$(event_file)"
runs "the same without logs" train config.yaml --set training.epochs=5 --output silent
for file in parameters.safetensors training_state/parameters.safetensors training_state/optimizer.safetensors; do
  same "logs change nothing: $file" silent/$file model/$file
done
absent "no logs unless asked for" silent/tensorboard
equal "one file for both starts" 1 "$(ls model/tensorboard | grep -c '^events')"
if command -v python3 >/dev/null; then
  python3 "$reader" model/tensorboard model/training_state/history.jsonl >read 2>&1
  equal "an independent reader finds all right" "0 " "$? $(grep read_events read)"
  for line in "validation/bleu	5	25-125" "train/loss	125	1-125" "weights/generator.weight	5	25-125" "gradients/generator.weight	5	25-125" "attention/4	5	25-125" \
    "samples/1	5	25-125" "(start)	2	0-76" "projector	source.embedding.vectors.tsv	11 x 16" "files	1"; do
    ok "it has $line" grep -Fqx "$line" read
  done
  # A reader that finds nothing wrong with a wrong byte proves nothing.
  mkdir broken && cp model/tensorboard/* broken
  file=$(ls broken/events* | head -n 1)
  printf '\xff' | dd of="$file" bs=1 seek=200 conv=notrunc 2>dd.log
  ok "the reader sees a changed byte" bash -c "! python3 '$reader' broken >read 2>&1 && grep -q CRC read"
else
  skip "the independent reader of event files" "python3 is not there"
fi
rm -f err
before=$(sha256sum model/*.* model/t*/* | sha256sum)
"$heed" train config.yaml --set model.decoder.hidden=256 --set training.batch_sentences=1 $tensorboard --replace >out 2>err </dev/null &
until_true 60 grep -q '^epoch [0-9]*/' err
kill -INT $!
{ wait $!; } 2>/dev/null
equal "stopped before its first validation, a new training leaves the old run and its log as they were" "$before" "$(sha256sum model/*.* model/t*/* | sha256sum)"
matches "and says where it is itself" "heed: train: stopped before the first validation, and model is still .* go on with .--output model.new --resume.$" "$(tail -n 1 err)"
runs "a new training there" train config.yaml --set training.epochs=1 $tensorboard --output model.new --resume --set model.decoder.hidden=256 --set training.batch_sentences=1
rm -r model.new
runs "a new training there" train config.yaml --set training.epochs=1 $tensorboard --replace
equal "begins a new log, and empties the old one, which a TensorBoard may have open" 2 "$(ls model/tensorboard | grep -c '^events')"
equal "of which nothing is left" 1 "$(find model/tensorboard -name 'events*' -size +0 | wc -l)"
if command -v python3 >/dev/null; then
  # TensorBoard's image is the picture of what translate says: JSON, SVG and image have the same weights.
  python3 "$reader" model/tensorboard model/training_state/history.jsonl images >read 2>&1
  for sample in 1 4; do
    python3 - $sample >sample.source <<'END'
import json, sys
for line in open("model/training_state/history.jsonl"):
    event = json.loads(line)
    if event["kind"] == "validation":
        source = event["samples"][int(sys.argv[1]) - 1]["source"]
print(source)
END
    runs "translate sample $sample" translate --model model --input sample.source --beam 1 --format jsonl --attention --output sample.jsonl
    runs "draw it" view --input sample.jsonl --format png --output sample.png
    same "TensorBoard has the same image" images/attention-$sample.png sample.png
  done
fi
mkdir -p killed/tensorboard && : >killed/tensorboard/events.out.tfevents.1.heed
runs "a new training where one was killed before its first validation" train config.yaml --set training.epochs=1 --output killed
runs "a folder of one's own" train config.yaml --set training.epochs=1 --set training.tensorboard=logs/a --output elsewhere
equal "has the events" 1 "$(ls logs/a | grep -c '^events')"
before=$(ls logs/a/events*)
sum=$(cksum <"$before")
runs "another run in the same folder" train config.yaml --set training.epochs=1 --set training.tensorboard=logs/a --output elsewhere.2
matches "says what is not shown" "warning: training.tensorboard: 'logs/a' has event files of an earlier run" "$(<err)"
equal "and leaves the first run's alone" "$sum" "$(cksum <"$before")"
sum=$(cat logs/a/events* | cksum)
files=$(ls logs/a/events*)
runs "the first goes on" train config.yaml --set training.epochs=2 --set training.tensorboard=logs/a --output elsewhere --resume
equal "in a file of its own" 3 "$(ls logs/a | grep -c '^events')"
equal "and leaves the other's alone, which may still be written to" "$sum" "$(cat $files | cksum)"
: >file
fails "a folder that can not be made" 1 "training.tensorboard: cannot write to 'file/logs'" train config.yaml --set training.tensorboard=file/logs --output never
absent "and no run is left" never
for no_folder in no True off; do
  fails "'$no_folder' is no folder for events" 2 "training.tensorboard: '$no_folder' is not right" train config.yaml --set training.tensorboard=$no_folder --output never
done
# A training that comes apart has a perplexity that no number holds; its files have to be good all the same.
apart="config.yaml --set training.learning_rate=100 --set training.clip_norm=0 --output apart $tensorboard"
runs "a training that comes apart" train $apart --set training.epochs=3
matches "says so" "perplexity 1.652e.38" "$(<err)"
runs "info of it" info apart
runs "report of it" report apart --output apart.html
runs "it can be resumed" train $apart --set training.epochs=4 --resume
if command -v python3 >/dev/null; then
  ok "its events are in order" python3 "$reader" apart/tensorboard apart/training_state/history.jsonl
fi
# A log that can no longer be written to is not the end of the training.
if [[ -c /dev/full ]]; then
  rm -f err
  "$heed" train config.yaml --set training.epochs=100000 --set training.tensorboard=full --output long >out 2>err </dev/null &
  pid=$!
  until_true 60 grep -q '^epoch 1 ' err
  events=$(ls full/events*)
  ln -sf /dev/full "$events"
  until_true 60 grep -q 'goes on without TensorBoard' err
  kill -INT $pid
  { wait $pid; } 2>/dev/null
  matches "what is no file any more is one warning" "^warning: training.tensorboard: cannot write 'full/events.*it is no regular file.*; training goes on" "$(grep 'goes on without TensorBoard' err)"
  equal "said once" 1 "$(grep -c 'goes on without TensorBoard' err)"
  runs "and the model is there" translate --model long --input dev.source
fi

# ---- report ----
runs "train without attention" train config.yaml --set training.epochs=3 --set model.attention.kind=none --output without
runs "train one with markup in its data" train config.yaml --set training.epochs=2 --output with
runs "report" report with --output report.html
runs "report of two" report with without --output two.html --beam 2
equal "nothing on standard output" "" "$(<out)"
for page in report.html two.html; do
  matches "$page lets nothing be fetched" "default-src 'none'" "$(<$page)"
  equal "$page names no other file" 0 "$(grep -Ec '(src|href)="(https?:|//|[a-z./]+\.(js|css))' $page)"
done
weights=$(tail -n 1 with/training_state/history.jsonl | grep -o '"attention":\[\[[^"]*\]\]' | tail -n 1)
ok "and the very weights of the history" grep -Fq "$weights" report.html
matches "which are weights" '^"attention":\[\[[01][.0-9]*,' "$weights"
matches "the command is in it" "train config.yaml --set training.epochs=2" "$(grep 'id="data"' report.html)"
matches "and what made the page" '"made_by":"# heed [0-9.]+, (GCC|Clang) [0-9.]+.*; fast on this processor: float32' "$(grep 'id="data"' report.html)"
printf '<script>alert(1)</script> </script><b>x\na b\n' >markup
runs "report of sentences with markup" report with --source markup --references markup --output markup.html
equal "they do not become elements" 0 "$(grep -c '<script>alert' markup.html)"
rm -f dev.target.moved && mv dev.target dev.target.moved
runs "report without the validation files" report with --output fewer.html
matches "says what is missing" "warning: nothing was translated: .*dev.target" "$(<err)"
mv dev.target.moved dev.target
cp -r with elsewhere
rm elsewhere/checksums
sed -i 's#^    source: .*dev.source$#    source: other.source#' elsewhere/config.yaml
runs "report of runs of different data" report with elsewhere --output x.html --sentences 2
matches "which it says" "warning: 'with' and 'elsewhere' were validated on different files" "$(<err)"
rm -r elsewhere x.html
fails "report of nothing" 1 "nowhere/training_state/history.jsonl' is missing" report nowhere --output x.html
runs "report of three" report with without with --output three.html --sentences 3
runs "report of two and both together" report with without --ensemble --output ensemble.html --sentences 3
matches "says what they answer together" '"name":"ensemble of 2".*"models","with, without"' "$(grep 'id="data"' ensemble.html)"
fails "report of six and their ensemble" 2 "up to 6 runs, their ensemble among them, not 7" report with with with with with with --ensemble --output x.html
fails "--ensemble of one" 2 "\-\-ensemble: has no effect on one run" report with --ensemble --output x.html
fails "report of seven" 2 "up to 6 runs, not 7" report with with with with with with with --output x.html
fails "--source alone" 2 "\-\-references" report with --source dev.source --output x.html
fails "references of another length" 1 "12 lines" report with --source dev.source --references train.target --output x.html
rm with/training_state/history.jsonl
fails "report of a run without history" 1 "kept no history" report with --output x.html
absent "no page is left of what failed" x.html

# What a person would click is clicked, in a real browser.
clicks='<script>
const result = [];
try {
  const rects = () => document.querySelectorAll("#attention rect").length;
  const slider = document.getElementById("step");
  result.push("rects " + (rects() > 10));
  const before = document.getElementById("attention").innerHTML;
  slider.value = 0; slider.dispatchEvent(new Event("input"));
  result.push("slides " + (document.getElementById("attention").innerHTML !== before));
  const sums = [...document.querySelectorAll("#attention svg")].flatMap(svg => {
    const rows = {};
    for (const r of svg.querySelectorAll("rect")) rows[r.getAttribute("y")] = (rows[r.getAttribute("y")] || 0) + Number(r.dataset.weight);
    return Object.values(rows);
  });
  result.push("sums " + sums.every(sum => Math.abs(sum - 1) < 0.01));
  for (const button of document.querySelectorAll("button")) button.click();
  result.push("dark " + (document.documentElement.dataset.theme === "dark"));
  result.push("charts " + document.querySelectorAll("#curves svg").length);
  result.push("scripts " + document.querySelectorAll("main script").length);
  document.querySelector("#curves svg").dispatchEvent(new PointerEvent("pointermove", { clientX: 200, clientY: 200, bubbles: true }));
  result.push("tip " + /loss|training/.test(document.getElementById("tip").textContent));
  result.push("fetched " + performance.getEntriesByType("resource").filter(entry => !entry.name.startsWith("data:")).length);
} catch (error) { result.push("error " + error); }
document.body.append(Object.assign(document.createElement("pre"), { id: "result", textContent: result.concat(window.complaints).join("; ") }));
</script>'
browser=$(command -v chromium || command -v chromium-browser || true)
if [[ -n $browser ]]; then
  for page in report two markup; do
    { sed 's#<head>#<head><script>window.complaints = []; onerror = message => complaints.push(message); addEventListener("securitypolicyviolation", event => complaints.push("refused " + event.violatedDirective)); console.error = text => complaints.push(text);</script>#' $page.html
      echo "$clicks"; } >clicked.html
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync \
      --user-data-dir="$work/browser" --virtual-time-budget=3000 --dump-dom "file://$work/clicked.html" >dom 2>browser.log
    equal "$page.html in a browser" "rects true; slides true; sums true; dark true; charts 7; scripts 0; tip true; fetched 0" \
      "$(grep -o '<pre id="result">[^<]*' dom | cut -d '>' -f 2)"
  done
else
  skip "clicks in a browser" "chromium is not there"
fi

# ---- translate --interactive ----
runs "a model" train config.yaml --set training.epochs=6 --replace
talk() { printf "$1" | timeout 60 "$heed" translate --model model --interactive "${@:2}" >out 2>err; status=$?; }
talk 'a b c\n:2\n:9\n\xff\n:help\nd e f\n\nnever read\n' --beam 3
equal "interactive" 0 "$status"
equal "two sentences and an alternative are drawn" 3 "$(grep -c '^weight ' out)"
equal "alternatives" "2 3 2 3" "$(grep -Eo '^  [0-9]\. ' out | tr -dc '0-9\n' | xargs)"
matches "an alternative that is not there" "there are 3 translations" "$(<out)"
matches "what is not UTF-8" "not UTF-8 at byte 1" "$(<out)"
matches "help" "Ctrl-D ends" "$(<out)"
equal "no prompt without a terminal" "" "$(<err)"
echo 'a b c' >one
runs "translate" translate --model model --input one --beam 3
equal "the same translation" "$(<out)" "$(talk 'a b c' --beam 3; head -n 1 out | sed 's/  (-[0-9.]*)$//')"
talk 'a b c' --beam 3
equal "each with its score" 3 "$(grep -Ec '  \(-[0-9]+\.[0-9]{3}\)$' out)"
for word in :q quit exit; do
  talk "$word\\na b\\n"
  equal "$word ends" "0 " "$status $(<out)"
done
talk ':x\n:-)\na b\n'
equal "what begins like a command is an error" 2 "$(grep -c '^(there is no command' out)"
equal "and what comes next is answered" 1 "$(grep -c '^weight ' out)"
talk ''
equal "an empty input" "0 " "$status $(<out)"
talk 'a b\n' --model without 2>/dev/null
"$heed" translate --model without --interactive >out 2>err <one
equal "a model without attention" "0 0" "$? $(grep -c '^weight' out)"
fails "interactive with a file" 2 "\-\-interactive" translate --model model --interactive --input one
fails "interactive as JSON" 2 "\-\-interactive" translate --model model --interactive --format jsonl
if command -v script >/dev/null; then
  terminal() { TERM=xterm timeout 60 script -qec "exec $(printf '%q' "$heed") translate --model model --interactive" /dev/null; }
  { until_true 20 grep -q '> ' typed; printf 'a b\n'; until_true 20 grep -q 'weight' typed; printf 'half a line'; sleep 0.2; printf '\x03'
    until_true 20 grep -q 'Ctrl-C again' typed; printf 'c d\n'; sleep 0.5; printf '\x04'; } | terminal >typed 2>&1
  equal "Ctrl-C drops the line, Ctrl-D ends" "0 2" "$? $(grep -c 'weight ' typed)"
  { until_true 20 grep -q '> ' typed2; printf '\x03'; until_true 20 grep -q 'Ctrl-C again' typed2; printf '\x03'; sleep 1; } | terminal >typed2 2>&1
  matches "a second Ctrl-C ends" "ended by Ctrl-C" "$(<typed2)"
  # Up is the line before, Home and Delete change it: "b b" is answered, and no escape code is translated.
  { until_true 20 grep -q '> ' typed3; printf 'a b\n'; until_true 20 grep -q 'weight' typed3
    printf '\x1b[A\x01\x1b[3~c\n'; until_true 20 test "$(grep -c weight typed3)" -ge 2; sleep 0.5; printf '\x04'; } | terminal >typed3 2>&1
  printf 'c b\n' >edited
  runs "translate what was edited" translate --model model --input edited
  matches "history and editing" "$(<out)  \(-" "$(tr -d '\r' <typed3 | grep -a '  (-' | sed -n '/^  [0-9]\./!p' | tail -n 1)"
else
  skip "Ctrl-C in a terminal" "the command script is not there"
fi

finish

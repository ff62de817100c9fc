// ---- what is asked: the lines of the source, each a sentence, and who answers ----
const source = find('source');
const targets = find('targets');
const SHARED = DATA.shared || null;  // of a page that was shared as a file: its answers; it asks nobody
let models = [];
const sides = [{ model: '', beam: 5 }];  // a second one while two are compared
let listed = 3;  // answers of an n-best list

// `prefix`: how the answer begins; `own`: a text that is judged instead of a search. `shown`: of each side the answer that
// stands there, which may be that of an earlier question. `at`: the word that the keys are at.
const newLine = text => ({ source: text, prefix: '', own: null, must: [], mustNot: [], shown: [], at: 0 });
let lines = [newLine('')];

let chosenWords = null;  // words or pieces, once somebody chose
const state = {
  sentence: 0, ribbons: true, heatmap: true, beam: false, numbers: false, gold: false, heads: true, least: 0.05, printing: false,
  get words() { return chosenWords == null ? panels.some(panel => showsWordsFirst(panel.data)) : chosenWords; },
  set words(chosen) { chosenWords = chosen; },
};

const chosenLine = () => lines[state.sentence];
const modelOf = side => models.find(model => model.name === sides[side].model) || {};
const isBlank = line => !line.source.trim();

// Lines keep their phrases while they are typed on; how their answers begin is of one text.
function takeSource() {
  const texts = source.value.split('\n');
  const shorter = Math.min(texts.length, lines.length);
  let head = 0;
  while (head < shorter && lines[head].source === texts[head]) ++head;
  let tail = 0;
  while (tail < shorter - head && lines[lines.length - 1 - tail].source === texts[texts.length - 1 - tail]) ++tail;
  const touched = texts.slice(head, texts.length - tail).map((text, i) => {
    const old = head + i < lines.length - tail ? lines[head + i] : newLine('');
    return Object.assign(old, { source: text, prefix: '', own: null });
  });
  lines = [...lines.slice(0, head), ...touched, ...(tail ? lines.slice(-tail) : [])];
  chooseAtCaret();
}

function chooseAtCaret() {
  const at = source.value.slice(0, source.selectionStart).split('\n').length - 1;
  const changes = at !== state.sentence;
  state.sentence = Math.min(at, lines.length - 1);
  if (changes) ALL_PANELS.forEach(panel => { panel.translationAt = 0; });
  return changes;
}

function chooseLine(i) {
  if (i === state.sentence || !lines[i]) return;
  state.sentence = i;
  ALL_PANELS.forEach(panel => { panel.translationAt = 0; });
  const end = lines.slice(0, i + 1).reduce((sum, line) => sum + line.source.length + 1, -1);
  if (document.activeElement !== source) source.setSelectionRange(end, end);  // where one types on
  drawMain();
  const row = targets.children[i];
  if (row) row.scrollIntoView({ block: 'nearest' });
}

// ---- the answers that were given: of the same question the same ----
const MOST_ANSWERS = 400;
const answers = new Map();
let lessons = 0;  // with each, a copy that learns is another

const keyOf = (side, { source: text, prefix, own, must, mustNot }) =>
  JSON.stringify([sides[side].model, modelOf(side).base ? lessons : 0, sides[side].beam, listed, text, prefix, own, must, mustNot]);

function keep(key, given) {
  answers.delete(key);
  answers.set(key, given);
  if (answers.size > MOST_ANSWERS + 2 * lines.length) answers.delete(answers.keys().next().value);
}

// Whether a line has to be asked for; in full: with attention, and the beam where it is shown.
function isMissing(side, line, inFull) {
  if (SHARED || isBlank(line) || !sides[side].model) return false;
  const given = answers.get(keyOf(side, line));
  if (!given) return true;
  return inFull && !given.answer.error && (!given.inFull || (state.beam && !given.traced && line.own == null));
}

// What stands there for a line, and whether it is the answer to what is asked now.
function shownOf(side, line) {
  const given = answers.get(keyOf(side, line));
  if (given) line.shown[side] = given.answer;
  if (isBlank(line)) line.shown = [];
  return { answer: line.shown[side], isStale: !given && !isBlank(line) && !SHARED };
}

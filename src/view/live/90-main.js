// ---- the page ----
class LivePanel extends Panel {
  // Of one model the text stands above, with what can be done with it.
  makeText() { return panels.length > 1 ? super.makeText() : null; }
}
const ALL_PANELS = [new LivePanel(0), new LivePanel(1)];
const panels = [];  // those that have something to show
let drawnAnswers = [];
const sentenceOf = side => viewedOf(chosenLine().shown[side]);
const nameOfModel = side => nameOfSearch(sides[side]);
const drawMain = () => keepingFocus(drawAll);

function drawAll() {
  const shown = sides.map((_, side) => shownOf(side, chosenLine()));
  drawnAnswers = shown.map(({ answer }) => answer);
  panels.splice(0, panels.length, ...ALL_PANELS.filter(({ model }) => shown[model] && shown[model].answer && shown[model].answer.translations.length));
  drawTargets();
  drawPhrases();
  drawAbout();
  const some = panels.flatMap(panel => panel.data.translations);
  drawSwitches({ gold: false, heads: some.some(each => headsOf(each) > 1), beam: !SHARED || panels.some(panel => panel.data.trace) });
  const refusals = shown.flatMap(({ answer }, side) => (sides.length > 1 && answer && answer.error ? [make('p', { className: 'empty shared', textContent: `${nameOfModel(side)}: ${answer.error}` })] : []));
  drawPanels(...refusals);
  main.classList.toggle('stale', shown.some(({ isStale }) => isStale));
  askForMissing();
}

function drawAbout() {
  const { attention, precision, parameters, about } = modelOf(0);
  const facts = [SHARED && sides.map(nameOfSearch).join(' and '), attention && attention !== 'none' && attention, precision, parameters && `${(parameters / 1e6).toFixed(1)} M parameters`, about && about.licence];
  const box = find('about');
  box.textContent = facts.filter(Boolean).join(' · ');
  box.title = (about && about.text) || '';
}

// ---- who answers: a model and a search, or two ----
const BEAMS = [1, 2, 3, 5, 8, 12, 20];
const searches = find('searches');
const LISTED = [1, 2, 3, 5, 8, 12, 20];

function makeChoice(name, label, options, value, act) {
  const choice = make('select', { 'aria-label': label, title: label, 'data-search': name, on: { change: event => { act(event.target.value); searchesChanged(); } } });
  options.forEach(([at, text]) => choice.append(make('option', { value: at, textContent: text })));
  choice.value = value;
  return choice;
}

function makeSide(side, i) {
  const of = sides.length > 1 ? [' of the first', ' of the second'][i] : '';
  return make('span', { className: 'side-choice' }, makeChoice('model-' + i, 'Model' + of, models.map(({ name }) => [name, name]), side.model, name => { side.model = name; tellLearning(''); }),
    makeChoice('beam-' + i, 'Search' + of, BEAMS.filter(beam => beam <= limits.beam).map(beam => [beam, beam > 1 ? `beam ${beam}` : 'greedy']), Math.min(side.beam, Math.max(...BEAMS.filter(beam => beam <= limits.beam))), beam => { side.beam = Number(beam); }));
}

function drawSearches() {
  const focused = document.activeElement && document.activeElement.dataset.search;
  const two = sides.length > 1;
  searches.replaceChildren(makeSide(sides[0], 0), ...(two ? ['and', makeSide(sides[1], 1)] : []),
    make('button', { type: 'button', 'data-search': 'compare', 'aria-pressed': String(two), title: 'Compare two models or two searches (c)', textContent: 'Compare', on: { click: turnComparing } }),
    makeChoice('listed', 'How many translations are listed', LISTED.map(n => [n, n > 1 ? `${n} best` : 'best']), listed, n => { listed = Number(n); }));
  const again = focused && searches.querySelector(`[data-search="${focused}"]`);
  if (again) again.focus();
}

function searchesChanged() {
  lines.forEach(line => { line.shown.length = Math.min(line.shown.length, sides.length); });
  drawSearches();
  asking.since = performance.now();
  drawMain();
}

function turnComparing() {
  const other = models.find(({ name }) => name === modelOf(0).base) || models.find(({ name }) => name !== sides[0].model);
  if (sides.length > 1) sides.pop();
  else sides.push(other ? { model: other.name, beam: sides[0].beam } : { model: sides[0].model, beam: sides[0].beam > 1 ? 1 : 5 });
  searchesChanged();
}

// For a copy that is gone its base, for another model the first.
function stayingModel(name, known) {
  const { base } = known.find(model => model.name === name) || {};
  return [name, base].find(each => models.some(model => model.name === each)) || models[0].name;
}

// `choose` is called when the list is known, before anything is asked of a model in it.
async function findModels(choose = () => {}) {
  let known = [];
  try {
    const found = await askUntilAnswered('models', null, new AbortController().signal, tellWait);
    known = models;
    ({ models } = found);
    limits.beam = found.most_beam || limits.beam;
    limits.lines = Math.min(limits.lines, found.most_sentences || limits.lines);
  } catch (error) {
    if (error.status === 401 && await unlock()) return findModels(choose);
    return tell(error.message);
  }
  if (!models.length) {
    tell('The server has no model yet.');
    return setTimeout(() => findModels(choose), 2000);
  }
  tell('');
  choose();
  sides.forEach(side => { side.model = stayingModel(side.model, known); });
  drawSearches();
  return drawMain();
}

// Resolves to whether a key was given.
function unlock() {
  const dialog = find('unlock');
  const field = find('api-key');
  find('unlock-title').textContent = access.key ? 'This key is not the server’s' : 'This server asks for a key';
  if (!dialog.open) dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => {
    if (dialog.returnValue === 'go') access.key = field.value;
    resolve(dialog.returnValue === 'go' && Boolean(field.value));
  }, { once: true }));
}

// ---- what the user does ----
const leave = field => { field.blur(); main.focus({ preventScroll: true }); };
const step = by => { chooseLine(Math.min(Math.max(state.sentence + by, 0), lines.length - 1)); };
const focusOn = id => () => find(id).focus();
const LIVE_KEYS = {
  ...KEYS, ArrowDown: () => step(1), j: () => step(1), ArrowUp: () => step(-1), k: () => step(-1), s: () => source.focus(), '/': () => source.focus(),
  d: () => focusWord(), i: () => edit(chosenLine()), u: () => undo(chosenLine()), y: () => accept(chosenLine()), z: () => takeBack(), '+': focusOn('phrase-must'), '-': focusOn('phrase-mustNot'),
  c: () => { if (!SHARED) turnComparing(); }, f: () => shareFiles(),
};
delete LIVE_KEYS.g;
delete LIVE_KEYS.v;

function keyInField(event) {
  if (event.key !== 'Escape') return;
  event.preventDefault();
  if (event.target === edited.field) stopEditing();
  else leave(event.target);
}

// With Ctrl, which listenToKeys() leaves to fields.
function inEditedField(event) {
  if (!event.ctrlKey || event.target !== edited.field || !['Enter', 'Delete'].includes(event.key)) return;
  event.preventDefault();
  if (event.key === 'Enter') stopEditing();
  else takeAwayTheRest();
}

source.addEventListener('input', () => {
  stopEditing();
  takeSource();
  askSoon();
  drawTargets();
  drawPhrases();
});
const followCaret = () => { if (document.activeElement === source && !SHARED && chooseAtCaret()) drawMain(); };
document.addEventListener('selectionchange', followCaret);
source.addEventListener('keyup', followCaret);  // of browsers that do not tell it of a field
source.addEventListener('click', followCaret);
document.addEventListener('keydown', inEditedField);
listenToKeys(LIVE_KEYS, keyInField);
listenToTargets();
listenToMenu();
find('share').addEventListener('click', shareFiles);

setUpPage();
if (SHARED) openShared();
drawAll();
if (!SHARED) findModels();
if (!SHARED) source.focus();
document.documentElement.dataset.ready = performance.now().toFixed(0);

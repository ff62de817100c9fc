// ---- the page ----
const state = {
  sentence: 0, ribbons: true, heatmap: true, beam: SENTENCES.some(sentence => sentence.trace), words: DATA.words_first, numbers: false, gold: true,
  heads: true, least: 0.05, printing: false,
};
const main = document.getElementById('main');
const panels = MODELS.map((_, model) => new Panel(model));
const preferred = matchMedia('(prefers-color-scheme: dark)');
const narrow = matchMedia('(max-width: 860px)');
let themeChosen = false;
let drawn = 0;  // the width that was drawn for

// The width inside of a card.
const cardRoom = () => (panels.length > 1 && !narrow.matches ? (main.clientWidth - 60) / 2 : main.clientWidth - 40) - 30;

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  drawMain();
}

function drawSwitches() {
  for (const button of document.querySelectorAll('[data-switch]')) {
    button.setAttribute('aria-pressed', String(state[button.dataset.switch]));
    button.hidden = (button.dataset.switch === 'beam' && !MODELS.some(model => model.sentences.some(sentence => sentence.trace))) ||
      (button.dataset.switch === 'heads' && !MODELS.some(model => model.sentences.some(sentence => sentence.translations.some(each => headsOf(each) > 1)))) ||
      (button.dataset.switch === 'gold' && !MODELS.some(model => model.sentences.some(sentence => sentence.sure)));
  }
  document.getElementById('least-shown').textContent = state.least.toFixed(2);
}

// A choice that is made with the keys keeps them, though the panel around it is made anew.
function keepingFocus(draw) {
  const choice = document.activeElement && document.activeElement.dataset.choice;
  const panel = choice && document.activeElement.closest('.panel').dataset.model;
  draw();
  const again = choice && main.querySelector(`.panel[data-model="${panel}"] [data-choice="${choice}"]`);
  if (again) again.focus({ preventScroll: true });
}
const drawMain = () => keepingFocus(drawAll);

function drawAll() {
  drawSwitches();
  main.className = panels.length > 1 ? 'two' : '';
  if (!SENTENCES.length) {
    main.replaceChildren(make('p', { className: 'empty', textContent: 'No sentence.' }));
    return;
  }
  const both = panels.length > 1 && panels.every(panel => panel.translation && panel.translation.tokens.length);
  panels.forEach(panel => panel.unmarked());
  if (both) compare(panels);
  drawn = main.clientWidth;
  panels.forEach(panel => panel.draw());
  const source = make('p', { className: 'source-text shared' }, make('span', { className: 'number', textContent: numberOf(state.sentence) }),
    make('bdi', { textContent: SENTENCES[state.sentence].source || '(empty)' }));
  const references = (SENTENCES[state.sentence].references || []).map(text => make('p', { className: 'reference-text shared' },
    make('span', { className: 'number', textContent: 'reference' }), make('bdi', { textContent: text || '(empty)' })));
  const legend = both && make('p', { className: 'facts-line shared' }, 'What differs: ', make('span', { className: 'chip differs', textContent: 'word' }),
    ' stands in one translation only; ', make('span', { className: 'chip elsewhere' }, make('bdi', { textContent: 'word' })), ' stands in both but looks most at another source word.');
  main.replaceChildren(...[source, ...references, legend, ...panels.map(panel => panel.element)].filter(Boolean));
  panels.forEach(panel => panel.ribbons && panel.ribbons.layOut());
}

function select(i) {
  if (i === state.sentence && main.childNodes.length) return;
  state.sentence = i;
  panels.forEach(panel => { panel.translationAt = 0; });
  main.scrollTop = 0;
  reveal(i);
  drawRows();
  drawMain();
  if (location.hash !== '#' + (i + 1)) history.replaceState(null, '', '#' + (i + 1));
}

function turnOver(name) {
  state[name] = !state[name];
  drawMain();
}

// The next of all panels' choices; -1 comes after the last.
function nextChoice(what) {
  for (const panel of panels) {
    const layers = panel.translation.layers || [];
    const next = (value, count) => (value + 1 >= count ? -1 : value + 1);
    if (what === 'translation') panel.translationAt = (panel.translationAt + 1) % panel.data.translations.length;
    if (what === 'measure') panel.measureAt = next(panel.measureAt, (panel.translation.measures || []).length);
    if (what === 'layer') panel.choice = { layer: next(panel.choice.layer, layers.length), head: -1 };
    if (what === 'head' && panel.choice.layer >= 0) panel.choice.head = next(panel.choice.head, layers[panel.choice.layer].heads.length);
  }
  drawMain();
}

const KEYS = {
  ArrowDown: () => step(1), j: () => step(1), ArrowUp: () => step(-1), k: () => step(-1), Home: () => step(-Infinity), End: () => step(Infinity),
  ArrowRight: event => panels.forEach(panel => panel.walk(event.shiftKey ? 's' : 't', 1)),
  ArrowLeft: event => panels.forEach(panel => panel.walk(event.shiftKey ? 's' : 't', -1)),
  '/': () => search.focus(), m: () => nextChoice('translation'), l: () => nextChoice('layer'), a: () => nextChoice('head'), v: () => nextChoice('measure'),
  r: () => turnOver('ribbons'), h: () => turnOver('heatmap'), b: () => turnOver('beam'), w: () => turnOver('words'), n: () => turnOver('numbers'),
  g: () => turnOver('gold'), e: () => turnOver('heads'), t: () => document.getElementById('theme').click(), p: () => window.print(),
  '?': () => document.getElementById('help').click(), Escape: () => panels.forEach(panel => panel.view && panel.look({})),
};
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (event.target.matches('input, select, textarea')) {
    if (event.key === 'Escape' && event.target === search) {
      search.value = '';
      search.blur();
      arrange();
    }
    return;
  }
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
});

document.getElementById('switches').addEventListener('click', event => {
  const button = event.target.closest('[data-switch]');
  if (button) turnOver(button.dataset.switch);
});
const least = document.getElementById('least');
least.value = state.least;
least.addEventListener('input', () => {
  state.least = Number(least.value);
  drawSwitches();
  panels.forEach(panel => panel.ribbons && panel.ribbons.layOut());
});
document.getElementById('theme').addEventListener('click', () => {
  themeChosen = true;
  setTheme(theme() === 'dark' ? 'light' : 'dark');
});
preferred.addEventListener('change', () => { if (!themeChosen && !state.printing) setTheme(preferred.matches ? 'dark' : 'light'); });
document.getElementById('help').addEventListener('click', () => document.getElementById('keys').showModal());
// Figures of the models: of `heed probe`.
function makeTable([heads, ...rows]) {
  const line = (cells, name) => make('tr', {}, ...cells.map((text, i) => make(i ? name : 'th', { textContent: text })));
  return make('table', {}, make('thead', {}, line(heads, 'th')), make('tbody', {}, ...rows.map(cells => line(cells, 'td'))));
}
const figures = document.getElementById('figures');
figures.hidden = !DATA.table;
if (DATA.table) document.getElementById('table').prepend(make('h2', { textContent: figures.textContent }), makeTable(DATA.table));
figures.addEventListener('click', () => document.getElementById('table').showModal());
document.getElementById('print').addEventListener('click', () => window.print());

// Paper is light, and as wide as it is: what still does not fit is made smaller.
let screenTheme = 'light';
function shrink(element, width) {
  const scale = Math.min(1, width / Math.max(element.scrollWidth, 1));
  Object.assign(element.style, { transform: `scale(${scale})`, transformOrigin: '0 0', marginBottom: `${(scale - 1) * element.offsetHeight}px` });
  return scale;
}
function fitToPaper(panel) {
  const width = PRINT_WIDTH / MODELS.length;
  const stage = panel.element.querySelector('.stage');
  if (stage) {
    stage.style.minWidth = 0;
    stage.style.maxWidth = width + 'px';
    panel.ribbons.layOut(width);
    shrink(stage, width);
  }
  const tree = panel.element.querySelector('.tree');
  if (tree && shrink(tree, width) < 0.4) tree.closest('.card').hidden = true;
}
window.addEventListener('beforeprint', () => {
  if (state.printing) return;
  screenTheme = theme();
  state.printing = true;
  setTheme('light');
  panels.forEach(fitToPaper);
});
window.addEventListener('afterprint', () => {
  state.printing = false;
  setTheme(screenTheme);
});
window.addEventListener('resize', () => requestAnimationFrame(() => {
  drawRows();
  if (state.printing || drawn === main.clientWidth) return;
  drawMain();
}));

const rates = MODELS.filter(model => model.error_rate != null).map(model => (MODELS.length > 1 ? model.name + ' ' : '') + `AER ${model.error_rate.toFixed(2)}`);
document.getElementById('about').textContent = rates.join(' · ');
document.documentElement.dataset.theme = preferred.matches ? 'dark' : 'light';
const asked = Number(location.hash.slice(1)) - 1;
if (SENTENCES[asked]) state.sentence = asked;
arrange();
reveal(state.sentence);
drawRows();
drawMain();
// For whoever measures: the time from the start of loading until the first picture stood on the screen.
requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = performance.now().toFixed(0); }));

// ---- what pages with panels share: their width, what is switched on, the keys, light and dark, paper ----
const main = find('main');
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

// Of `useful` those that are false switch nothing now.
function drawSwitches(useful) {
  for (const button of document.querySelectorAll('[data-switch]')) {
    button.setAttribute('aria-pressed', String(Boolean(state[button.dataset.switch])));
    button.hidden = useful[button.dataset.switch] === false;
  }
  find('least-shown').textContent = state.least.toFixed(2);
}

// A choice that is made with the keys keeps them, though the panel around it is made anew.
function keepingFocus(draw) {
  const choice = document.activeElement && document.activeElement.dataset.choice;
  const panel = choice && document.activeElement.closest('.panel').dataset.model;
  draw();
  const again = choice && main.querySelector(`.panel[data-model="${panel}"] [data-choice="${choice}"]`);
  if (again) again.focus({ preventScroll: true });
}

// Draws the panels below what stands above them; of two, what differs is marked.
function drawPanels(...above) {
  main.className = panels.length > 1 ? 'two' : '';
  const both = panels.length > 1 && panels.every(panel => panel.translation && panel.translation.tokens.length);
  panels.forEach(panel => panel.unmarked());
  if (both) compare(panels);
  drawn = main.clientWidth;
  panels.forEach(panel => panel.draw());
  const legend = both && make('p', { className: 'facts-line shared' }, 'What differs: ', make('span', { className: 'chip differs', textContent: 'word' }),
    ' stands in one translation only; ', make('span', { className: 'chip elsewhere' }, make('bdi', { textContent: 'word' })), ' stands in both but looks most at another source word.');
  main.replaceChildren(...[...above, legend, ...panels.map(panel => panel.element)].filter(Boolean));
  panels.forEach(panel => panel.ribbons && panel.ribbons.layOut());
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

const walk = by => event => panels.forEach(panel => panel.walk(event.shiftKey ? 's' : 't', by));
const KEYS = {
  ArrowRight: walk(1), ArrowLeft: walk(-1),
  m: () => nextChoice('translation'), l: () => nextChoice('layer'), a: () => nextChoice('head'), v: () => nextChoice('measure'),
  r: () => turnOver('ribbons'), h: () => turnOver('heatmap'), b: () => turnOver('beam'), w: () => turnOver('words'), n: () => turnOver('numbers'),
  g: () => turnOver('gold'), e: () => turnOver('heads'), t: () => find('theme').click(), p: () => window.print(),
  '?': () => find('help').click(), Escape: () => panels.forEach(panel => panel.view && panel.look({})),
};
// In a field keys are text: `inField` has those of a page that are not.
function listenToKeys(keys, inField) {
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    if (event.target.matches('input, select, textarea')) return inField(event);
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}

// Paper is light, and as wide as it is: what still does not fit is made smaller.
function shrink(element, width) {
  const scale = Math.min(1, width / Math.max(element.scrollWidth, 1));
  Object.assign(element.style, { transform: `scale(${scale})`, transformOrigin: '0 0', marginBottom: `${(scale - 1) * element.offsetHeight}px` });
  return scale;
}
function fitToPaper(panel) {
  const width = PRINT_WIDTH / panels.length;
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
function listenToPrinter() {
  let screenTheme = 'light';
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
  find('print').addEventListener('click', () => window.print());
}

function listenToSwitches() {
  find('switches').addEventListener('click', event => {
    const button = event.target.closest('[data-switch]');
    if (button) turnOver(button.dataset.switch);
  });
  const least = find('least');
  least.value = state.least;
  least.addEventListener('input', () => {
    state.least = Number(least.value);
    find('least-shown').textContent = state.least.toFixed(2);
    panels.forEach(panel => panel.ribbons && panel.ribbons.layOut());
  });
  find('help').addEventListener('click', () => find('keys').showModal());
  window.addEventListener('resize', () => requestAnimationFrame(() => { if (!state.printing && drawn !== main.clientWidth) drawMain(); }));
}

function listenToTheme() {
  document.documentElement.dataset.theme = preferred.matches ? 'dark' : 'light';
  find('theme').addEventListener('click', () => {
    themeChosen = true;
    setTheme(theme() === 'dark' ? 'light' : 'dark');
  });
  preferred.addEventListener('change', () => { if (!themeChosen && !state.printing) setTheme(preferred.matches ? 'dark' : 'light'); });
}

// Called by a page when all that it shows is there.
function setUpPage() {
  listenToSwitches();
  listenToTheme();
  listenToPrinter();
}

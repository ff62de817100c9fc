// ---- the page ----
const state = {
  sentence: 0, ribbons: true, heatmap: true, beam: SENTENCES.some(sentence => sentence.trace), words: DATA.words_first, numbers: false, gold: true,
  heads: true, least: 0.05, printing: false,
};
const panels = MODELS.map((_, model) => new Panel(model));
const someSentence = has => MODELS.some(model => model.sentences.some(has));
const USEFUL = {
  beam: someSentence(sentence => sentence.trace), gold: someSentence(sentence => sentence.sure),
  heads: someSentence(sentence => sentence.translations.some(each => headsOf(each) > 1)),
};

const drawMain = () => keepingFocus(drawAll);

function drawAll() {
  drawSwitches(USEFUL);
  if (!SENTENCES.length) {
    main.replaceChildren(make('p', { className: 'empty', textContent: 'No sentence.' }));
    return;
  }
  const source = make('p', { className: 'source-text shared' }, make('span', { className: 'number', textContent: numberOf(state.sentence) }),
    make('bdi', { textContent: SENTENCES[state.sentence].source || '(empty)' }));
  const references = (SENTENCES[state.sentence].references || []).map(text => make('p', { className: 'reference-text shared' },
    make('span', { className: 'number', textContent: 'reference' }), make('bdi', { textContent: text || '(empty)' })));
  drawPanels(source, ...references);
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

listenToKeys({
  ...KEYS, ArrowDown: () => step(1), j: () => step(1), ArrowUp: () => step(-1), k: () => step(-1), Home: () => step(-Infinity), End: () => step(Infinity),
  '/': () => search.focus(),
}, event => {
  if (event.key !== 'Escape' || event.target !== search) return;
  search.value = '';
  search.blur();
  arrange();
});
window.addEventListener('resize', () => requestAnimationFrame(drawRows));

// Figures of the models: of `heed probe`.
function makeTable([heads, ...rows]) {
  const line = (cells, name) => make('tr', {}, ...cells.map((text, i) => make(i ? name : 'th', { textContent: text })));
  return make('table', {}, make('thead', {}, line(heads, 'th')), make('tbody', {}, ...rows.map(cells => line(cells, 'td'))));
}
const figures = find('figures');
figures.hidden = !DATA.table;
if (DATA.table) find('table').prepend(make('h2', { textContent: figures.textContent }), makeTable(DATA.table));
figures.addEventListener('click', () => find('table').showModal());

const rates = MODELS.filter(model => model.error_rate != null).map(model => (MODELS.length > 1 ? model.name + ' ' : '') + `AER ${model.error_rate.toFixed(2)}`);
find('about').textContent = rates.join(' · ');
setUpPage();
const asked = Number(location.hash.slice(1)) - 1;
if (SENTENCES[asked]) state.sentence = asked;
arrange();
reveal(state.sentence);
drawRows();
drawMain();
// For whoever measures: the time from the start of loading until the first picture stood on the screen.
requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = performance.now().toFixed(0); }));

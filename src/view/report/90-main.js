// ---- the page ----
const ALONG = [['update', 'updates'], ['epoch', 'epochs'], ['minutes', 'minutes']];

const METRICS = [...new Set(RUNS.flatMap(run => run.validations.flatMap(v => Object.keys(v.metrics))))];

function showCurves(key, name) {
  const of = (list, value) => list.map(point => [point[key], point[value]]);
  const points = (value, what) => RUNS.map((run, r) => ({ name: seriesName(r, what), run: r, points: of(run.points, value) }));
  const validations = (value, what) => RUNS.map((run, r) => ({ name: seriesName(r, what), run: r, dots: true, points: of(run.validations, value) }));
  const chart = (title, series, more = {}) => lineChart({ title, series, xName: name, box: SMALL_BOX, ...more });
  find('curves').replaceChildren(
    chart('Loss per target token: training (thin), validation', [...points('loss', 'training').map(one => ({ ...one, thin: true })), ...validations('loss', 'validation')], { clip: true }),
    chart('Validation perplexity', validations('perplexity', 'perplexity'), { clip: true }),
    ...METRICS.map(metric => chart(metric === 'accuracy' ? 'Validation sentences exactly right, %' : `Validation ${metric}`,
      RUNS.map((run, r) => ({ name: seriesName(r, metric), run: r, dots: true, points: run.validations.map(v => [v[key], v.metrics[metric]]) })), { fromZero: true })),
    chart('Learning rate', points('learning_rate', 'learning rate'), { fromZero: true }),
    chart('Target words per second', points('words_per_second', 'words/s'), { fromZero: true }),
    chart('Gradient norm', points('gradient_norm', 'norm'), { clip: true, fromZero: true }));
  const measured = validation => validation.attention_entropy != null;
  const ofSamples = validation => {
    const values = validation.samples.map(entropyOf).filter(value => value != null);
    return values.length ? values.reduce((a, b) => a + b, 0) / values.length : null;
  };
  const sharp = RUNS.map((run, r) => ({ name: seriesName(r, 'entropy'), run: r, dots: true,
    points: run.validations.map(v => [v[key], measured(v) ? v.attention_entropy : ofSamples(v)]) }));
  const most = RUNS.filter(run => run.validations.some(measured)).map(run => ({ name: seriesName(RUNS.indexOf(run), 'uniform would be'),
    run: RUNS.indexOf(run), thin: true, points: run.validations.map(v => [v[key], v.attention_maximum]) }));
  const shown = [...sharp, ...most].filter(one => one.points.some(point => point[1] != null));
  if (find('sharpening') && shown.length) {
    find('sharpening').replaceChildren(chart('Entropy of attention over the validation sentences, bits', shown, { fromZero: true, box: {} }));
  }
}

function showFacts() {
  find('facts').replaceChildren(...RUNS.map(run => make('div', {}, make('h3', {}, run.name),
    make('table', {}, ...run.facts.map(([name, value]) => make('tr', {}, make('th', {}, name), make('td', {}, value)))))));
  const key = (run, r) => make('span', { class: 'key' }, draw('svg', { width: 34, height: 10 },
    draw('line', { class: 'line run' + r, x1: 1, x2: 33, y1: 5, y2: 5, 'stroke-width': 2.5 })), run.name);
  if (RUNS.length > 1) find('legend').replaceChildren(...RUNS.map(key));
}

function showCommands() {
  find('commands').replaceChildren(...RUNS.filter(run => run.config /* an ensemble has none */).flatMap(run => [
    make('h3', {}, run.name), make('pre', {}, run.commands.join('\n')),
    make('details', {}, make('summary', {}, 'config.yaml'), make('pre', {}, run.config)),
  ]), make('h3', {}, 'this page'), make('pre', {}, DATA.made_by));
}

// Colours of weights are of the theme.
function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  find('theme').textContent = dark ? 'Light' : 'Dark';
  if (find('sample')) showAttention();
}

document.title = DATA.title;
find('title').textContent = DATA.title;
showFacts();
setUpAttention();
setTheme(matchMedia('(prefers-color-scheme: dark)').matches);
find('theme').addEventListener('click', () => setTheme(theme() !== 'dark'));
let screenIsDark = false;
addEventListener('beforeprint', () => {
  screenIsDark = theme() === 'dark';
  if (screenIsDark) setTheme(false);
});
addEventListener('afterprint', () => {
  if (screenIsDark) setTheme(true);
});
bar('along', ALONG.map(pair => pair[1]), i => showCurves(...ALONG[i]));
showCurves(...ALONG[0]);
setUpQuality();
showCommands();

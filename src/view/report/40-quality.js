// ---- what the best models did: quality by length, coverage, errors ----
const FEW_SENTENCES = 10;  // of a length; a score of fewer says little
const nameOfRun = r => (RUNS.length > 1 ? RUNS[r].name : '');
const seriesName = (r, what) => [nameOfRun(r), what].filter(Boolean).join(' ');

// What the first run's best model was chosen by stands first.
const SCORES = [['bleu', 'BLEU'], ['accuracy', 'accuracy'], ['chrf', 'chrF']];
if (RUNS[0].quality.by_accuracy) SCORES.unshift(...SCORES.splice(1, 1));

function showLengths([score, scoreName]) {
  const rangeOf = bucket => `${bucket.first}–${bucket.last}`;
  const longest = RUNS.map(run => run.quality.buckets).reduce((a, b) => (b.length > a.length ? b : a));
  find('lengths').replaceChildren(lineChart({
    title: `${scoreName} of the sentences of each source length`,
    box: { width: 760, height: 300, left: 60, right: 36, bottom: 48 },
    fromZero: true,
    xName: `source length, ${DATA.length_unit} (below: sentences; faint: fewer than ${FEW_SENTENCES})`,
    xTicks: longest.map((bucket, i) => [i, rangeOf(bucket), bucket.sentences]),
    xText: place => `${rangeOf(longest[place])} ${DATA.length_unit}`,
    series: RUNS.map((run, r) => ({
      name: seriesName(r, scoreName), run: r, dots: true,
      points: run.quality.buckets.map((bucket, i) => [i, bucket.sentences ? bucket[score] : null, `(${bucket.sentences} sentences)`, bucket.sentences < FEW_SENTENCES]),
    })),
  }));
}

function showCoverage() {
  const attending = RUNS.map((run, r) => ({ run, r })).filter(({ run }) => run.quality.attends);
  if (!attending.length) return find('coverage-section').remove();
  const percent = share => (100 * share).toFixed(1) + ' %';
  const first = attending[0].run.quality;
  find('coverage-note').textContent = attending.map(({ run, r }) =>
    `${nameOfRun(r) ? nameOfRun(r) + ': ' : ''}${percent(run.quality.never)} of the source words were never attended, ${percent(run.quality.often)} too much; mean entropy ${run.quality.entropy.toFixed(2)} bits.`).join(' ') +
    ` A word is what stands between spaces: a letter, where letters are apart. Its coverage is the sum of its attention over all target tokens, per token of the word; below ${first.never_below} it counts as never attended, above ${first.often_above} as too much.`;
  const bins = first.coverage_bins.length;
  find('coverage').replaceChildren(
    barChart({
      title: 'Source words by coverage', xName: 'coverage', series: attending.map(({ run, r }) => ({ name: seriesName(r, 'words, %'), run: r, counts: run.quality.coverage_bins })),
      xTicks: [...Array(bins + 1).keys()].filter(i => i % 2 === 0).map(i => [i, String(i * first.coverage_step)]),
      binName: i => (i + 1 === bins ? `coverage from ${i * first.coverage_step}` : `coverage ${i * first.coverage_step} to ${(i + 1) * first.coverage_step}`),
    }),
    barChart({
      title: 'Target tokens by entropy of their attention', xName: 'entropy as a share of the largest possible',
      series: attending.map(({ run, r }) => ({ name: seriesName(r, 'tokens, %'), run: r, counts: run.quality.entropy_bins })),
      xTicks: [...Array(first.entropy_bins.length + 1).keys()].filter(i => i % 2 === 0).map(i => [i, (i / first.entropy_bins.length).toFixed(1)]),
      binName: i => `${(i / first.entropy_bins.length).toFixed(2)} to ${((i + 1) / first.entropy_bins.length).toFixed(2)}`,
    }));
}

function sourceOf(sentence, quality) {
  if (!sentence.words.length) return [sentence.source];
  return sentence.words.flatMap(([word, attention]) => {
    const kind = attention < quality.never_below ? 'never' : attention > quality.often_above ? 'often' : '';
    const mark = make('span', { class: ('word ' + kind).trim() }, word);
    mark.addEventListener('pointermove', event => showTip(event, `coverage ${attention.toFixed(2)}`));
    mark.addEventListener('pointerleave', hideTip);
    return [mark, ' '];
  });
}

const KINDS = [
  ['worst', 'Worst', 'Lowest chrF of the sentence first.'],
  ['under', 'Under-translated', 'Most source words that were never attended first: what was probably left out.'],
  ['over', 'Over-translated', 'The word with the largest coverage first: what was probably said again and again.'],
];
const errors = { run: 0, kind: 0 };
function showErrors() {
  const quality = RUNS[errors.run].quality;
  const [key, , explanation] = KINDS[errors.kind];
  find('errors-note').textContent = explanation + (quality.attends ? ' Wavy: never attended. Double line: too much attended.' : '');
  const row = (name, ...content) => make('tr', {}, make('th', {}, name), make('td', { dir: 'auto' }, ...content));
  const cards = quality[key].map(sentence => make('div', { class: 'sentence' }, make('table', {},
    row('source', ...sourceOf(sentence, quality)), row('reference', sentence.reference), row('translation', sentence.text), row('chrF', sentence.chrf.toFixed(1)))));
  find('errors').replaceChildren(...(cards.length ? cards : [make('p', { class: 'note' }, 'None.')]));
}

function setUpQuality() {
  find('quality-note').textContent = RUNS.map((run, r) => (nameOfRun(r) ? nameOfRun(r) + ': ' : '') + run.quality.note).join(' ');
  if (!RUNS.some(run => run.quality.buckets.length)) {
    for (const id of ['coverage-section', 'errors-section']) find(id).remove();
    return find('score').parentElement.remove();
  }
  bar('score', SCORES.map(([, name]) => name), i => showLengths(SCORES[i]));
  showLengths(SCORES[0]);
  showCoverage();
  if (RUNS.length > 1) bar('errors-run', RUNS.map(run => run.name), i => { errors.run = i; showErrors(); });
  const kinds = RUNS.some(run => run.quality.attends) ? KINDS : KINDS.slice(0, 1);
  bar('errors-kind', kinds.map(kind => kind[1]), i => { errors.kind = i; showErrors(); });
  showErrors();
}

// ---- the weights of a sentence: unpacked when it is shown ----
const LETTER = new Uint8Array(128);
[...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].forEach((letter, value) => {
  LETTER[letter.charCodeAt(0)] = value;
});

// Weights as whole steps of 1 / DATA.steps; src/view/packed_weights.h has the code.
function unpack(text, count) {
  const out = new Float64Array(count);
  let at = 0;
  const next = () => LETTER[text.charCodeAt(at++)];
  for (let i = 0; i < count && at < text.length;) {
    const c = next();
    if (c < 32) out[i++] = c;
    else if (c < 44) i += c - 30;
    else if (c < 48) i += 14 + 64 * (c - 44) + next();
    else if (c < 60) out[i++] = 32 + 64 * (c - 48) + next();
    else {
      const high = next();
      out[i++] = 4096 * (c - 60) + 64 * high + next();
    }
  }
  return out;
}

// Of pages that were written the weights are packed, of answers of a server they are rows of numbers.
const stepsOf = (weights, count) => (typeof weights === 'string' ? unpack(weights, count)
  : Float64Array.from((weights || []).flat(), weight => Math.round(weight * DATA.steps)));

// The steps of a translation's chosen weights; layer and head -1 are means.
const means = new WeakMap();
function weightsOf(sentence, translation, layer, head) {
  const count = sentence.tokens.length * translation.tokens.length;
  if (layer < 0 || !translation.layers) {
    if (!means.has(translation)) means.set(translation, stepsOf(translation.attention || '', count));
    return means.get(translation);
  }
  const heads = translation.layers[layer].heads;
  if (head >= 0 && head < heads.length) return stepsOf(heads[head], count);
  const mean = new Float64Array(count);
  for (const weights of heads) stepsOf(weights, count).forEach((value, i) => { mean[i] += value / heads.length; });
  return mean;
}

// The tokens of a sentence or a translation as they are shown: each alone, or those of a word together. Labels of words
// are told where those of their tokens, joined, are others.
function groupsOf({ tokens, words, copied, word_labels: labels }, merged) {
  const groups = [];
  tokens.forEach((token, i) => {
    const last = groups[groups.length - 1];
    if (merged && last && words[i] >= 0 && words[i] === last.word) {
      last.tokens.push(i);
      last.parts.push(token);
    } else {
      groups.push({ word: words[i], tokens: [i], parts: [token], end: words[i] < 0 });
    }
  });
  groups.forEach((group, at) => {
    group.label = merged && labels ? labels[at] : group.parts.join('');
    group.copied = Boolean(copied) && group.tokens.some(token => copied.includes(token));
  });
  return groups;
}

// What heat map and ribbons show: rows (target), columns (source) and the weight of each pair, in [0, 1]. A measure, of
// a pair that was probed, stands in the place of the attention.
function viewOf(sentence, translation, choice, merged) {
  const rows = groupsOf(translation, merged);
  const columns = groupsOf(sentence, merged);
  const measure = (translation.measures || [])[choice.measure];
  if (measure) {
    const steps = stepsOf(measure.values, sentence.tokens.length * translation.tokens.length);
    return { ...mergedView(rows, columns, steps, false, (a, b) => Math.max(a, b)), looks: 'depends on', looked: 'moves', by: 'by' };
  }
  const steps = weightsOf(sentence, translation, choice.layer, choice.head);
  return mergedView(rows, columns, steps, choice.layer >= 0 && choice.head < 0);
}

// Weights of source groups add up (of a measure the largest counts), of target groups the mean is taken. `steps` are
// those of the tokens.
function mergedView(rows, columns, steps, isMean = false, join = (a, b) => a + b) {
  const weights = new Float64Array(rows.length * columns.length);
  const width = columns.reduce((sum, column) => sum + column.tokens.length, 0);
  rows.forEach((row, t) => columns.forEach((column, s) => {
    let sum = 0;
    for (const i of row.tokens) sum += column.tokens.map(j => steps[i * width + j]).reduce(join, 0);
    weights[t * columns.length + s] = sum / row.tokens.length / DATA.steps;
  }));
  const merges = columns.length < width || rows.some(row => row.tokens.length > 1);
  const digits = merges || isMean ? 3 : 4;
  return {
    rows, columns, weights, digits, looks: 'looks at', looked: 'is looked at by', by: 'with weight',
    rtl: isRtl(columns.map(column => column.label).join(' ')),
    rtlRows: isRtl(rows.map(row => row.label).join(' ')),
    at: (t, s) => weights[t * columns.length + s],
    shown: (t, s) => weights[t * columns.length + s].toFixed(digits),
  };
}

// Gold links as places of a view.
function goldOf(sentence, view) {
  const out = [];
  for (const [kind, links] of [['possible', sentence.possible || []], ['sure', sentence.sure || []]]) {
    for (const [source, target] of links) {
      view.rows.forEach((row, t) => view.columns.forEach((column, s) => {
        if (row.word === target && column.word === source) out.push({ t, s, kind });
      }));
    }
  }
  return out;
}

// How many heads a translation has, and what their mean is called: each layer counts as much as another.
const headsOf = translation => (translation.layers || []).reduce((sum, layer) => sum + layer.heads.length, 0);
const nameOfMean = ({ layers }) => (layers.every(layer => layer.heads.length === layers[0].heads.length)
  ? `mean of ${headsOf({ layers })} heads` : `mean of ${layers.length} layers`);

// ---- the beam: a column for each step, its candidates best first ----
const NODE = { width: 88, gap: 30, height: 31 };

function beamOf(trace) {
  const nodes = trace.parent.map((parent, id) => ({
    id, parent, token: trace.token[id], logProbability: trace.log_probability[id], score: trace.score[id], state: trace.state[id], row: trace.row[id],
    word: trace.word[id], wordLabel: trace.word_label[id],
  }));
  const columns = [];
  for (const node of nodes) {
    node.step = node.parent < 0 ? 0 : nodes[node.parent].step + 1;
    node.own = Math.exp(node.logProbability - (node.parent < 0 ? 0 : nodes[node.parent].logProbability));
    (columns[node.step] = columns[node.step] || []).push(node);
  }
  for (const column of columns) {
    column.sort((a, b) => (a.state === 'pruned') - (b.state === 'pruned') || b.logProbability - a.logProbability || a.id - b.id);
    column.forEach((node, place) => { node.place = place; });
  }
  return { nodes, columns };
}

function pathTo(beam, id) {
  const path = [];
  for (let at = id; at >= 0; at = beam.nodes[at].parent) path.unshift(at);
  return path;
}

// Its nodes as a translation has its tokens; a word's label is that of its last node.
function branchTokens(nodes) {
  const words = nodes.map(node => node.word);
  const last = nodes.filter((_, t) => words[t] < 0 || words[t] !== words[t + 1]);
  return { tokens: nodes.map(node => node.token), words, word_labels: last.map(node => node.wordLabel) };
}

function branchView(sentence, beam, id) {
  const path = pathTo(beam, id);
  const width = sentence.tokens.length;
  const rowCount = Math.max(...beam.nodes.map(node => node.row)) + 1;
  const steps = stepsOf(sentence.trace.attention, rowCount * width);
  const own = new Float64Array(path.length * width);
  path.forEach((node, t) => {
    const row = beam.nodes[node].row;
    if (row < 0) return;
    own.set(steps.subarray(row * width, (row + 1) * width), t * width);
  });
  return mergedView(groupsOf(branchTokens(path.map(node => beam.nodes[node])), state.words), groupsOf(sentence, state.words), own);
}

const describe = node =>
  `${node.token}  ${node.state}\nprobability of the token ${node.own.toFixed(4)}\nlog-probability ${signed(node.logProbability)}\nscore ${signed(node.score)}`;

function makeNode(node, pick) {
  return make('button', {
    className: 'node ' + node.state, title: describe(node), 'data-node': node.id, type: 'button',
    style: { left: leftOf(node) + 'px', top: topOf(node) + 'px', width: NODE.width + 'px' }, on: { click: () => pick(node.id) },
  }, make('bdi', {}, ...labelled(node.token)));
}
const leftOf = node => 46 + node.step * (NODE.width + NODE.gap);
const topOf = node => node.place * NODE.height;

function makeEdge(beam, node) {
  const y = topOf(node) + 12;
  const from = node.parent < 0 ? { x: 40, y: 12 } : { x: leftOf(beam.nodes[node.parent]) + NODE.width, y: topOf(beam.nodes[node.parent]) + 12 };
  const x = leftOf(node);
  const middle = (from.x + x) / 2;
  return makeSvg('path', {
    d: `M${from.x},${from.y}C${middle},${from.y} ${middle},${y} ${x},${y}`, fill: 'none', 'data-node': node.id,
    stroke: 'var(--soft)', 'stroke-width': (0.6 + 3.4 * node.own).toFixed(2), opacity: node.state === 'pruned' ? 0.25 : 0.6,
    'stroke-dasharray': node.state === 'pruned' ? '3 3' : 'none',
  });
}

function makeBranchFacts(sentence, node) {
  const mean = headsOf(sentence.translations[0]) > 1 ? `; weights: ${nameOfMean(sentence.translations[0])}` : '';
  return make('p', { className: 'facts-line' }, `This branch, ${node.state}: score `, make('b', { textContent: signed(node.score) }),
    ', log-probability ', make('b', { textContent: signed(node.logProbability) }), mean);
}

// The tree, and below it the attention of the branch that is picked; that of the tokens which the heat map shows, if
// there is one, is not shown again.
function makeBeam(sentence, printed, mapped) {
  const beam = beamOf(sentence.trace);
  const tallest = Math.max(...beam.columns.map(column => column.length));
  const width = 46 + beam.columns.length * (NODE.width + NODE.gap);
  const height = tallest * NODE.height;
  const svg = makeSvg('svg', { width, height });
  const edges = new Map(beam.nodes.map(node => [node.id, makeEdge(beam, node)]));
  svg.append(...edges.values());
  const elements = new Map(beam.nodes.map(node => [node.id, makeNode(node, id => pick(id))]));
  const tree = make('div', { className: 'tree', style: { width: width + 'px', height: height + 'px' } }, svg,
    make('span', { className: 'node root', style: { left: 0, top: 0 }, textContent: 'begin' }), ...elements.values());
  const steps = make('div', { className: 'steps', style: { width: width + 'px' } },
    ...beam.columns.map((_, i) => make('span', { textContent: 'step ' + (i + 1), style: { left: 46 + i * (NODE.width + NODE.gap) + 'px' } })));
  const branch = make('div', { className: 'branch' });

  function pick(id) {
    const path = new Set(pathTo(beam, id));
    for (const [node, element] of elements) element.classList.toggle('on', path.has(node));
    for (const [node, edge] of edges) {
      edge.setAttribute('stroke', path.has(node) ? 'var(--accent)' : 'var(--soft)');
      edge.setAttribute('opacity', path.has(node) ? 1 : beam.nodes[node].state === 'pruned' ? 0.25 : 0.6);
    }
    const facts = makeBranchFacts(sentence, beam.nodes[id]);
    if (mapped && mapped.join(' ') === pathTo(beam, id).map(node => beam.nodes[node].token).join(' ')) {
      branch.replaceChildren(facts, make('p', { className: 'facts-line', textContent: 'Its weights are those of the heat map above.' }));
      return;
    }
    const view = branchView(sentence, beam, id);
    const readout = make('div', { className: 'readout' });
    const map = makeHeatmap(view, { width: printed ? PRINT_WIDTH : 0, look: at => { map.show(at); writeReadout(readout, view, at); } });
    branch.replaceChildren(facts, readout, make('div', { className: 'scroll' }, map.element));
  }
  const ends = beam.nodes.filter(node => node.state === 'finished' || node.state === 'cut');
  const candidates = ends.length ? ends : beam.nodes;
  pick(candidates.reduce((a, b) => (b.score > a.score ? b : a)).id);
  return make('section', { className: 'card beam' },
    make('h3', {}, make('span', { textContent: `The beam, step by step${sentence.trace_cut ? ' (its beginning)' : ''}` }),
      make('span', { className: 'legend' }, 'solid: kept · bold: finished · bold, dashed: cut at the length limit · dashed: pruned · line width: probability of the token')),
    make('div', { className: 'scroll' }, steps, tree), branch);
}

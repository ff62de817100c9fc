// ---- ribbons: source above, target below, lines by weight ----
const RIBBON_HEIGHT = 132;
const MOST_LEVEL = 40;  // words of a side; more stand upright
const LEAST_UPRIGHT = 9;  // pixels of an upright word that can be read
const MOST_UPRIGHT = 15;

function makeChips(groups, side, rtl, marks, shown = () => '') {
  const row = make('div', { className: 'words', dir: rtl ? 'rtl' : 'ltr' });
  groups.forEach((group, i) => {
    const classes = ['chip', group.end && 'end', group.copied && 'copied', ...marks(group)].filter(Boolean).join(' ');
    const number = make('small', {});
    const chip = make('span', { className: classes, title: shown(i), ['data-' + side]: i });
    const label = make('bdi', {}, ...labelled(group.label));
    chip.append(...(side === 's' ? [number, label] : [label, number]));
    row.append(chip);
  });
  return row;
}

// Gives a row of words the widest form that the card has room for: level, closer, upright. False if none fits.
function fitRow(row, few, room) {
  const chips = [...row.children];
  const share = room / Math.max(chips.length, 1);
  row.style.setProperty('--upright', `${Math.min(Math.floor(share * 10) / 10, MOST_UPRIGHT)}px`);
  for (const form of chips.length > MOST_LEVEL ? ['upright'] : ['level', 'close', 'upright']) {
    row.className = `words ${form}${few ? ' few' : ''}`;
    if (form === 'upright') return share >= LEAST_UPRIGHT;
    const gap = parseFloat(getComputedStyle(row).columnGap) || 0;
    if (chips.reduce((sum, chip) => sum + chip.offsetWidth + gap, -gap) <= room) return true;
  }
  return false;
}

// The lines between words whose middles are `from` and `to`, thin ones first, and the gold links over them.
function drawCurves(svg, view, gold, from, to) {
  const half = RIBBON_HEIGHT / 2;
  const curve = (s, t) => `M${from[s].toFixed(1)},0C${from[s].toFixed(1)},${half} ${to[t].toFixed(1)},${half} ${to[t].toFixed(1)},${RIBBON_HEIGHT}`;
  const drawn = [];
  view.rows.forEach((_, t) => view.columns.forEach((__, s) => {
    const weight = view.at(t, s);
    if (weight >= Math.max(state.least, 0.0005)) drawn.push({ t, s, weight });
  }));
  drawn.sort((a, b) => a.weight - b.weight);
  const paths = drawn.map(({ t, s, weight }) => ({
    t, s, weight,
    path: makeSvg('path', { d: curve(s, t), fill: 'none', 'data-t': t, 'data-s': s, 'stroke-width': (0.7 + 6.5 * weight).toFixed(2), 'stroke-linecap': 'round',
      stroke: colourOf((theme() === 'dark' ? 0.5 : 0.3) + 0.5 * weight), opacity: (0.12 + 0.8 * weight).toFixed(3) }),
  }));
  const links = gold.map(({ t, s, kind }) => makeSvg('path', { d: curve(s, t), fill: 'none', stroke: 'var(--gold)', class: 'gold-link',
    'stroke-width': kind === 'sure' ? 1.8 : 1.2, 'stroke-dasharray': kind === 'sure' ? '6 3' : '2 3' }));
  svg.replaceChildren(...paths.map(each => each.path), ...links);
  return paths;
}

function paintChips(row, weightAt, chosen) {
  [...row.children].forEach((chip, i) => {
    const weight = weightAt ? weightAt(i) : null;
    chip.querySelector('small').textContent = weight == null || weight < 0.005 ? '' : weight.toFixed(2);
    chip.style.background = weight == null ? '' : colourOf(weight);
    chip.style.color = weight == null ? '' : inkOn(weight);
    chip.classList.toggle('at', i === chosen);
  });
}

const TOO_MANY = 'Too many words for ribbons: point at one to see where it looks. The shade of a source word: the most that any target word looks at it.';

function makeRibbons(view, { gold = [], marks = () => [], look = () => {}, title = () => '' } = {}) {
  const few = Math.max(view.rows.length, view.columns.length) <= 12;
  const source = makeChips(view.columns, 's', view.rtl, () => []);
  const target = makeChips(view.rows, 't', view.rtlRows, marks, title);
  const svg = makeSvg('svg', { height: RIBBON_HEIGHT, role: 'img', 'aria-label': 'ribbons of the weights' });
  const stage = make('div', {}, source, svg, target, make('p', { className: 'facts-line', textContent: TOO_MANY }));
  let paths = [];
  let asText = false;

  // Positions are known only once the chips stand in the page; what fits in no form is text, shaded, without ribbons.
  const layOut = (room = stage.parentElement.clientWidth) => {
    svg.setAttribute('width', 1);  // what it was before must not spread the chips
    stage.className = 'stage' + (few ? ' few' : '');
    asText = [source, target].map(row => fitRow(row, few, room)).includes(false);
    if (asText) {
      stage.className = 'stage text';
      [source, target].forEach(row => { row.className = 'words'; });
      paths = [];
      show({});
      return;
    }
    const centres = row => [...row.children].map(chip => chip.offsetLeft + chip.offsetWidth / 2);
    const [from, to] = [centres(source), centres(target)];
    svg.setAttribute('width', Math.max(source.scrollWidth, target.scrollWidth, 1));
    paths = drawCurves(svg, view, gold, from, to);
  };

  for (const [row, side] of [[source, 's'], [target, 't']]) {
    row.addEventListener('mouseover', event => {
      const chip = event.target.closest('.chip');
      if (chip) look({ [side]: Number(chip.dataset[side]) });
    });
  }
  stage.addEventListener('mouseleave', () => look({}));

  const mostOf = s => view.rows.reduce((most, _, t) => Math.max(most, view.at(t, s)), 0);
  const show = ({ t, s }) => {
    for (const each of paths) {
      const on = (t == null || each.t === t) && (s == null || each.s === s);
      each.path.setAttribute('opacity', (t == null && s == null) || !on ? (t == null && s == null ? 0.12 + 0.8 * each.weight : 0.03).toFixed(3) : (0.35 + 0.65 * each.weight).toFixed(3));
    }
    paintChips(source, t != null ? i => view.at(t, i) : asText && s == null ? mostOf : null, s);
    paintChips(target, s == null ? null : i => view.at(i, s), t);
  };
  return { element: stage, show, layOut };
}

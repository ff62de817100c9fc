// ---- ribbons: source above, target below, lines by weight ----
const RIBBON_HEIGHT = 132;
const MOST_LEVEL = 150;  // words of a side; more stand upright, or their lines would fit no screen

function makeChips(groups, side, rtl, few, marks, shown = () => '') {
  const row = make('div', { className: 'words' + (few ? ' few' : ''), dir: rtl ? 'rtl' : 'ltr' });
  groups.forEach((group, i) => {
    const classes = ['chip', group.end && 'end', group.copied && 'copied', ...marks(group)].filter(Boolean).join(' ');
    const number = make('small', {});
    const chip = make('span', { className: classes, title: shown(i), ['data-' + side]: i, style: { minWidth: '34px' } });
    const label = make('bdi', { textContent: group.label });
    chip.append(...(side === 's' ? [number, label] : [label, number]));
    row.append(chip);
  });
  return row;
}

function makeRibbons(view, { gold = [], marks = () => [], look = () => {}, title = () => '' } = {}) {
  const few = Math.max(view.rows.length, view.columns.length) <= 12;
  const source = makeChips(view.columns, 's', view.rtl, few, () => []);
  const target = makeChips(view.rows, 't', view.rtlRows, few, marks, title);
  const svg = makeSvg('svg', { height: RIBBON_HEIGHT, role: 'img', 'aria-label': 'ribbons of the weights' });
  const many = Math.max(view.rows.length, view.columns.length) > MOST_LEVEL;
  const stage = make('div', { className: 'stage' + (few ? ' few' : many ? ' narrow' : '') }, source, svg, target);
  let paths = [];

  // Positions are known only once the chips stand in the page.
  const layOut = () => {
    svg.setAttribute('width', 1);  // what it was before must not spread the chips
    const centres = row => [...row.children].map(chip => chip.offsetLeft + chip.offsetWidth / 2);
    const [from, to] = [centres(source), centres(target)];
    const width = Math.max(source.scrollWidth, target.scrollWidth, 1);
    svg.setAttribute('width', width);
    const curve = (s, t) => `M${from[s].toFixed(1)},0C${from[s].toFixed(1)},${RIBBON_HEIGHT * 0.5} ${to[t].toFixed(1)},${RIBBON_HEIGHT * 0.5} ${to[t].toFixed(1)},${RIBBON_HEIGHT}`;
    const drawn = [];
    view.rows.forEach((_, t) => view.columns.forEach((__, s) => {
      const weight = view.at(t, s);
      if (weight >= Math.max(state.least, 0.0005)) drawn.push({ t, s, weight });
    }));
    drawn.sort((a, b) => a.weight - b.weight);
    paths = drawn.map(({ t, s, weight }) => ({
      t, s, weight,
      path: makeSvg('path', { d: curve(s, t), fill: 'none', 'data-t': t, 'data-s': s, 'stroke-width': (0.7 + 6.5 * weight).toFixed(2), 'stroke-linecap': 'round',
        stroke: colourOf((theme() === 'dark' ? 0.5 : 0.3) + 0.5 * weight), opacity: (0.12 + 0.8 * weight).toFixed(3) }),
    }));
    const links = gold.map(({ t, s, kind }) => makeSvg('path', { d: curve(s, t), fill: 'none', stroke: 'var(--gold)', class: 'gold-link',
      'stroke-width': kind === 'sure' ? 1.8 : 1.2, 'stroke-dasharray': kind === 'sure' ? '6 3' : '2 3' }));
    svg.replaceChildren(...paths.map(each => each.path), ...links);
  };

  for (const [row, side] of [[source, 's'], [target, 't']]) {
    row.addEventListener('mouseover', event => {
      const chip = event.target.closest('.chip');
      if (chip) look({ [side]: Number(chip.dataset[side]) });
    });
  }
  stage.addEventListener('mouseleave', () => look({}));

  const paintChips = (row, weightAt) => [...row.children].forEach((chip, i) => {
    const weight = weightAt ? weightAt(i) : null;
    chip.querySelector('small').textContent = weight == null || weight < 0.005 ? '' : weight.toFixed(2);
    chip.style.background = weight == null ? '' : colourOf(weight);
    chip.style.color = weight == null ? '' : inkOn(weight);
  });
  const show = ({ t, s }) => {
    for (const each of paths) {
      const on = (t == null || each.t === t) && (s == null || each.s === s);
      each.path.setAttribute('opacity', (t == null && s == null) || !on ? (t == null && s == null ? 0.12 + 0.8 * each.weight : 0.03).toFixed(3) : (0.35 + 0.65 * each.weight).toFixed(3));
    }
    paintChips(source, t == null ? null : i => view.at(t, i));
    paintChips(target, s == null ? null : i => view.at(i, s));
    [...source.children].forEach((chip, i) => chip.classList.toggle('at', i === s));
    [...target.children].forEach((chip, i) => chip.classList.toggle('at', i === t));
    const chip = t != null ? target.children[t] : s != null ? source.children[s] : null;
    return chip;
  };
  return { element: stage, show, layOut };
}

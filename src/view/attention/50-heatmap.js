// ---- the heat map: cells on a canvas, labels as text that stays in sight ----
const MOST_PIXELS = 24e6;
const WIDEST_CELL = 80;
const NARROWEST_CELL = 9;  // of one that is made to fit; what needs less is scrolled
const pen = document.createElement('canvas').getContext('2d');
function widthOf(text, font) {
  pen.font = `${font}px system-ui, "Noto Sans", "DejaVu Sans", sans-serif`;
  return pen.measureText(text).width;
}
const widestOf = (groups, font) => groups.reduce((most, group) => Math.max(most, widthOf(group.label, font)), 0);

// The sides of a cell: large ones for short sentences, which take the width that there is.
function cellSize(view, width, room) {
  if (width) {  // of a printed page
    const fits = Math.floor((width - 130) / Math.max(view.columns.length, 1));
    const size = Math.min(Math.max(fits, 4), 24);
    return { w: size, h: Math.max(Math.min(size, 24), 9) };
  }
  const most = Math.max(view.rows.length, view.columns.length);
  const size = state.numbers ? 38 : most <= 14 ? 34 : most <= 30 ? 27 : most <= 60 ? 21 : most <= 150 ? 16 : 13;
  const fits = Math.floor((room - widestOf(view.rows, 14) - 14) / Math.max(view.columns.length, 1));
  const least = state.numbers ? size : NARROWEST_CELL;
  return { w: fits < least ? size : Math.min(fits, WIDEST_CELL), h: Math.min(size, state.numbers ? 26 : 28) };
}

function columnLabel(view, s, cell, font, level) {
  const column = view.columns[s];
  const narrow = level || [...column.label].length === 1;
  const text = make('span', { className: narrow ? 'level' : isCjk(column.label) ? 'upright' : '' }, ...labelled(column.label));
  return make('div', { className: 'column-label', 'data-s': s, title: column.label, style: { width: cell.w + 'px', fontSize: font + 'px' } }, text);
}

function rowLabel(view, t, cell, font, marks) {
  const row = view.rows[t];
  const classes = ['row-label', row.copied && 'copied', ...marks(row)].filter(Boolean).join(' ');
  return make('div', { className: classes, 'data-t': t, title: row.label, style: { height: cell.h + 'px', fontSize: font + 'px' } },
    make('bdi', {}, ...labelled(row.label)));
}

function paintCells(canvas, view, cell, gold) {
  const width = view.columns.length * cell.w;
  const height = view.rows.length * cell.h;
  const sharp = Math.max(window.devicePixelRatio || 1, 2);
  const scale = Math.min(sharp, Math.sqrt(MOST_PIXELS / Math.max(width * height, 1)), 16000 / Math.max(width, height, 1));
  canvas.width = Math.max(Math.round(width * scale), 1);
  canvas.height = Math.max(Math.round(height * scale), 1);
  Object.assign(canvas.style, { width: width + 'px', height: height + 'px' });
  const paint = canvas.getContext('2d');
  paint.scale(scale, scale);
  paint.fillStyle = colourOf(0);
  paint.fillRect(0, 0, width, height);
  const left = s => (view.rtl ? view.columns.length - 1 - s : s) * cell.w;
  view.rows.forEach((_, t) => view.columns.forEach((__, s) => {
    const weight = view.at(t, s);
    if (weight < 0.002) return;
    paint.fillStyle = colourOf(weight);
    paint.fillRect(left(s), t * cell.h, cell.w, cell.h);
  }));
  if (cell.w >= 13) paintGrid(paint, view, cell, width, height);
  if (state.numbers && cell.w >= 30) paintNumbers(paint, view, cell, left);
  paint.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue('--gold');
  for (const { t, s, kind } of gold) {
    paint.lineWidth = kind === 'sure' ? 2 : 1.5;
    paint.setLineDash(kind === 'sure' ? [] : [3, 2]);
    paint.strokeRect(left(s) + 1.5, t * cell.h + 1.5, cell.w - 3, cell.h - 3);
  }
}

function paintGrid(paint, view, cell, width, height) {
  paint.fillStyle = theme() === 'dark' ? 'rgb(255 255 255 / 6%)' : 'rgb(0 0 0 / 6%)';
  for (let s = 1; s < view.columns.length; ++s) paint.fillRect(s * cell.w - 0.5, 0, 1, height);
  for (let t = 1; t < view.rows.length; ++t) paint.fillRect(0, t * cell.h - 0.5, width, 1);
}

function paintNumbers(paint, view, cell, left) {
  paint.font = '11px ui-monospace, "DejaVu Sans Mono", monospace';
  paint.textAlign = 'center';
  paint.textBaseline = 'middle';
  view.rows.forEach((_, t) => view.columns.forEach((__, s) => {
    const weight = view.at(t, s);
    if (weight < 0.005) return;
    paint.fillStyle = inkOn(weight);
    paint.fillText(weight.toFixed(2), left(s) + cell.w / 2, t * cell.h + cell.h / 2 + 0.5);
  }));
}

// `look({t, s})` is called with what the pointer is on; either may be missing. Returns the element, and a function that
// shows what is looked at.
function makeHeatmap(view, { gold = [], marks = () => [], look = () => {}, width = 0 } = {}) {
  const cell = cellSize(view, width, cardRoom());
  const font = Math.min(Math.max(Math.min(cell.h - 2, cell.w - 1), width ? 6 : 8.5), 14);
  const level = widestOf(view.columns, font) + 6 <= cell.w;
  const canvas = make('canvas', { role: 'img', 'aria-label': 'heat map of the weights' });
  paintCells(canvas, view, cell, gold);
  const bands = [make('div', { className: 'band' }), make('div', { className: 'band' })];
  const cells = make('div', { className: 'cells' }, canvas, ...bands);
  const columns = make('div', { className: 'column-labels' }, ...view.columns.map((_, s) => columnLabel(view, s, cell, font, level)));
  if (view.rtl) columns.style.flexDirection = 'row-reverse';
  const rows = make('div', { className: 'row-labels' }, ...view.rows.map((_, t) => rowLabel(view, t, cell, font, marks)));
  const map = make('div', { className: 'map' }, make('div', { className: 'corner' }), columns, rows, cells);

  const place = s => (view.rtl ? view.columns.length - 1 - s : s);
  cells.addEventListener('mousemove', event => {
    const box = canvas.getBoundingClientRect();
    const t = Math.floor((event.clientY - box.top) / cell.h);
    const s = place(Math.floor((event.clientX - box.left) / cell.w));
    if (view.rows[t] && view.columns[s]) look({ t, s });
  });
  columns.addEventListener('mouseover', event => {
    const label = event.target.closest('.column-label');
    if (label) look({ s: Number(label.dataset.s) });
  });
  rows.addEventListener('mouseover', event => {
    const label = event.target.closest('.row-label');
    if (label) look({ t: Number(label.dataset.t) });
  });
  map.addEventListener('mouseleave', () => look({}));

  let pointed = [];
  const show = ({ t, s }) => {
    pointed.forEach(label => label.classList.remove('at'));
    pointed = [t == null ? null : rows.children[t], s == null ? null : columns.children[s]].filter(Boolean);
    pointed.forEach(label => label.classList.add('at'));
    Object.assign(bands[0].style, t == null ? { display: 'none' } : { display: 'block', left: 0, right: 0, top: t * cell.h + 'px', height: cell.h + 'px' });
    Object.assign(bands[1].style, s == null ? { display: 'none' } : { display: 'block', top: 0, bottom: 0, left: place(s) * cell.w + 'px', width: cell.w + 'px' });
  };
  return { element: map, show };
}

// A small one without labels, of which many stand beside each other.
function makeSmallMap(view) {
  const size = Math.min(Math.max(Math.floor(190 / Math.max(view.columns.length, 1)), 2), 14);
  const canvas = make('canvas', { role: 'img', 'aria-label': 'heat map of a head' });
  paintCells(canvas, view, { w: size, h: size }, []);
  return canvas;
}

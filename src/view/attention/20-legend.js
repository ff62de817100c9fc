// ---- what colours and marks mean ----
function makeLegend(view, gold) {
  const stops = Array.from({ length: 9 }, (_, i) => colourOf(i / 8)).join(',');
  const legend = make('span', { className: 'legend' }, 'weight',
    make('span', { className: 'ramp' }, make('i', { style: { background: `linear-gradient(to right, ${stops})` } }),
      make('div', {}, ...['0', '0.25', '0.5', '0.75', '1'].map(text => make('span', { textContent: text })))));
  if (gold.length) {
    const marks = [['sure', 'gold, sure'], ['possible', 'gold, possible']].filter(([kind]) => gold.some(link => link.kind === kind));
    for (const [kind, text] of marks) legend.append(make('span', {}, make('span', { className: 'mark ' + kind }), ' ' + text));
  }
  if (view.rows.some(row => row.copied)) legend.append(make('span', {}, make('span', { className: 'chip copied', textContent: 'word' }), ' copied'));
  return legend;
}

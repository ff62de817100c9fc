// ---- colours of weights ----
const RAMP_STEPS = 256;
const ramps = {};

function rampOf(theme) {
  if (ramps[theme]) return ramps[theme];
  const stops = DATA.scales[theme];
  const ramp = [];
  for (let i = 0; i < RAMP_STEPS; ++i) {
    const at = (i / (RAMP_STEPS - 1)) * (stops.length - 1);
    const step = Math.min(Math.floor(at), stops.length - 2);
    ramp.push(stops[step].map((channel, c) => Math.round(channel + (stops[step + 1][c] - channel) * (at - step))));
  }
  return (ramps[theme] = ramp);
}

const theme = () => document.documentElement.dataset.theme;
const shadeOf = weight => rampOf(theme())[Math.round(Math.min(Math.max(weight, 0), 1) * (RAMP_STEPS - 1))];
const colourOf = weight => `rgb(${shadeOf(weight).join(' ')})`;
// Black or white, whichever is read better on the colour of the weight.
function inkOn(weight) {
  const [red, green, blue] = shadeOf(weight).map(channel => (channel / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.22 ? '#000' : '#fff';
}

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

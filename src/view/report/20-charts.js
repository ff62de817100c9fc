// ---- charts: lines with values under the pointer, and bars ----
const BOX = { width: 420, height: 210, left: 48, right: 12, top: 10, bottom: 34 };
const SMALL_BOX = { width: 290, height: 170, left: 42 };  // of many beside each other

// Round steps that make about `count` ticks.
function ticksOf(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find(factor => factor * power >= raw) * power;
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-6; tick += step) ticks.push(Number(tick.toPrecision(12)));
  return ticks;
}

function frame(options, x, y, box) {
  const svg = draw('svg', { class: 'chart', viewBox: `0 0 ${box.width} ${box.height}`, role: 'img', 'aria-label': options.title });
  const floor = box.height - box.bottom;
  const names = tickNames(options.yTicks);
  options.yTicks.forEach((tick, i) => {
    svg.append(draw('line', { class: 'grid', x1: box.left, x2: box.width - box.right, y1: y(tick), y2: y(tick) }),
               draw('text', { x: box.left - 5, y: y(tick) + 4, 'text-anchor': 'end' }, names[i] + (options.unit || '')));
  });
  for (const [tick, label, below] of options.xTicks) {
    svg.append(draw('text', { x: x(tick), y: floor + 15, 'text-anchor': 'middle' }, label));
    if (below != null) svg.append(draw('text', { class: 'faint', x: x(tick), y: floor + 28, 'text-anchor': 'middle' }, below));
  }
  svg.append(draw('line', { class: 'grid', x1: box.left, x2: box.width - box.right, y1: floor, y2: floor }),
             draw('text', { x: (box.left + box.width - box.right) / 2, y: box.height - 3, 'text-anchor': 'middle' }, options.xName));
  return svg;
}

// series: [{name, run, points: [[x, y, note, faint]], dots, thin}]; what is faint says little: a dot beside the line.
function lineChart(options) {
  const box = { ...BOX, ...options.box };
  const known = options.series.flatMap(one => one.points).filter(([, value]) => value != null);
  const firm = known.filter(point => !point[3]);
  const all = firm.length ? firm : known;  // what scales the chart
  const figure = make('figure', {}, make('h3', {}, options.title));
  if (!all.length) return figure.append(make('p', { class: 'note' }, 'no data')), figure;
  const xs = known.map(point => point[0]);
  const values = all.map(point => point[1]).sort((a, b) => a - b);
  // Of curves that start very high the tail is what matters.
  const cut = options.clip && values.length > 20 ? values[Math.floor(values.length * 0.97)] * 1.15 : values[values.length - 1];
  const low = options.fromZero ? 0 : values[0];
  let high = Math.min(cut, values[values.length - 1]);
  if (high <= low) high = low + (Math.abs(low) * 0.1 || 1);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const floor = box.height - box.bottom;
  const x = value => box.left + (right > left ? (value - left) / (right - left) : 0.5) * (box.width - box.left - box.right);
  const y = value => floor - (Math.min(value, high) - low) / (high - low) * (floor - box.top);
  const xTicks = options.xTicks || ticksOf(left, right, box.width < BOX.width ? 5 : 6).map(tick => [tick, shortNumber(tick)]);
  const svg = frame({ ...options, xTicks, yTicks: ticksOf(low, high, box.width < BOX.width ? 4 : 5) }, x, y, box);
  for (const one of options.series) {
    const points = one.points.filter(([, value]) => value != null);
    const path = points.filter(point => !point[3]).map(([px, py], i) => (i ? 'L' : 'M') + x(px).toFixed(1) + ' ' + y(py).toFixed(1)).join('');
    svg.append(draw('path', { class: `line run${one.run}${one.thin ? ' thin' : ''}`, d: path }));
    if (one.dots) for (const [px, py, , faint] of points) svg.append(draw('circle', { class: `fill${one.run}${faint ? ' faint' : ''}`, cx: x(px), cy: y(py), r: faint ? 3 : 2.6 }));
  }
  follow(svg, options, x, box);
  figure.append(svg);
  return figure;
}

// The values of all series nearest to the pointer.
function follow(svg, options, x, box) {
  const rule = draw('line', { class: 'rule', y1: box.top, y2: box.height - box.bottom, visibility: 'hidden' });
  svg.append(rule);
  svg.addEventListener('pointermove', event => {
    const at = (event.clientX - svg.getBoundingClientRect().left) / svg.getBoundingClientRect().width * box.width;
    let nearest = null;
    for (const one of options.series) {
      for (const point of one.points) {
        if (nearest == null || Math.abs(x(point[0]) - at) < Math.abs(x(nearest) - at)) nearest = point[0];
      }
    }
    const lines = [options.xText ? options.xText(nearest) : `${options.xName} ${fullNumber(nearest)}`];
    for (const one of options.series) {
      let best = null;
      for (const point of one.points) if (!best || Math.abs(point[0] - nearest) < Math.abs(best[0] - nearest)) best = point;
      if (best) lines.push(`${one.name}: ${fullNumber(best[1])}${best[2] ? '  ' + best[2] : ''}`);
    }
    rule.setAttribute('x1', x(nearest));
    rule.setAttribute('x2', x(nearest));
    rule.setAttribute('visibility', 'visible');
    showTip(event, lines.join('\n'));
  });
  svg.addEventListener('pointerleave', () => { rule.setAttribute('visibility', 'hidden'); hideTip(); });
}

// series: [{name, run, counts}]; shares of each series' sum, beside each other.
function barChart(options) {
  const box = { ...BOX, ...options.box };
  const bins = options.series[0].counts.length;
  const shares = options.series.map(one => {
    const sum = one.counts.reduce((a, b) => a + b, 0) || 1;
    return one.counts.map(count => 100 * count / sum);
  });
  const high = Math.max(1e-9, ...shares.flat());
  const floor = box.height - box.bottom;
  const x = place => box.left + place / bins * (box.width - box.left - box.right);
  const y = value => floor - value / high * (floor - box.top);
  const svg = frame({ ...options, unit: ' %', yTicks: ticksOf(0, high, 4) }, x, y, box);
  const width = (x(1) - x(0)) * 0.86 / options.series.length;
  shares.forEach((run, r) => run.forEach((share, i) => {
    const rectangle = draw('rect', { class: 'fill' + options.series[r].run, x: x(i) + (x(1) - x(0)) * 0.07 + r * width, y: y(share), width, height: Math.max(0, floor - y(share)) });
    rectangle.addEventListener('pointermove', event => showTip(event, `${options.series[r].name}\n${options.binName(i)}: ${options.series[r].counts[i]} (${share.toFixed(1)} %)`));
    rectangle.addEventListener('pointerleave', hideTip);
    svg.append(rectangle);
  }));
  return make('figure', {}, make('h3', {}, options.title), svg);
}

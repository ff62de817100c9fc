// ---- colours of weights: DATA.scales has their stops ----
const RAMP_STEPS = 256;
const ramps = {};

function rampOf(theme) {
  if (ramps[theme]) return ramps[theme];
  const stops = DATA.scales[theme];
  const colours = [];
  for (let i = 0; i < RAMP_STEPS; ++i) {
    const at = (i / (RAMP_STEPS - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(at), stops.length - 2);
    colours.push(stops[below].map((channel, c) => Math.round(channel + (stops[below + 1][c] - channel) * (at - below))));
  }
  return (ramps[theme] = colours);
}

const theme = () => document.documentElement.dataset.theme;
const shadeOf = weight => rampOf(theme())[Math.round(Math.min(Math.max(weight, 0), 1) * (RAMP_STEPS - 1))];
const colourOf = weight => `rgb(${shadeOf(weight).join(' ')})`;
// Black or white, whichever is read better on the colour of the weight.
function inkOn(weight) {
  const [red, green, blue] = shadeOf(weight).map(channel => (channel / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.22 ? '#000' : '#fff';
}

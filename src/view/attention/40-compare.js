// ---- what differs between two translations ----
// Words, or tokens where the whole is one word.
function unitsOf(translation) {
  const words = groupsOf(translation, true).filter(group => !group.end);
  return words.length > 1 ? words : groupsOf(translation, false).filter(group => !group.end);
}

// Pairs [i, j] of a longest common subsequence.
function commonUnits(a, b) {
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; --i) {
    for (let j = b.length - 1; j >= 0; --j) {
      longest[i * width + j] = a[i].label === b[j].label ? longest[(i + 1) * width + j + 1] + 1
        : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const pairs = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i].label === b[j].label) pairs.push([i++, j++]);
    else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) ++i;
    else ++j;
  }
  return pairs;
}

function strongestWord(sentence, translation, unit) {
  const columns = groupsOf(sentence, true);
  const steps = weightsOf(sentence, translation, -1, -1);
  let strongest = -2;
  let most = -1;
  for (const column of columns) {
    let sum = 0;
    for (const i of unit.tokens) for (const j of column.tokens) sum += steps[i * sentence.tokens.length + j];
    if (sum > most) [most, strongest] = [sum, column.word];
  }
  return strongest;
}

// For each of two panels the target tokens that the other does not have, and those that look at another source word.
function compare(panels) {
  const sides = panels.map(panel => ({ panel, units: unitsOf(panel.translation) }));
  const pairs = commonUnits(sides[0].units, sides[1].units);
  sides.forEach(({ panel, units }, side) => {
    const common = new Set(pairs.map(pair => pair[side]));
    panel.differing = new Set(units.filter((_, i) => !common.has(i)).flatMap(unit => unit.tokens));
    panel.differingWords = new Set(units.filter((_, i) => !common.has(i)).map(unit => unit.word));
    panel.elsewhere = new Set();
  });
  if (panels.some(panel => panel.translation.attention == null)) return;  // a model without attention looks nowhere
  for (const pair of pairs) {
    const looks = sides.map(({ panel, units }, side) => strongestWord(panel.data, panel.translation, units[pair[side]]));
    if (looks[0] === looks[1]) continue;
    sides.forEach(({ panel, units }, side) => units[pair[side]].tokens.forEach(token => panel.elsewhere.add(token)));
  }
}

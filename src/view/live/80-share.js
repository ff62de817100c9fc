// ---- sharing: this page with the answers in it, and the JSON lines ----
const filesDialog = find('files');
const downloads = find('downloads');

// As `heed view` puts data into a page: nothing in it ends the element that holds it.
const escapedJson = data => JSON.stringify(data).replace(/[<>&]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));

function sharedPage(shared) {
  const from = TEMPLATE.indexOf('>', TEMPLATE.indexOf('id="data"')) + 1;
  const data = { ...DATA, shared };
  return (TEMPLATE.slice(0, from) + escapedJson(data) + TEMPLATE.slice(TEMPLATE.indexOf('</' + 'script>', from))).replace("; connect-src 'self'", '');
}

function download(name, type, text) {
  const link = make('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Every sentence in full, as it is shown: what is not there yet is asked for.
async function complete() {
  const { signal } = new AbortController();
  const jobs = sides.flatMap((_, side) => parted(side, lines.filter(line => isMissing(side, line, true)), true));
  for (const job of jobs) {
    tell('Fetching the attention of all sentences …');
    await answersTo(job, signal);
  }
  tell('');
  return lines.filter(line => !isBlank(line)).map(line => ({ line, of: sides.map((_, side) => shownOf(side, line).answer) }));
}

const fileName = side => (sides[side].model || 'heed').replace(/[^\p{L}\p{N}._-]+/gu, '-');
const nameOfSearch = ({ model, beam }) => `${model}, ${beam > 1 ? 'beam ' + beam : 'greedy'}`;

async function downloadPage() {
  const all = await complete();
  const shared = {
    sides, listed, models, sentence: Math.max(all.findIndex(({ line }) => line === chosenLine()), 0), beam: state.beam, lines: all.map(({ line: { source: text, prefix, own, must, mustNot }, of }) => ({ source: text, prefix, own, must, mustNot, answers: of })),
  };
  download(`${fileName(0)}.html`, 'text/html', sharedPage(shared));
}

async function downloadLines(side) {
  const all = await complete();
  download(`${fileName(side)}${side ? '-2' : ''}.jsonl`, 'application/jsonl', all.map(({ of }) => JSON.stringify(of[side]) + '\n').join(''));
}

function shareFiles() {
  if (SHARED) return;
  const button = (name, text, act) => make('button', { type: 'button', 'data-file': name, textContent: text, on: { click: () => act().then(() => filesDialog.close(), error => tell(error.message)) } });
  downloads.replaceChildren(button('page', 'Page (HTML)', downloadPage),
    ...sides.map((side, i) => button('lines', sides.length > 1 ? `JSON lines of ${nameOfSearch(side)}` : 'JSON lines', () => downloadLines(i))));
  filesDialog.showModal();
}

// A page that was shared shows what it holds.
function openShared() {
  models = SHARED.models;
  sides.splice(0, sides.length, ...SHARED.sides);
  listed = SHARED.listed;
  state.beam = SHARED.beam;
  lines = SHARED.lines.map(line => ({ ...newLine(line.source), ...line, shown: line.answers }));
  if (!lines.length) lines = [newLine('')];
  state.sentence = SHARED.sentence;
  document.documentElement.dataset.shared = '';
  source.value = lines.map(line => line.source).join('\n');
  source.readOnly = true;
}

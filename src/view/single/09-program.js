// ---- the program in the page: asked in place of a server ----
// The page has it, and the files of a bundle, in script elements of type "application/octet-stream": base64, most of it
// of gzip. A worker runs it, so that the page never waits.

// The worker, whole: it becomes a text, and sees nothing that stands outside.
function runProgram() {
  const MISSING = 52;  // ENOSYS: what WASI asks of a system, and a page has not
  const utf8 = new TextEncoder();
  const text = new TextDecoder();
  let heed = null;

  const bytesOf = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  async function unpacked({ data, packed }) {
    const bytes = bytesOf(data);
    if (!packed) return bytes;
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(new self.DecompressionStream('gzip'))).arrayBuffer());
  }

  // Bytes in the program's memory while `use` works with their place and their number.
  function lend(bytes) {
    const at = heed.heed_take(bytes.length);
    if (!at) throw new Error('there is not enough memory');
    new Uint8Array(heed.memory.buffer, at, bytes.length).set(bytes);
    return at;
  }
  function withTexts(texts, use) {
    const lent = texts.map(each => utf8.encode(each)).map(bytes => [lend(bytes), bytes.length]);
    const status = use(...lent.flat());
    lent.forEach(([at]) => heed.heed_give_back(at));
    return status;
  }
  const answer = () => text.decode(new Uint8Array(heed.memory.buffer, heed.heed_answer(), heed.heed_answer_bytes()));

  const system = {
    proc_exit(code) { throw new Error('the program ended with ' + code); },
    environ_sizes_get(count, size) {
      const view = new DataView(heed.memory.buffer);
      view.setUint32(count, 0, true);
      view.setUint32(size, 0, true);
      return 0;
    },
    environ_get: () => 0,
    clock_time_get(_clock, _precision, at) {
      const view = new DataView(heed.memory.buffer);
      const now = Math.round(1e6 * performance.now());  // ns
      view.setUint32(at, now % 2 ** 32, true);
      view.setUint32(at + 4, Math.floor(now / 2 ** 32), true);
      return 0;
    },
  };

  async function open({ name, files }) {
    const program = await WebAssembly.compile(await unpacked(files.find(each => each.name === 'heed.wasm')));
    const imports = {};
    for (const { module, name: asked } of WebAssembly.Module.imports(program)) {
      imports[module] = imports[module] || {};
      imports[module][asked] = system[asked] || (() => MISSING);
    }
    heed = (await WebAssembly.instantiate(program, imports)).exports;
    heed._initialize();
    for (const file of files) {
      if (file.name === 'heed.wasm') continue;
      const bytes = await unpacked(file);
      const at = lend(bytes);
      withTexts([file.name], (word, length) => heed.heed_add(word, length, at, bytes.length));
    }
    const status = withTexts([name], heed.heed_open);
    return { status, body: status === 200 ? '{}' : answer() };
  }
  function answerTo({ what, body }) {
    const status = withTexts([what, body], heed.heed_ask);
    return { status, body: answer() };
  }

  // After a fault in the program, or in opening it, nothing more is right.
  const refusal = message => ({ status: 500, body: JSON.stringify({ error: { code: 'internal', message } }) });
  let fault = '';
  async function told(question) {
    if (fault) return refusal(fault);
    try {
      return await (question.what ? answerTo(question) : open(question));
    } catch (error) {
      return refusal(`the program of this page failed (${error.message})`);
    }
  }
  // The page sends a question when the one before is answered.
  onmessage = async ({ data }) => {
    const reply = await told(data);
    if (reply.status === 500 || (!data.what && reply.status !== 200)) fault = JSON.parse(reply.body).error.message;
    postMessage(reply);
  };
}

// The files leave the page as they are handed over: what is shared as a file has none of them.
function takeFiles() {
  const found = [...document.querySelectorAll('script[type="application/octet-stream"]')];
  found.forEach(element => element.remove());
  return found.map(element => ({ name: element.dataset.file, packed: element.dataset.packed === 'gzip', data: element.textContent }));
}

// At most one question is with the worker, so that one that is overtaken meanwhile costs nothing.
const program = { worker: null, waiting: [], current: null };

function nextQuestion() {
  program.current = null;
  while (program.waiting.length) {
    const question = program.waiting.shift();
    if (question.signal && question.signal.aborted) {
      question.fail(overtaken());
      continue;
    }
    program.current = question;
    program.worker.postMessage(question.data);
    return;
  }
}

function startProgram() {
  const code = new Blob([`(${runProgram})()`], { type: 'text/javascript' });
  program.worker = new Worker(URL.createObjectURL(code));
  program.worker.onmessage = ({ data }) => {
    program.current.settle(data);
    nextQuestion();
  };
  program.worker.onerror = event => program.current && program.current.fail(new Refused(`The program of this page failed. (${event.message})`));
  tellProgram({ name: DATA.name, files: takeFiles() });
}

function tellProgram(data, signal) {
  return new Promise((settle, fail) => {
    program.waiting.push({ data, signal, settle, fail });
    if (!program.current) nextQuestion();
  });
}

async function ask(what, body, signal) {
  const { status, body: told } = await tellProgram({ what, body: JSON.stringify(body || {}) }, signal);
  if (signal && signal.aborted) throw overtaken();
  const answer = JSON.parse(told);
  if (status !== 200) throw new Refused(answer.error.message, { status });
  return answer;
}

if (!DATA.shared) startProgram();

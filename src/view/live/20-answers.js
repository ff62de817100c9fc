// ---- answers: an object of the JSON lines becomes what panels show ----
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const JOINER = '\uffed';
const EOS = '</s>';

// As src/view/labels.cpp: control characters, direction marks and blank tokens are made visible.
const MOVES_TEXT = /[\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufffe\uffff]/;
function visibleText(text) {
  return [...text].map(c => {
    const code = c.codePointAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    if (code > 0x7f && code < 0xa0) return '\\x' + code.toString(16);
    return MOVES_TEXT.test(c) ? `\\u{${code.toString(16)}}` : c;
  }).join('');
}
function visibleLabel(token) {
  if (!token) return '""';
  if (/^\s+$/.test(token)) return '\u2423';
  return (/^\p{M}+$/u.test(token) ? '\u25cc' : '') + visibleText(token);
}

const isEnd = (tokens, t) => t + 1 === tokens.length && tokens[t] === EOS;
function wordLabel(tokens) {
  const label = tokens.map(token => (token.length > 2 && token.endsWith('@@') ? token.slice(0, -2) : token)).join('');
  return label.replaceAll(MARK, '').replaceAll(JOINER, '') || label;
}

// For each token the word between spaces that it is a part of, by the bytes that it stands for; -1 of EOS. A space, or a
// token without text, is of the word that comes next.
function wordsOf(text, tokens, ranges) {
  const bytes = encoder.encode(text);
  const blank = byte => byte === 32 || (byte >= 9 && byte <= 13);
  const wordAt = [];
  let count = 0;
  bytes.forEach((byte, i) => {
    if (!blank(byte) && (i === 0 || blank(bytes[i - 1]))) ++count;
    wordAt.push(blank(byte) ? -1 : count - 1);
  });
  const words = tokens.map((_, t) => (ranges[t] ? wordAt.slice(...ranges[t]).find(word => word >= 0) : undefined));
  let next = Math.max(count - 1, 0);
  for (let t = tokens.length - 1; t >= 0; --t) {
    if (words[t] !== undefined) next = words[t];
    else words[t] = isEnd(tokens, t) ? -1 : next;
  }
  return words;
}

function viewedTokens(text, tokens, ranges) {
  const words = wordsOf(text, tokens, ranges);
  const groups = groupsOf({ tokens, words }, true);
  return { tokens: tokens.map(visibleLabel), words, word_labels: groups.map(group => visibleLabel(wordLabel(group.parts))) };
}

// A branch has no text: its words are told by the marks of tokens, as src/view/words.cpp does.
function viewedTrace(trace) {
  const spaces = trace.some(({ token }) => token.startsWith(MARK));
  const opens = (token, before) => (spaces ? token.startsWith(MARK) : !token.startsWith(JOINER) && !before.endsWith(JOINER) && !before.endsWith('@@'));
  const parts = [];
  const words = [];
  trace.forEach(({ token, parent }) => {
    const before = parent < 0 ? '' : trace[parent].token;
    const joins = token !== EOS && parent >= 0 && !opens(token, before);
    words.push(token === EOS ? -1 : parent < 0 ? 0 : words[parent] + (joins ? 0 : 1));
    parts.push(joins ? [...parts[parent], token] : [token]);
  });
  let rows = 0;
  return {
    parent: trace.map(each => each.parent), token: trace.map(each => visibleLabel(each.token)), word: words, word_label: parts.map(each => visibleLabel(wordLabel(each))),
    log_probability: trace.map(each => each.log_probability), score: trace.map(each => each.score), state: trace.map(each => each.state),
    row: trace.map(each => (each.attention ? rows++ : -1)), attention: trace.filter(each => each.attention).map(each => each.attention),
  };
}

const viewedLayers = (layers, names) => layers.map((heads, i) => ({ name: (names || [])[i] || `layer ${i + 1}`, heads }));

function viewedTranslation(translation, names) {
  const { text, tokens, ranges, score, log_probability: sum, token_log_probabilities: numbers } = translation;
  return {
    raw: translation, text: visibleText(text), score, log_probability: sum, ...viewedTokens(text, tokens, ranges), attention: translation.attention || null,
    ...(numbers && { log_probabilities: numbers }), ...(translation.copied && { copied: translation.copied }),
    ...(translation.attention_layers && { layers: viewedLayers(translation.attention_layers, names) }),
  };
}

const viewed = new WeakMap();
function viewedOf(answer) {
  if (!viewed.has(answer)) {
    const { source, source_tokens: tokens, source_ranges: ranges, trace } = answer;
    viewed.set(answer, {
      raw: answer, source: visibleText(source), ...viewedTokens(source, tokens || [], ranges || []),
      translations: answer.translations.map(each => viewedTranslation(each, answer.attention_names)),
      ...(trace && { trace: viewedTrace(trace) }), ...(answer.trace_cut && { trace_cut: true }),
    });
  }
  return viewed.get(answer);
}

// What `POST score` says of a text is an answer like another.
function answerOfScore(score) {
  const { source, source_tokens, source_ranges, attention_names, target, target_tokens: tokens, ranges, log_probability, log_probabilities, attention, attention_layers, copied } = score;
  return {
    source, source_tokens, source_ranges, ...(attention_names && { attention_names }), translations: [{
      text: target, tokens, ranges, score: log_probability / Math.max(tokens.length, 1), log_probability, token_log_probabilities: log_probabilities,
      ...(attention && { attention }), ...(attention_layers && { attention_layers }), ...(copied && { copied }),
    }],
  };
}

// Where tokens are parts of words, and there are several words, words are shown first.
function showsWordsFirst({ raw, words }) {
  const isPiece = token => (token.length > 1 && token.startsWith(MARK)) || (token.length > 2 && token.endsWith('@@'));
  return words.some(word => word > 0) && [raw.source_tokens, ...raw.translations.map(each => each.tokens)].some(tokens => tokens.some(isPiece));
}

// ---- the words of a translation that can be clicked: where each begins and ends in the text ----
function placesOf(translation) {
  const { text, ranges } = translation.raw;
  const bytes = encoder.encode(text);
  const cut = (begin, end) => decoder.decode(bytes.subarray(begin, end));
  let at = 0;
  const places = [];
  for (const unit of unitsOf(translation)) {
    const known = unit.tokens.map(t => ranges[t]).filter(Boolean);
    if (!known.length) continue;
    const begin = Math.max(known[0][0], at);
    const end = Math.max(known[known.length - 1][1], begin);
    if (end === begin) continue;
    const word = cut(begin, end);
    const blank = word.length - word.trimStart().length;  // a token may begin with the space before it
    places.push({ before: cut(at, begin) + word.slice(0, blank), prefix: cut(0, begin) + word.slice(0, blank), word: word.slice(blank), tokens: unit.tokens, numbers: numbersOf(translation, unit.tokens) });
    at = end;
  }
  return { places, after: cut(at, bytes.length) };
}

// The log-probability of a unit and of each of its tokens; nothing where they were not asked for.
function numbersOf({ raw }, tokens) {
  const all = raw.token_log_probabilities;
  if (!all) return null;
  return { sum: tokens.reduce((sum, t) => sum + all[t], 0), tokens: tokens.map(t => ({ token: visibleLabel(raw.tokens[t]), value: all[t] })) };
}

// ---- the sentences of the page ----
const MODELS = DATA.models;
const SENTENCES = MODELS[0].sentences;
// What panels ask for (attention/80-panel.js).
const sentenceOf = model => MODELS[model].sentences[state.sentence];
const nameOfModel = model => MODELS[model].name;

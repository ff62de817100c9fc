// ---- the page as it came, before anything was drawn: what is shared is it with the answers in its data ----
const TEMPLATE = '<!doctype html>\n' + document.documentElement.outerHTML + '</html>\n';

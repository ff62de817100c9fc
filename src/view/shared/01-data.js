// ---- the data of the page ----
const find = id => document.getElementById(id);
const DATA = JSON.parse(find('data').textContent);

// ---- scripts ----
const RTL = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/gu;
const CJK = /^[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\u{20000}-\u{313ff}]+$/u;
function isRtl(text) {
  const right = (text.match(RTL) || []).length;
  return right > 0 && right * 2 > (text.match(/\p{L}/gu) || []).length;
}
// The mark of a space stands with what it begins.
const isCjk = text => CJK.test(text.startsWith(DATA.space_mark) ? text.slice(DATA.space_mark.length) : text);

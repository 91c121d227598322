/* What app/core/numbers.py reads: Western, Arabic or Urdu digits, either decimal sign; NaN where there is no number. */
const GROUPED = /^[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d*)?$/;

export function readNumber(typed) {
  const western = typed.trim().replace(/[٠-٩۰-۹]/g, (sign) => String(sign.charCodeAt(0) & 15));
  const plain = western.replaceAll("٫", ".").replaceAll("٬", ",").replace(/[%٪]/g, "").trim();
  if (plain.includes(",") && !GROUPED.test(plain)) return NaN;
  return Number(plain.replaceAll(",", "") || NaN);
}

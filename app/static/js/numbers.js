/* What app/core/numbers.py reads: Western, Arabic or Urdu digits, either decimal sign; NaN where there is no number. */
export function readNumber(typed) {
  const western = typed.trim().replace(/[٠-٩۰-۹]/g, (sign) => String(sign.charCodeAt(0) & 15));
  return Number(western.replaceAll("٫", ".").replace(/[,٬%٪]/g, "") || NaN);
}

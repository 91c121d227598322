/* Sizes as every page writes them. */
const MEGABYTE = 1e6;

/* bytes as megabytes, in digits, without the unit. */
export const megabytes = (bytes) =>
  (bytes / MEGABYTE).toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

// Words for what was measured and noted.

/** With a capital letter in front. */
export const sentence = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** The worst thing that was measured, in words. */
export function why({ expansion, shrinkage, seam, adherence, judge }) {
  if (expansion > 0.02) return "the product seemed to grow";
  if (shrinkage > 0.02) return "part of the product was covered";
  if (seam > 0.15) return "a visible seam";
  if (adherence < 0.4) return "not what was asked";
  return `the judge gave it ${Math.round(judge * 100)} %`;
}

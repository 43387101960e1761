// Measured numbers as people write them where they are.

const SHORT = { maximumSignificantDigits: 3, maximumFractionDigits: 4, roundingPriority: "lessPrecision" };

/** Three digits that say something, no more than four of them behind the point, and no powers of ten. */
export const inFigures = (value) => value.toLocaleString([], SHORT);

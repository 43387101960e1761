// Measured numbers as people write them where they are.

/** Three digits that say something, and no powers of ten. */
export const inFigures = (value) => value.toLocaleString([], { maximumSignificantDigits: 3 });

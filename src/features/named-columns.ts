/** Columns under their names, in the order of a feature set. */
export type NamedColumns = Readonly<Record<string, Float64Array>>;

/** One column and its name: what a feature set is made of, one at a time. */
export type NamedColumn = readonly [name: string, values: Float64Array];

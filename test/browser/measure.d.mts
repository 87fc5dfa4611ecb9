export interface Measures {
  /** Pixels. The page can be scrolled sideways if `scrollWidth` exceeds `clientWidth`. */
  readonly scrollWidth: number;
  readonly clientWidth: number;
  readonly scrollHeight: number;
  /** The visible words in the window before anything is scrolled, with single spaces. */
  readonly firstScreen: string;
}

interface VisibleWord {
  readonly word: string;
  readonly box: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

export declare function measure(visibleWords: Iterable<VisibleWord>): Measures;
export declare function findVisibleWords(): Generator<VisibleWord>;

// Plain JavaScript without imports, because each function is sent to the browser as text.

/** Returns the page's size, and its visible words in the window, of which two elements can share one: `<b>1</b>st`. */
export function measure(visibleWords) {
  const { scrollWidth, clientWidth, scrollHeight } = document.documentElement;
  let firstScreen = "";
  let last = { right: 0, top: 0, bottom: 0 };
  for (const { word, box } of visibleWords) {
    const adjoins = Math.abs(box.left - last.right) < 1 && box.top < last.bottom && last.top < box.bottom;
    firstScreen += firstScreen === "" || adjoins ? word : ` ${word}`;
    last = box;
  }
  return { scrollWidth, clientWidth, scrollHeight, firstScreen };
}

/**
 * Yields the visible words in the window, in the order of the document, with their boxes. If text is clipped, covered or
 * beside the window, another element or none is at its place.
 */
export function* findVisibleWords() {
  const range = document.createRange();
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const { currentNode: node } = nodes;
    for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const [box] = range.getClientRects();
      if (box === undefined) continue;
      const found = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      if (found === node.parentElement && found.checkVisibility({ opacityProperty: true })) yield { word, box };
    }
  }
}

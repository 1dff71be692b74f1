/**
 * The first key that stands twice in one object of a JSON text, or undefined. `JSON.parse` keeps the last one silently,
 * which would let two readers see two different files. The text must be valid JSON.
 */
export function duplicateKey(json: string): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  let text = '';
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') {
      const end = endOfText(json, i);
      text = json.slice(i, end + 1);
      i = end;
    } else if (character === '{') objects.push(new Set());
    else if (character === '[') objects.push(undefined);
    else if (character === '}' || character === ']') objects.pop();
    else if (character === ':') {
      const keys = objects.at(-1);
      const key = JSON.parse(text) as string;
      if (keys?.has(key) === true) return key;
      keys?.add(key);
    }
  }
  return undefined;
}

/** Where the text that opens at `start` has its closing quote. */
function endOfText(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}

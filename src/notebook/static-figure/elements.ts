/** Pieces of SVG as text. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function element(name: string, attributes: Attributes, content = ''): string {
  const shown = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? Number(value.toFixed(2)) : escapeText(value)}"`],
  );
  return content === '' ? `<${name}${shown.join('')}/>` : `<${name}${shown.join('')}>${content}</${name}>`;
}

/** A label of plotly's without its markup: `<b>5</b><br>50 %` is two lines, `&lt;` is `<`. */
export function plainText(label: string): string {
  return label.replaceAll(/<br\s*\/?>/g, '\n').replaceAll(/<\/?\w+[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

/** Text of one line or several, the block centred on `y`. */
export function textBlock(label: string, x: number, y: number, attributes: Attributes = {}): string {
  const lines = plainText(label).split('\n');
  const height = 16;
  return lines
    .map((line, index) => element('text', { x, y: y + (index - (lines.length - 1) / 2) * height, ...attributes }, escapeText(line)))
    .join('');
}

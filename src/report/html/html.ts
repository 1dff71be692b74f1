/** Text that is HTML already. Only the `html` tag makes it, so whatever else reaches a page is escaped. */
export class Html {
  constructor(readonly text: string) {}
}

type Content = Html | string | number | undefined | false | readonly Content[];

/**
 * HTML with its values escaped: html`<td title="${name}">${name}</td>`. An `Html` goes in as it is, an array item by
 * item, undefined and false as nothing. Attribute values must be quoted.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, index) => part + contentText(values[index])).join(''));
}

function contentText(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return content.map(contentText).join('');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replace(numberParts, '$1&nbsp;$2');
}

/** `72.8 %` and `[71.2, 74.3]` stay on one line. */
const numberParts = /(\d|\[-?[\d.]+,) (%|-?[\d.]+\])/g;

/** A value as JSON that cannot end the script element it stands in. */
export function jsonForScript(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'));
}

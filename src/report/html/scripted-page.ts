import { createHash } from 'node:crypto';
import { html, Html } from './html.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';

/**
 * A page with figures: one file that needs nothing else, neither network nor server. `plotly` is the source of plotly.js.
 * The page may run its own two scripts and nothing more, and may fetch nothing (its content security policy).
 */
export function scriptedPage(title: string, content: Html, plotly: string): string {
  const scripts = [plotly, pageScript].map(inlineScript);
  const policy = `default-src 'none'; script-src ${scripts.map(({ hash }) => hash).join(' ')}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${new Html(pageStyle)}</style>
</head>
<body>
<main>
${content}
</main>
${scripts.map(({ element }) => element)}
</body>
</html>
`.text;
}

/** A script as an element, and its hash for the policy. What would open or close a script or comment is taken apart. */
function inlineScript(source: string): { readonly element: Html; readonly hash: string } {
  const text = source.replaceAll('\r', '').replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const hash = createHash('sha256').update(text).digest('base64');
  return { element: new Html(`<script>${text}</script>\n`), hash: `'sha256-${hash}'` };
}

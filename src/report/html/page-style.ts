/** The look of the report: one column on a phone, light and dark by what the reader's system asks for, plain on paper. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --page: #f4f6f9; --card: #ffffff; --text: #1c2430; --soft: #5b6675; --line: #dde3ea; --link: #1f63b5; --code: #eef1f5;
  --good: #12704f; --good-soft: #dcf3e9; --bad: #a92a43; --bad-soft: #fbe4e8; --doubt: #8a5300; --doubt-soft: #fdeed3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --card: #1a2029; --text: #e4e9f0; --soft: #9aa6b6; --line: #2d3643; --link: #7db4f3; --code: #242c37;
    --good: #63d3a6; --good-soft: #14382c; --bad: #f08ea0; --bad-soft: #43202a; --doubt: #efb760; --doubt-soft: #3f2f14;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 60px; }
a { color: var(--link); }
a.term { color: inherit; text-decoration: underline dotted var(--soft); text-underline-offset: 3px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 8px; letter-spacing: -0.01em; }
h2 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 12px; }
h3 { font-size: 1.02rem; margin: 28px 0 8px; }
code { font: 0.86em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--code); padding: 1px 5px; border-radius: 4px; }
small { color: var(--soft); font-size: 0.82rem; }
ul { margin: 6px 0; padding-left: 20px; }
li { margin: 4px 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 24px; margin: 20px 0; scroll-margin-top: 12px; }
header.run { padding: 8px 4px 0; }
.product { color: var(--soft); margin: 0 0 4px; font-size: 0.85rem; letter-spacing: 0.06em; text-transform: uppercase; }
.lead, .note { color: var(--soft); margin: 0 0 10px; }
.note { font-size: 0.9rem; }
.file { color: var(--soft); font-size: 0.84rem; font-weight: 400; }
.file, .symbol, code { overflow-wrap: anywhere; }
.line { display: block; }
section.model > header .file { margin: -8px 0 14px; }

.badge, .mark { display: inline-block; white-space: nowrap; font-size: 0.8rem; line-height: 1.4; letter-spacing: 0.03em; border-radius: 999px; padding: 2px 11px; vertical-align: 2px; }
.badge.promote { color: var(--good); background: var(--good-soft); }
.badge.retrain { color: var(--bad); background: var(--bad-soft); }
.badge.suspect { color: var(--doubt); background: var(--doubt-soft); }
.mark { font-weight: 600; font-size: 0.7rem; border: 1px solid var(--line); color: var(--soft); padding: 1px 8px; }
.mark.leaky { background: #b3203d; border-color: #b3203d; color: #fff; }
.mark.int8 { color: var(--doubt); border-color: currentColor; }

.callout { border-left: 4px solid var(--link); background: var(--code); border-radius: 0 8px 8px 0; padding: 12px 16px; margin: 14px 0; }
.callout p { margin: 0; }
.callout.warn { border-color: var(--doubt); background: var(--doubt-soft); }
.callout.alarm { border-color: #b3203d; background: var(--bad-soft); }

table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; font-size: 0.9rem; padding: 0 0 6px; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th { font-weight: 600; }
thead th { color: var(--soft); font-weight: 500; font-size: 0.82rem; }
.number { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll table { min-width: 100%; }
.scroll td { white-space: nowrap; }

.verdicts { width: 100%; }
.verdicts .result > * { border-bottom: 0; padding-top: 12px; }
.verdicts .why td { color: var(--soft); padding-bottom: 12px; }
.verdicts .why td::first-letter { text-transform: uppercase; }
.verdicts tbody { break-inside: avoid; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; }
.tile { border: 1px solid var(--line); border-top: 4px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.tile.pass { border-top-color: var(--good); }
.tile.fail { border-top-color: var(--bad); }
.tile span, .versus span { display: block; color: var(--soft); font-size: 0.84rem; }
.tile b, .versus b { display: block; font-size: 1.6rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile small, .versus small { display: block; }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 300px), 1fr)); gap: 0 32px; margin: 8px 0; font-size: 0.92rem; }
.facts > div { display: flex; justify-content: space-between; gap: 16px; border-bottom: 1px solid var(--line); padding: 5px 0; }
.facts dt { color: var(--soft); flex: 0 1 auto; }
.facts dd { margin: 0; min-width: 0; text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.facts.long { display: block; }
.facts.long > div { justify-content: flex-start; }
.facts.long dt { flex: 0 0 10em; }
.facts.long dd { text-align: left; }

.checks { list-style: none; padding: 0; }
.checks li { padding: 6px 0; border-bottom: 1px solid var(--line); }
.checks .outcome { display: inline-block; min-width: 5.2em; text-align: center; font-size: 0.78rem; font-weight: 600; border-radius: 4px; padding: 1px 8px; margin-right: 6px; background: var(--code); color: var(--soft); }
.checks .cleared .outcome { background: var(--good-soft); color: var(--good); }
.checks .suspect .outcome { background: var(--doubt-soft); color: var(--doubt); }
.versus { display: grid; grid-template-columns: repeat(auto-fit, minmax(230px, 1fr)); gap: 12px; margin: 14px 0; }
.versus > div { border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.versus .leaky-side { border-color: #b3203d; background: var(--bad-soft); }

div.figures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 20px; margin-top: 20px; }
figure { margin: 12px 0; min-width: 0; }
figcaption { font-weight: 600; font-size: 0.95rem; margin-bottom: 2px; }
.plot { width: 100%; overflow: hidden; }
details { font-size: 0.9rem; }
summary { color: var(--soft); cursor: pointer; font-size: 0.84rem; padding: 4px 0; }
.tables > div > * + * { margin-top: 20px; }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 20px 36px; margin: 16px 0; align-items: start; }

.about { columns: 2 340px; column-gap: 36px; }
.about > div { break-inside: avoid; padding: 0 0 12px; scroll-margin-top: 20px; }
.about dt { font-weight: 600; }
.about dd { margin: 0; color: var(--soft); font-size: 0.92rem; }
.about > div:target { outline: 2px solid var(--link); outline-offset: 6px; border-radius: 4px; }

@media screen and (max-width: 760px) {
  main { padding: 14px 10px 40px; }
  section { padding: 16px 14px; border-radius: 10px; }
  h1 { font-size: 1.5rem; }
  div.figures { grid-template-columns: minmax(0, 1fr); }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; }
  .tile { padding: 8px 10px; }
  .tile b { font-size: 1.35rem; }
  .facts.long > div { display: block; }
  .scroll table { font-size: 13px; }
  .scroll td.text { white-space: normal; }
  .scroll th, .scroll td { padding-right: 8px; }
  .scroll thead th { font-size: 12px; white-space: normal; }
  .verdicts, .verdicts tbody, .verdicts tr, .verdicts td, .verdicts th { display: block; }
  .verdicts thead { display: none; }
  .verdicts tbody { border-bottom: 1px solid var(--line); padding: 8px 0; }
  .verdicts td, .verdicts th { border: 0; padding: 2px 0; }
  .verdicts .result > * { padding-top: 2px; }
  .verdicts td[data-label] { display: flex; justify-content: space-between; gap: 12px; }
  .verdicts td[data-label] br { display: none; }
  .verdicts td[data-label] small { order: 1; margin: 2px auto 0 0; }
  .verdicts td[data-label] b { order: 2; }
  .verdicts td[data-label]::before { content: attr(data-label); color: var(--soft); }
  .verdicts .verdict { padding: 4px 0 6px; }
}
@media print {
  :root {
    --page: #fff; --card: #fff; --text: #000; --soft: #444; --line: #ccc; --link: #000; --code: #f2f2f2;
    --good: #0c5a3f; --good-soft: #e4f5ed; --bad: #92203a; --bad-soft: #fbe9ec; --doubt: #6f4300; --doubt-soft: #fdf3e0;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  html { font-size: 12px; }
  body { font-size: 9.5pt; }
  main { padding: 0; max-width: none; }
  section { border: 0; padding: 0; }
  section.model, #about { break-before: page; }
  h3 { margin-top: 18px; }
  table, table small, table .file { font-size: 8pt; }
  th, td { padding-top: 3px; padding-bottom: 3px; padding-right: 8px; }
  .facts { font-size: 8.5pt; }
  .facts > div { padding: 3px 0; }
  .tables { grid-template-columns: 1fr 1fr; gap: 12px 20px; }
  .tiles { grid-template-columns: repeat(4, 1fr); }
  figure, .tiles, .facts, .scroll, tr, .callout { break-inside: avoid; }
  h2, h3, figcaption { break-after: avoid; }
  details { display: none; }
  div.figures { gap: 8px 16px; margin-top: 10px; }
  .scroll { overflow: visible; }
}
`;

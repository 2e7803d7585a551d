/** The style of a report: nothing in it is loaded, and no element has a style of its own. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --surface: #ffffff; --sunken: #f0f2f5; --line: #dde1e7; --line-strong: #c3c9d2;
  --text: #1a1f27; --quiet: #566070; --link: #0b57b0; --focus: #0b57b0;
  --critical: #a61b1b; --critical-soft: #fdeceb; --warn: #7a4b00; --warn-soft: #fdf3dc;
  --ok: #14603a; --ok-soft: #e5f4ea; --skipped: #4d5766; --skipped-soft: #e9ecf1;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12151a; --surface: #1a1e25; --sunken: #222730; --line: #2f3641; --line-strong: #434c5a;
    --text: #e6e9ee; --quiet: #a3adbb; --link: #8ebcff; --focus: #8ebcff;
    --critical: #ffb0a8; --critical-soft: #43201f; --warn: #f5cf85; --warn-soft: #3c2f14;
    --ok: #8fdcae; --ok-soft: #173424; --skipped: #b6bfcc; --skipped-soft: #2b313b;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 0.9375rem/1.55 var(--sans); overflow-wrap: anywhere; }
h1, h2, h3, h4 { margin: 0; line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.75rem; letter-spacing: -0.015em; }
h2 { font-size: 1.3125rem; letter-spacing: -0.01em; }
h3 { font-size: 1rem; }
h4 { font-size: 0.8125rem; color: var(--quiet); font-weight: 600; }
p, ul, ol, dl, pre { margin: 0; }
ul, ol { padding: 0; list-style: none; }
a { color: var(--link); text-underline-offset: 0.15em; }
code { font-family: var(--mono); font-size: 0.92em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: 1rem; top: -4rem; padding: 0.5rem 1rem; background: var(--surface); border: 1px solid var(--line-strong); border-radius: 6px; z-index: 1; }
.skip:focus { top: 1rem; }
.quiet { color: var(--quiet); }
.nowrap { white-space: nowrap; }
.frame { max-width: 82rem; margin: 0 auto; padding: 0 2rem 4rem; }
.head { padding: 2.5rem 0 1.75rem; display: grid; gap: 1.25rem; }
.eyebrow { color: var(--quiet); font-size: 0.8125rem; font-weight: 600; margin-bottom: 0.35rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 0.9rem 2rem; }
.facts .wide { grid-column: 1 / -1; }
dt { color: var(--quiet); font-size: 0.8125rem; }
dd { margin: 0; }
.columns { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr); gap: 2.5rem; align-items: start; }
nav { position: sticky; top: 1rem; }
nav ul { display: grid; gap: 0.125rem; border-left: 1px solid var(--line); }
nav a { display: block; padding: 0.3rem 0 0.3rem 0.9rem; color: var(--quiet); text-decoration: none; }
nav a:hover { color: var(--text); text-decoration: underline; }
main { display: grid; gap: 3rem; min-width: 0; }
main > section { display: grid; gap: 1.1rem; min-width: 0; }
.lead { color: var(--quiet); max-width: 68ch; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 8.5rem), 1fr)); gap: 0.75rem; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 0.8rem 1rem; }
.tile strong { display: block; font-size: 1.625rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.tile span { color: var(--quiet); font-size: 0.8125rem; }
.tile.critical strong { color: var(--critical); } .tile.warn strong { color: var(--warn); } .tile.ok strong { color: var(--ok); }
.badge { display: inline-block; padding: 0.1rem 0.55rem; border-radius: 99px; font-size: 0.75rem; font-weight: 650; line-height: 1.5; white-space: nowrap; }
a .badge { text-decoration: underline; }
.badge.critical { color: var(--critical); background: var(--critical-soft); } .badge.warn { color: var(--warn); background: var(--warn-soft); }
.badge.ok { color: var(--ok); background: var(--ok-soft); } .badge.skipped { color: var(--skipped); background: var(--skipped-soft); }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.15rem; display: grid; gap: 0.75rem; min-width: 0; align-content: start; }
.card.critical { border-left: 4px solid var(--critical); } .card.warn { border-left: 4px solid var(--warn); }
.title { display: flex; flex-wrap: wrap; gap: 0.35rem 0.75rem; align-items: baseline; justify-content: space-between; }
.title > :first-child { flex: 1 1 14rem; min-width: 0; }
.list { display: grid; gap: 0.75rem; }
.points { display: grid; gap: 0.65rem; }
.points > li { padding-left: 0.9rem; border-left: 2px solid var(--line-strong); display: grid; gap: 0.2rem; }
.remedy { color: var(--text); } .remedy b { font-weight: 600; color: var(--quiet); }
.detail { white-space: pre-line; color: var(--quiet); }
details > summary { cursor: pointer; color: var(--quiet); font-size: 0.8125rem; width: fit-content; }
details[open] > summary { margin-bottom: 0.4rem; }
.evidence { display: grid; gap: 0.4rem; font-size: 0.8125rem; background: var(--sunken); border-radius: 6px; padding: 0.6rem 0.8rem; }
.evidence dt code { color: var(--quiet); }
.evidence dd { white-space: pre-wrap; }
.command { background: var(--sunken); border-radius: 6px; padding: 0.4rem 0.7rem; width: fit-content; max-width: 100%; }
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
caption { text-align: left; color: var(--quiet); font-size: 0.8125rem; padding-bottom: 0.4rem; }
th { text-align: left; color: var(--quiet); font-weight: 600; font-size: 0.8125rem; }
th, td { padding: 0.5rem 1rem 0.5rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody th { color: var(--text); font-weight: 400; font-size: inherit; }
tr > :last-child { padding-right: 0; }
.fixed { table-layout: fixed; }
tbody tr:last-child > * { border-bottom: 0; }
td ul { display: grid; gap: 0.3rem; }
.groups { columns: 2 24rem; column-gap: 0.75rem; }
.groups > li { break-inside: avoid; margin-bottom: 0.75rem; }
.tree { display: grid; gap: 0.6rem; }
.tree .tree { margin: 0.6rem 0 0 0.35rem; padding-left: 0.9rem; border-left: 1px solid var(--line-strong); }
.function { display: grid; gap: 0.1rem; }
.function .name { display: flex; flex-wrap: wrap; gap: 0 0.6rem; align-items: baseline; }
.function.endpoint .name { font-weight: 600; } .function .name code { font-weight: 400; }
.uses { font-size: 0.875rem; display: grid; gap: 0.1rem; }
.uses li::before { content: '\\2192\\00a0'; color: var(--quiet); }
.scroll { overflow-x: auto; }
.scroll table { width: auto; } .scroll caption { white-space: nowrap; } .scroll td { text-align: right; font-variant-numeric: tabular-nums; }
.packages { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0.75rem; }
.nodes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 0.75rem; }
.node { border: 1px solid var(--line); border-radius: 8px; padding: 0.75rem 0.85rem; display: grid; gap: 0.55rem; align-content: start; }
.cores { display: flex; flex-wrap: wrap; gap: 0.35rem; }
.core { display: inline-flex; gap: 0.2rem; padding: 0.2rem; border: 1px solid var(--line-strong); border-radius: 6px; background: var(--sunken); }
.core span { min-width: 1.8rem; padding: 0 0.3rem; text-align: center; font: 0.8125rem/1.6 var(--mono); background: var(--surface); border-radius: 4px; }
.core.efficiency { border-style: dashed; } .core.medium { border-style: double; border-width: 3px; }
footer { color: var(--quiet); font-size: 0.8125rem; border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 1rem; }
@media (min-width: 44.01rem) { .fixed th:first-child { width: 30%; } }
@media (max-width: 60rem) {
  .columns { grid-template-columns: minmax(0, 1fr); gap: 1.5rem; }
  nav { position: static; }
  nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; border: 0; }
  nav a { padding: 0.25rem 0; color: var(--link); text-decoration: underline; }
}
@media (max-width: 44rem) {
  .frame { padding: 0 1rem 3rem; }
  .head { padding: 1.5rem 0; }
  h1 { font-size: 1.4375rem; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .card { padding: 0.85rem 0.9rem; }
  .stacks, .stacks tbody, .stacks tr, .stacks td, .stacks th, .stacks caption { display: block; width: 100%; }
  .stacks thead { display: none; }
  .stacks tr { padding: 0.6rem 0; border-bottom: 1px solid var(--line); display: grid; gap: 0.4rem; }
  .stacks tbody tr:last-child { border-bottom: 0; }
  .stacks td, .stacks tbody th { padding: 0; border: 0; color: var(--text); font-size: 0.875rem; }
  .stacks td:empty { display: none; }
  .stacks td::before { content: attr(data-label); display: block; color: var(--quiet); font-size: 0.75rem; font-weight: 600; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --surface: #fff; --sunken: #f4f4f4; --line: #ccc; --line-strong: #999; --text: #000; --quiet: #444; --link: #000;
    --critical: #8a1010; --critical-soft: #fff; --warn: #5e3a00; --warn-soft: #fff; --ok: #0d4a2b; --ok-soft: #fff; --skipped: #333; --skipped-soft: #fff;
  }
  body { font-size: 9.5pt; }
  nav, .skip { display: none; }
  .frame { max-width: none; padding: 0; }
  .columns { display: block; }
  .badge { border: 1px solid currentColor; }
  .groups { columns: 2 16rem; }
  .function, .points > li, tr, .core, .tile { break-inside: avoid; }
  h2, h3, h4, caption { break-after: avoid; }
  details > summary { display: none; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`

import { createHash } from "node:crypto";
import { Html } from "../html.ts";

/** Colors by level: `--c` is a surface, `--on` is text on it. Every pair has a contrast of at least 6:1. */
const CSS = `
:root{color-scheme:light dark;--bg:#f4f5f6;--card:#fff;--text:#1d2126;--mute:#59616a;--line:#d5d9dd;--link:#0b5cad}
.trouble{--c:#b3261e;--on:#fff}.waiting{--c:#f0b440;--on:#2e1d00}.working{--c:#1f5fbf;--on:#fff}
.well{--c:#d9f0df;--on:#17602e}.apart{--c:#e4e7ea;--on:#4e565e}
@media(prefers-color-scheme:dark){
:root{--bg:#121518;--card:#1d2125;--text:#e8ebee;--mute:#a3acb5;--line:#383e45;--link:#84bcff}
.trouble{--c:#f4776f;--on:#240604}.waiting{--c:#e0a53a;--on:#241700}.working{--c:#74acff;--on:#04142e}
.well{--c:#1d3a27;--on:#8fd7a4}.apart{--c:#2d3238;--on:#b0b8c0}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
body>*{max-width:76rem;margin:0 auto;padding:.75rem 1rem}
h1,h2,h3,h4,p,ul,ol,pre{margin:0;padding:0}
ul,ol{list-style:none}
p+p{margin-top:.4rem}
h1{display:inline;font-size:1rem}
h2{text-wrap:balance;font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h3{font-size:1.1rem;margin:1.75rem 0 .5rem}
h4{font-size:1rem;line-height:1.4}
a{color:var(--link)}
time{font-variant-numeric:tabular-nums}
code,.nodes td:last-child{font:13px/1.5 ui-monospace,Consolas,monospace}
.mute,footer{color:var(--mute)}
.top{padding-bottom:0;color:var(--mute)}
.top h1,.top b{color:var(--text)}
.notice{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--text);border-radius:6px;padding:.5rem .9rem;margin-bottom:.75rem}
.badge{display:inline-block;background:var(--c);color:var(--on);border-radius:4px;padding:0 .5rem;font-weight:600;white-space:nowrap}
.overview{margin-bottom:1rem}
.overview li{display:grid;grid-template-columns:10.5rem minmax(4rem,12rem) 1fr;gap:0 .8rem;padding:.35rem 0;border-bottom:1px solid var(--line)}
.overview .badge{place-self:start}
.cluster{background:var(--card);border:1px solid var(--line);border-top:5px solid var(--c);border-radius:8px;padding:.9rem 1.1rem 1.1rem;margin-bottom:1.5rem}
.cluster.well{border-top-color:var(--on)}
.name{display:flex;flex-wrap:wrap;gap:.1rem .7rem}
.stale{margin-top:.6rem}
.lead{font-size:1.05rem}
.counts{display:flex;flex-wrap:wrap;gap:.4rem 1.1rem;margin:.9rem 0}
.counts li{display:flex;gap:.4rem;align-items:center}
.tile,.tiles a{display:inline-grid;place-items:center;width:26px;height:26px;border-radius:4px;background:var(--c);color:var(--on);font-weight:700;font-size:14px;line-height:1;text-decoration:none}
.tiles li{display:grid;align-items:start;grid-template-columns:minmax(5rem,9rem) 1fr;gap:.2rem .8rem;margin-bottom:.6rem}
.tiles div{display:flex;flex-wrap:wrap;gap:3px;align-items:center}
.tiles a:hover{outline:2px solid var(--text)}
.problem{border:1px solid var(--line);border-left:5px solid var(--c);border-radius:6px;padding:.6rem .9rem .8rem;margin:.6rem 0}
.problem>*+*{margin-top:.3rem}
.problem p{max-width:60rem}
.problem .mute b{color:var(--text)}
pre{background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:.5rem .7rem;white-space:pre-wrap}
summary{cursor:pointer;padding:.4rem 0}
.fold{border-top:1px solid var(--line)}
.fold>p{margin-bottom:.6rem}
table{border-collapse:collapse;width:100%;margin-bottom:.5rem}
td,th{text-align:left;vertical-align:top;padding:.3rem .8rem .3rem 0;border-top:1px solid var(--line);font-weight:400}
thead th{color:var(--mute);border:0}
.nodes{table-layout:fixed}
.nodes :is(td,th):nth-child(1){width:22%}.nodes :is(td,th):nth-child(3){width:12%}
.nodes :is(td,th):nth-child(4){width:22%}.nodes :is(td,th):nth-child(5){width:11%;padding-right:0}
tbody th,.passes td:first-child{font-weight:600}
td .badge{font-weight:400}
.dot{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;background:var(--c)}
:target{background:var(--bg);outline:2px solid var(--link)}
.timeline li{display:grid;grid-template-columns:6.5rem 1fr;gap:.8rem;padding:.3rem 0;border-top:1px solid var(--line)}
.lines{columns:22rem;margin-bottom:.6rem}
.lines li{padding:.1rem 0 .1rem 1rem;text-indent:-1rem}
@media(max-width:40rem){
body>*{padding:.6rem}
.top{font-size:14px}
h2{font-size:1.35rem}
.cluster{padding:.7rem .8rem 1rem}
.overview li{grid-template-columns:auto 1fr}.overview span:last-child{grid-column:1/-1}
.tiles li{grid-template-columns:1fr;gap:.1rem}
.tiles .many{gap:2px}.many a{width:15px;height:15px;font-size:10px;border-radius:2px}
.timeline li{grid-template-columns:1fr;gap:0}
thead{display:none}
table,tbody{display:block}
tr{display:flex;flex-wrap:wrap;gap:0 .8rem;justify-content:space-between;border-top:1px solid var(--line);padding:.4rem 0}
td,th{border:0;padding:0}
.nodes :is(td,th):nth-child(n){width:auto}
.nodes td:nth-child(2),.passes td:last-child{order:1;flex:1 0 100%}
.nodes td:nth-child(n+4){order:2;color:var(--mute)}
.nodes td:last-child:not(:empty)::before{content:"package "}
.passes td:nth-child(2)::before{content:"last "}.passes td:nth-child(3)::before{content:"next "}
}
`;

/** The only style of a page; its content security policy allows no other. */
export const STYLE = new Html(`<style>${CSS}</style>`);

/** The source of `STYLE` in a content security policy. */
export const STYLE_SOURCE = `'sha256-${createHash("sha256").update(CSS).digest("base64")}'`;

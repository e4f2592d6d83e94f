import { spawn } from 'node:child_process';
import { optionNamesOfLibrary, optionNamesOfNode } from './option-names';
import { servers } from './servers';
import { VALUES } from '../programs/polluted';
async function main() {
  const { recorded, ports, ca, close } = await servers();
  const [node, lib] = [await optionNamesOfNode(), optionNamesOfLibrary()];
  const routes = (process.env.ROUTES ?? 'http').split(',');
  const early = process.env.EARLY === '1';
  const only = process.env.NAMES?.split(',');
  const vals = process.env.VALS?.split(',').map(Number) ?? VALUES.map((_, i) => i);
  const names = only ?? [...new Set([...node, ...lib])];
  const cases: any[] = [];
  for (const route of routes) { cases.push({ name: '', value: 0, route }); for (const name of names) for (const value of vals) cases.push({ name, value, route }); }
  const child = spawn(process.execPath, ['-r', './spec/support/compile.cjs', 'spec/trust/programs/polluted.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify({ early, cases, ports, ca }));
  let out = ''; child.stdout.on('data', (d) => (out += d));
  const t0 = Date.now();
  await new Promise((r) => child.on('close', r));
  console.log('ms', Date.now() - t0, 'cases', cases.length);
  let results: any[]; try { results = JSON.parse(out); } catch { console.log('BROKEN', out.slice(0, 1000)); close(); return; }
  const by = new Map<string, any[]>();
  let current = '';
  const perCase = cases.map(() => [] as any[]);
  const stray: any[] = [];
  for (const r of recorded) {
    const text = JSON.stringify(r);
    const m = /case-(\d+)\//.exec(text);
    if (m) perCase[Number(m[1])]!.push(text.replace(/case-\d+/g, 'case')); else if (!/warm-up/.test(text)) stray.push(text);
  }
  const clean = new Map<string, string>();
  const bad = new Map<string, string[]>();
  cases.forEach((c, i) => {
    const seen = JSON.stringify([results[i], perCase[i]]);
    if (c.name === '') { clean.set(c.route, seen); console.log(c.route, seen.slice(0, 300)); return; }
    if (seen !== clean.get(c.route)) { const k = `${c.route} ${c.name}`; bad.set(k, [...(bad.get(k) ?? []), `   ${JSON.stringify(VALUES[c.value]) ?? 'fn'}: ${perCase[i]!.length} ${JSON.stringify(results[i]).slice(0, Number(process.env.CUT ?? 160))}`]); }
  });
  for (const [k, v] of bad) console.log(k, '\n' + v.join('\n'));
  console.log('bad', bad.size, 'stray', stray.length, stray.filter(s => /EVIL/.test(s)).slice(0, 5));
  close();
}
void main();

// Makes src/capillary/web/static/vendor from the packages that package-lock.json names:
//
//   tabler.min.css   Tabler without the rules that no page uses, in our colour, for old browsers too
//   htmx.min.js      as it ships
//   echarts.min.js   the few charts that src/capillary/web/frontend/echarts.js names
//
// tools/assets.sh calls it where something changed.
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { PurgeCSS } from "purgecss";
import { forOldBrowsers } from "./old_browsers.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const PACKAGES = join(ROOT, "node_modules");
const WEB = join(ROOT, "src/capillary/web");
const VENDOR = join(WEB, "static/vendor");
// The oldest browsers that get the whole look: WeChat's on an old phone, and what came with an iPhone of 2019.
const BROWSERS = ["chrome79", "safari13", "ios13", "firefox78"];

// Where the names of classes stand: pages, forms and widgets in Python, and what our scripts switch on.
const PAGES = [`${WEB}/**/templates/**/*.html`, `${WEB}/**/*.py`, `${WEB}/static/capillary/*.js`];
// What a page may hold although no template of ours spells it out: the elements that Django and allauth render.
const ELEMENTS =
  "html body main header footer nav section article aside h1 h2 h3 h4 h5 h6 p a abbr address b blockquote br button " +
  "caption code dd details div dl dt em fieldset figure figcaption form hr i img input kbd label legend li mark ol " +
  "optgroup option output pre progress q s samp select small span strong sub summary sup svg table tbody td template " +
  "textarea tfoot th thead time tr u ul var checkbox radio file search number date email password submit hidden " +
  "disabled readonly required checked multiple type role lang dir title";
// What scripts and the browser add later: htmx's states, the state of a form, and the colour scheme.
const STATES = [/^htmx-/, "is-invalid", "is-valid", "was-validated", "invalid-feedback", "active", "disabled", "show"];

async function tabler() {
  const source = await readFile(join(PACKAGES, "@tabler/core/dist/css/tabler.min.css"), "utf8");
  const [purged] = await new PurgeCSS().purge({
    content: [...PAGES, { raw: ELEMENTS, extension: "html" }],
    css: [{ raw: source }],
    defaultExtractor: (text) => text.match(/[\w-]+/g) ?? [],
    safelist: { standard: STATES },
    keyframes: true,
    variables: false,
  });
  const { css, notes } = forOldBrowsers(purged.css, await used());
  for (const note of notes) console.warn(`tabler.min.css: left out ${note}`);
  const small = await transform(css, { loader: "css", minify: true, legalComments: "inline", target: BROWSERS });
  return withoutMap(small.code);
}

// The words of our pages, and Tabler's properties that our own style sheets and scripts name.
async function used() {
  const texts = [];
  for (const entry of await readdir(WEB, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && /\.(?:html|py|js|css)$/.test(path) && !path.startsWith(VENDOR)) texts.push([path, await readFile(path, "utf8")]);
  }
  const pages = texts.filter(([path]) => !path.endsWith(".css")).map(([, text]) => text);
  return {
    words: new Set(pages.flatMap((text) => text.match(/[\w-]+/g) ?? [])),
    properties: new Set(texts.flatMap(([, text]) => text.match(/--tblr-[\w-]+/g) ?? [])),
  };
}

async function htmx() {
  return withoutMap(await readFile(join(PACKAGES, "htmx.org/dist/htmx.min.js"), "utf8"));
}

async function echarts() {
  const bundled = await build({
    entryPoints: [join(WEB, "frontend/echarts.js")],
    nodePaths: [PACKAGES],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2018",
    legalComments: "none",
    banner: { js: "/*! Apache ECharts, Apache-2.0, https://echarts.apache.org */" },
    write: false,
  });
  return withoutMap(bundled.outputFiles[0].text);
}

// The storage of the static files fails where a file names another one that is not there.
function withoutMap(text) {
  const clean = text.replace(/\/\*# sourceMappingURL=.*?\*\/|\/\/# sourceMappingURL=.*/g, "").trim() + "\n";
  const outside = clean.match(/url\((?!\s*["']?(?:data:|#))[^)]*\)/);
  if (outside) throw new Error(`a file outside is named: ${outside[0]}`);
  return clean;
}

// A server or a test that runs at this moment finds the old file or the new one, never half of one.
async function put(name, text) {
  const beside = join(VENDOR, `.${name}.new`);
  await writeFile(beside, text);
  await rename(beside, join(VENDOR, name));
  console.log(`${name}: ${(gzipSync(text, { level: 9 }).length / 1024).toFixed(1)} KiB compressed`);
}

const makers = { "tabler.min.css": tabler, "htmx.min.js": htmx, "echarts.min.js": echarts };
await mkdir(VENDOR, { recursive: true });
for (const name of await readdir(VENDOR)) {
  if (!(name in makers)) await rm(join(VENDOR, name));
}
await Promise.all(Object.entries(makers).map(async ([name, maker]) => put(name, await maker())));

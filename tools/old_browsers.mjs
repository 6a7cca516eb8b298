// Rewrites Tabler's style sheet for the browsers of old phones (Chrome 79, Safari 13, Firefox 78), which drop every
// declaration whose colour they cannot read: oklch(), color-mix() and light-dark() become plain colours, in the light
// look, from our own main colour. Properties that follow the direction of writing become the ones of writing from left to
// right, our only one. What nothing refers to any more is left out.
import { converter, formatHex, parse as parseColour } from "culori";
import postcss from "postcss";

// Our main colour; everything that Tabler derives from its own follows it.
const PRIMARY = "#0b5cad";
// Tabler's red is a little too light to be read on our grey, and to be written on in white.
const DANGER = "#c92a2a";
const OURS = {
  "--tblr-primary": PRIMARY,
  "--tblr-primary-rgb": channels(PRIMARY),
  "--tblr-link-color": "var(--tblr-primary)",
  "--tblr-link-color-rgb": channels(PRIMARY),
};
// Like OURS, but gone where nothing refers to them; the text of an alert is dark on its tint, not a lighter colour on it.
const READABLE = {
  "--tblr-danger": DANGER,
  "--tblr-danger-rgb": channels(DANGER),
  "--tblr-form-invalid-color": "var(--tblr-danger)",
  "--tblr-form-invalid-border-color": "var(--tblr-danger)",
  "--tblr-alert-color": "var(--tblr-body-color)",
};
const FUNCTION = /(?<![\w-])(light-dark|color-mix|oklch|oklab|lch|lab|hwb|color|rgba?|hsla?)\(/gi;
// rgb() and hsl() are old enough where they are not written with percentages or calculated from another colour.
const NEW = /(?<![\w-])(?:light-dark|color-mix|oklch|oklab|lch|lab|hwb|color)\(|(?<![\w-])(?:rgb|hsl)a?\((?:\s*from\b|[^()]*%)/i;
const SVG_COLOUR = /(?:oklch|oklab|rgba?|hsla?)(?:%28|\()[^'"]*?(?:%29|\))(?=['"])/gi;
const SIDES = { start: "left", end: "right" };
const CORNERS = { "start-start": "top-left", "start-end": "top-right", "end-start": "bottom-left", "end-end": "bottom-right" };

/**
 * @param {string} css Tabler, without the rules that no page uses.
 * @param {{words: Set<string>, properties: Set<string>}} used the words of our pages, and the custom properties they name.
 * @returns {{css: string, notes: string[]}} the style sheet, and what could not be carried over.
 */
export function forOldBrowsers(css, used) {
  const sheet = postcss.parse(css);
  const notes = [];
  dropDark(sheet);
  decideHas(sheet, used.words);
  setOurs(sheet);
  plainColours(sheet, notes);
  plainDirections(sheet);
  fillUndefined(sheet, notes);
  dropUnused(sheet, used.properties);
  sheet.walkRules((rule) => void (rule.nodes.length || rule.remove()));
  sheet.walkAtRules((rule) => void (rule.nodes?.length === 0 && rule.remove()));
  return { css: sheet.toString(), notes };
}

// ---------------------------------------------------------------------------------------------------------- rules

function dropDark(sheet) {
  sheet.walkRules((rule) => {
    const kept = rule.selectors.filter((selector) => !/data-bs-theme=["']?dark/.test(selector));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  sheet.walkAtRules("media", (media) => void (/prefers-color-scheme:\s*dark/.test(media.params) && media.remove()));
}

// `:has(>.x)` never holds where no page uses the class x. Where one does, the rule stands alone: an old browser skips it
// and nothing else.
function decideHas(sheet, words) {
  const unused = (inner) => (inner.match(/\.[\w-]+/g) ?? []).some((name) => !words.has(name.slice(1)));
  sheet.walkRules((rule) => {
    if (!rule.selector.includes(":has(")) return;
    const selectors = rule.selectors
      .map((selector) => selector.replace(/:not\(:has\(([^()]*)\)\)/g, (whole, inner) => (unused(inner) ? "" : whole)))
      .filter((selector) => ![...selector.matchAll(/:has\(([^()]*(?:\([^()]*\))?[^()]*)\)/g)].some((found) => unused(found[1])));
    const plain = selectors.filter((selector) => !selector.includes(":has("));
    for (const selector of selectors) if (selector.includes(":has(")) rule.cloneBefore({ selector });
    if (plain.length) rule.selectors = plain;
    else rule.remove();
  });
}

const isRoot = (rule) => rule.type === "rule" && rule.parent?.type === "root" && rule.selectors.includes(":root");
const isOwn = (declaration) => declaration.prop.startsWith("--");

// Puts our values in place of Tabler's, and keeps of a property that :root sets twice only the one that holds.
function setOurs(sheet) {
  const last = new Map();
  sheet.each((rule) => {
    if (!isRoot(rule)) return;
    rule.each((declaration) => {
      if (declaration.type !== "decl" || !isOwn(declaration)) return;
      last.get(declaration.prop)?.remove();
      last.set(declaration.prop, declaration);
    });
  });
  const values = { ...OURS, ...READABLE };
  // Tabler writes some of its colours out where it uses them, with and without the nought before the point.
  const writtenOut = ["--tblr-primary", "--tblr-danger"].flatMap((name) => {
    const theirs = last.get(name)?.value ?? "";
    return [theirs, theirs.replace(/\b0\./g, ".")].map((value) => [value, `var(${name})`]);
  });
  sheet.walkDecls((declaration) => {
    // a link that the pointer is over sets its own colour
    if (declaration.prop in values && !/:hover/.test(declaration.parent.selector)) declaration.value = values[declaration.prop];
    if (isRoot(declaration.parent)) return;
    for (const [theirs, ours] of writtenOut) if (theirs) declaration.value = declaration.value.replaceAll(theirs, ours);
  });
}

// -------------------------------------------------------------------------------------------------------- colours

// Every property that is set anywhere: by :root, and by other selectors.
function definitions(sheet) {
  const root = new Map();
  const local = new Map();
  sheet.walkDecls(/^--/, (declaration) => {
    const rule = declaration.parent;
    if (isRoot(rule)) root.set(declaration.prop, declaration.value);
    else if (rule.type === "rule") local.set(declaration.prop, [...(local.get(declaration.prop) ?? []), declaration]);
  });
  return { root, local };
}

function plainColours(sheet, notes) {
  const { root, local } = definitions(sheet);
  const declarations = [];
  sheet.walkDecls((declaration) => void declarations.push(declaration));
  for (const declaration of declarations) {
    declaration.value = svgColours(declaration.value);
    const before = declaration.value;
    if (!NEW.test(before)) continue;
    const rule = declaration.parent;
    const own = (name) => local.get(name)?.findLast((other) => other.parent?.selector === rule.selector)?.value;
    const asked = new Set();
    const lookup = (name) => {
      if (local.has(name) && !isRoot(rule)) asked.add(name);
      return (isRoot(rule) ? undefined : own(name)) ?? root.get(name);
    };
    try {
      declaration.value = plain(before, lookup);
    } catch (problem) {
      notes.push(`${rule.selector} { ${declaration.prop}: ${before} }: ${problem.message}`);
      declaration.remove();
      continue;
    }
    if (isRoot(rule)) root.set(declaration.prop, declaration.value);
    // A class beside this one may set what the colour is made of (.alert-danger beside .alert): it gets the result too.
    for (const name of asked) {
      for (const variant of [...(local.get(name) ?? [])]) vary(sheet, declaration, before, variant, lookup, local, notes);
    }
  }
}

function vary(sheet, declaration, before, variant, lookup, local, notes) {
  const [here, there] = [declaration.parent, variant.parent];
  if (!there) return;
  const oneClass = (rule) => rule.parent === sheet && rule.selectors.every((selector) => /^\.[\w-]+$/.test(selector));
  if (here.selector === there.selector || !oneClass(here) || !oneClass(there)) return;
  if (sheet.index(there) < sheet.index(here)) return;
  if (there.some((other) => other.prop === declaration.prop)) return;
  const values = new Map();
  there.each((other) => void (other.type === "decl" && isOwn(other) && values.set(other.prop, other.value)));
  let value;
  try {
    value = plain(before, (name) => values.get(name) ?? lookup(name));
  } catch (problem) {
    notes.push(`${there.selector} { ${declaration.prop}: ${before} }: ${problem.message}`);
    return;
  }
  if (value === declaration.value) return;
  const added = declaration.clone({ value });
  there.append(added);
  if (isOwn(added)) local.set(added.prop, [...(local.get(added.prop) ?? []), added]);
}

// The value with every new colour function in it worked out; throws where one cannot be.
function plain(value, lookup) {
  let rest = value;
  let done = "";
  for (;;) {
    FUNCTION.lastIndex = 0;
    const found = FUNCTION.exec(rest);
    if (!found) return done + rest;
    const open = found.index + found[0].length - 1;
    const end = closing(rest, open);
    const whole = rest.slice(found.index, end + 1);
    done += rest.slice(0, found.index) + (NEW.test(whole) ? colour(whole, lookup) : whole);
    rest = rest.slice(end + 1);
  }
}

// One colour function, as a plain colour, or as a bare var() where that is all it says.
function colour(text, lookup) {
  const open = text.indexOf("(");
  const name = text.slice(0, open).toLowerCase();
  const inner = text.slice(open + 1, -1);
  if (name === "light-dark") return plain(split(inner, ",")[0], lookup);
  if (name === "color-mix") {
    const [space, ...parts] = split(inner, ",");
    if (!/^in\s+oklab$/.test(space) || parts.length !== 2) throw new Error("only two colours are mixed, in oklab");
    return mixed(parts.map((part) => portion(part, lookup)), lookup);
  }
  if (/^\s*from\s/.test(inner)) {
    if (name !== "oklch") throw new Error("only oklch(from …) is known");
    const [, base, ...given] = split(inner, " ");
    const from = converter("oklch")(read(base, lookup));
    const [l, c, h] = given.map((part) => number(part, { l: from.l, c: from.c, h: from.h ?? 0 }));
    return written({ mode: "oklch", l: Math.min(1, Math.max(0, l)), c: Math.max(0, c), h, alpha: from.alpha });
  }
  return written(known(`${name}(${substitute(inner, lookup)})`));
}

// "var(--x) 40%" or "40% var(--x)": the colour, and its share of the mixture where one is given.
function portion(part, lookup) {
  const words = split(part, " ");
  const shares = words.filter((word) => /%\)?$/.test(word) && !/^(?:var|oklch|color-mix|light-dark|rgb)/.test(word));
  const [base] = words.filter((word) => !shares.includes(word));
  return { base, share: shares.length ? number(substitute(shares[0], lookup).replace(/%/g, ""), {}) / 100 : undefined };
}

function mixed([first, second], lookup) {
  const one = first.share ?? (second.share === undefined ? 0.5 : 1 - second.share);
  const two = second.share ?? 1 - one;
  if (one === 1 && second.base === "transparent" && /^var\(--[\w-]+\)$/.test(first.base)) return first.base;
  const [a, b] = [first, second].map(({ base }) => converter("oklab")(read(base, lookup)));
  const [alphaA, alphaB] = [a.alpha ?? 1, b.alpha ?? 1];
  const weight = one / (one + two);
  const alpha = alphaA * weight + alphaB * (1 - weight);
  const part = (key) => (alpha === 0 ? 0 : (a[key] * alphaA * weight + b[key] * alphaB * (1 - weight)) / alpha);
  return written({ mode: "oklab", l: part("l"), a: part("a"), b: part("b"), alpha: alpha * Math.min(1, one + two) });
}

function read(text, lookup) {
  return known(plain(substitute(text, lookup), lookup).trim());
}

function known(text) {
  const found = parseColour(text);
  if (!found) throw new Error(`no colour: ${text}`);
  return found;
}

// The text with every var() replaced by its value, to the end.
function substitute(text, lookup, depth = 0) {
  if (depth > 20) throw new Error("a property refers to itself");
  const start = text.indexOf("var(");
  if (start < 0) return text;
  const end = closing(text, start + 3);
  const [name, ...fallback] = split(text.slice(start + 4, end), ",");
  const value = lookup(name) ?? (fallback.length ? fallback.join(",") : undefined);
  if (value === undefined) throw new Error(`${name} is not known here`);
  return substitute(text.slice(0, start) + value + text.slice(end + 1), lookup, depth + 1);
}

function number(text, names) {
  const given = text.trim().replace(/^calc\((.*)\)$/, "$1");
  const [left, sign, right] = given.split(/\s+([-+*/])\s+/);
  const one = (word) => {
    const value = word in names ? names[word] : Number(word);
    if (Number.isNaN(value)) throw new Error(`no number: ${word}`);
    return value;
  };
  if (!sign) return one(left);
  return { "+": one(left) + one(right), "-": one(left) - one(right), "*": one(left) * one(right), "/": one(left) / one(right) }[sign];
}

function written(found) {
  const alpha = Math.round((found.alpha ?? 1) * 1000) / 1000;
  if (alpha === 0) return "transparent";
  if (alpha < 1) return `rgba(${channels(found)},${String(alpha).replace(/^0/, "")})`;
  return formatHex(found).replace(/^#(.)\1(.)\2(.)\3$/, "#$1$2$3");
}

function channels(found) {
  const hex = formatHex(found);
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)).join(",");
}

function svgColours(value) {
  if (!value.includes("data:image/svg+xml")) return value;
  return value.replace(SVG_COLOUR, (found) => written(known(decodeURIComponent(found))).replace("#", "%23"));
}

function closing(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")" && (depth -= 1) === 0) return at;
  }
  throw new Error(`no end: ${text}`);
}

// Splits at a comma or at blanks, outside brackets only.
function split(text, by) {
  const parts = [""];
  let depth = 0;
  for (const letter of text.trim()) {
    depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
    if (depth === 0 && (by === " " ? /\s/.test(letter) : letter === by)) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part, at) => part || (by === "," && at > 0));
}

// ----------------------------------------------------------------------------------------------------- properties

function plainDirections(sheet) {
  sheet.walkDecls((declaration) => {
    const { prop, value } = declaration;
    const side = prop.match(/^(margin|padding|border|inset)-inline-(start|end)(-width|-style|-color)?$/);
    const both = prop.match(/^(margin|padding|inset)-inline$/);
    const corner = prop.match(/^border-(start-start|start-end|end-start|end-end)-radius$/);
    const edges = (names) => {
      names.forEach(([name, given]) => declaration.cloneBefore({ prop: name, value: given }));
      declaration.remove();
    };
    if (side) {
      const name = SIDES[side[2]];
      declaration.prop = side[1] === "inset" ? name : `${side[1]}-${name}${side[3] ?? ""}`;
    } else if (corner) {
      declaration.prop = `border-${CORNERS[corner[1]]}-radius`;
    } else if (both) {
      const [left, right = left] = split(value, " ");
      const start = both[1] === "inset" ? "" : `${both[1]}-`;
      edges([[`${start}left`, left], [`${start}right`, right]]);
    } else if (prop === "inset") {
      const [top, right = top, bottom = top, left = right] = split(value, " ");
      edges([["top", top], ["right", right], ["bottom", bottom], ["left", left]]);
    } else if (prop === "float" && value.startsWith("inline-")) {
      declaration.value = SIDES[value.slice("inline-".length)];
    } else if (prop === "opacity" && value.endsWith("%")) {
      declaration.value = String(Math.round(parseFloat(value) * 10) / 1000);
    } else if (prop === "outline-color" && value === "transparent") {
      declaration.remove(); // it would hide the ring that a browser without :focus-visible draws itself
    }
  });
}

// Takes the value that var() gives for a property that nobody sets; without one the declaration says nothing.
function fillUndefined(sheet, notes) {
  const { root, local } = definitions(sheet);
  sheet.walkDecls((declaration) => {
    for (const [, name] of declaration.value.matchAll(/var\(\s*(--[\w-]+)/g)) {
      if (root.has(name) || local.has(name)) continue;
      const start = declaration.value.search(new RegExp(`var\\(\\s*${name}(?![\\w-])`));
      if (start < 0) continue;
      const end = closing(declaration.value, start + 3);
      const [, ...fallback] = split(declaration.value.slice(start + 4, end), ",");
      if (fallback.length === 0) {
        notes.push(`${declaration.parent.selector} { ${declaration}}: ${name} is set nowhere`);
        declaration.remove();
        return;
      }
      declaration.value = declaration.value.slice(0, start) + fallback.join(",") + declaration.value.slice(end + 1);
    }
  });
}

function dropUnused(sheet, outside) {
  sheet.walkAtRules("property", (rule) => void (outside.has(rule.params) || rule.remove()));
  for (;;) {
    const named = new Set(outside);
    sheet.walkDecls((declaration) => {
      for (const [, name] of declaration.value.matchAll(/var\(\s*(--[\w-]+)/g)) if (name !== declaration.prop) named.add(name);
    });
    let dropped = 0;
    sheet.walkDecls(/^--/, (declaration) => {
      if (named.has(declaration.prop) || declaration.prop in OURS) return;
      declaration.remove();
      dropped += 1;
    });
    if (dropped === 0) return;
  }
}

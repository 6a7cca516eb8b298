// Verifies a certificate in the browser, where it knows Ed25519; other browsers send the form instead. A printed code opens this
// page with the token behind the #, which is sent nowhere.
(() => {
  const form = document.getElementById("verify-form");
  const subtle = window.crypto && window.crypto.subtle;
  if (!form || !subtle || !window.TextEncoder) return;
  const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const SKEW = 300000;
  const FRESH = 86400000;
  const ELSEWHERE = "elsewhere";
  let able = false;

  // RFC 8785: members in the order of their UTF-16 code units, numbers as ECMAScript writes them.
  const canonical = (value) => {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value && typeof value === "object") {
      return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
    }
    return JSON.stringify(value);
  };

  const decoded = (text) => {
    if (typeof text !== "string" || text[0] !== "z") throw new Error("multibase");
    const bytes = [];
    for (const sign of text.slice(1)) {
      let carry = ALPHABET.indexOf(sign);
      if (carry < 0) throw new Error("base58");
      for (let place = 0; place < bytes.length; place += 1) {
        carry += bytes[place] * 58;
        bytes[place] = carry & 255;
        carry >>= 8;
      }
      while (carry) {
        bytes.push(carry & 255);
        carry >>= 8;
      }
    }
    for (let place = 1; text[place] === "1"; place += 1) bytes.push(0);
    return new Uint8Array(bytes.reverse());
  };

  const digest = async (value) => new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(canonical(value))));

  const without = (value, name) => {
    const rest = { ...value };
    delete rest[name];
    return rest;
  };

  const fetched = async (address) => {
    const answer = await fetch(address, { credentials: "omit", cache: "no-store" });
    if (!answer.ok) throw new Error(address);
    return answer.json();
  };

  // A did:key is the key itself. A did:web is looked up where it is of this site, and nowhere else.
  const ownDid = `did:web:${window.location.host.replace(":", "%3A")}`;
  const keyOf = async (proof) => {
    const method = proof.verificationMethod || "";
    const match = /^did:key:(z[^#]+)(?:#(z.+))?$/.exec(method);
    if (match && (!match[2] || match[2] === match[1])) return match[1];
    if (!method.startsWith("did:web:")) throw new Error("method");
    if (method.split("#")[0] !== ownDid) throw new Error(ELSEWHERE);
    const document = await fetched(form.dataset.did);
    const named = document.verificationMethod.find((item) => item.id === method);
    if (document.id !== ownDid || !named || !document.assertionMethod.includes(method)) throw new Error("method");
    return named.publicKeyMultibase;
  };

  async function holds(credential) {
    const proof = credential.proof;
    if (proof.type !== "DataIntegrityProof" || proof.cryptosuite !== "eddsa-jcs-2022") return false;
    if (proof.proofPurpose !== "assertionMethod") return false;
    if (canonical(proof["@context"] || null) !== canonical(credential["@context"] || null)) return false;
    const raw = decoded(await keyOf(proof));
    if (raw.length !== 34 || raw[0] !== 0xed || raw[1] !== 1) return false;
    const key = await subtle.importKey("raw", raw.slice(2), { name: "Ed25519" }, false, ["verify"]);
    const data = new Uint8Array(64);
    data.set(await digest(without(proof, "proofValue")), 0);
    data.set(await digest(without(credential, "proof")), 32);
    return subtle.verify({ name: "Ed25519" }, key, decoded(proof.proofValue), data);
  }

  const bytesOf = (text) => {
    const padded = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(padded), (sign) => sign.charCodeAt(0));
  };
  const parsed = (text) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytesOf(text)));

  const sumOf = async (text) => {
    const sum = new Uint8Array(await subtle.digest("SHA-256", new TextEncoder().encode(text)));
    return btoa(String.fromCharCode(...sum)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  // RFC 9901, section 7.3, step 5, but for the reader's own name and word, which a page for everybody cannot know: so a proof of
  // the holder's key never says more here than "not checked".
  const HOLDERS = {
    "OKP Ed25519": ["EdDSA", { name: "Ed25519" }, { name: "Ed25519" }],
    "EC P-256": ["ES256", { name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  };
  async function holderOf(claims, token, statement) {
    if (!("cnf" in claims)) return statement ? "failed" : null;
    const { kty, crv, x, y } = (claims.cnf && claims.cnf.jwk) || {};
    const known = HOLDERS[`${kty} ${crv}`];
    if (!known || !statement) return "unknown";
    try {
      const [algorithm, imported, used] = known;
      const [head, body, signature] = statement.split(".");
      const header = parsed(head);
      const said = parsed(body);
      const age = Date.now() - said.iat * 1000;
      const complete = typeof said.aud === "string" && typeof said.nonce === "string" && Number.isInteger(said.iat);
      if (header.typ !== "kb+jwt" || header.alg !== algorithm || !complete) return "failed";
      if (age < -SKEW || age > FRESH + SKEW) return "failed";
      if (said.sd_hash !== (await sumOf(token.slice(0, token.length - statement.length)))) return "failed";
      const key = await subtle.importKey("jwk", { kty, crv, x, y }, imported, false, ["verify"]);
      const data = new TextEncoder().encode(`${head}.${body}`);
      return (await subtle.verify(used, key, bytesOf(signature), data)) ? "unknown" : "failed";
    } catch (error) {
      return "failed";
    }
  }

  // RFC 9901, section 7.1: the signature, then every disclosure by its digest; one that nothing refers to is refused.
  async function shownBy(token) {
    const [signed, ...rest] = token.split("~");
    const [head, body, signature] = signed.split(".");
    const statement = rest.pop();
    const header = parsed(head);
    if (header.alg !== "EdDSA" || header.typ !== "dc+sd-jwt") throw new Error("type");
    const raw = decoded(await keyOf({ verificationMethod: header.kid }));
    if (raw.length !== 34 || raw[0] !== 0xed || raw[1] !== 1) throw new Error("key");
    const key = await subtle.importKey("raw", raw.slice(2), { name: "Ed25519" }, false, ["verify"]);
    const data = new TextEncoder().encode(`${head}.${body}`);
    if (!(await subtle.verify({ name: "Ed25519" }, key, bytesOf(signature), data))) return null;
    const found = new Map();
    for (const text of rest) {
      const name = await sumOf(text);
      if (found.has(name)) throw new Error("twice");
      found.set(name, parsed(text));
    }
    let used = 0;
    const opened = (value) => {
      if (Array.isArray(value)) return value.map(opened);
      if (!value || typeof value !== "object") return value;
      const result = {};
      for (const [name, part] of Object.entries(value)) if (name !== "_sd") result[name] = opened(part);
      for (const digestName of value._sd || []) {
        if (!found.has(digestName)) continue;
        const [, name, part] = found.get(digestName);
        if (name in result) throw new Error("name");
        used += 1;
        result[name] = opened(part);
      }
      return result;
    };
    const claims = opened(parsed(body));
    if (used !== found.size) throw new Error("disclosure");
    return { claims, method: header.kid, holder: await holderOf(claims, token, statement) };
  }

  // A token in the form of a credential, so that both are checked and shown alike.
  const asCredential = (claims) => ({
    validFrom: claims.nbf ? new Date(claims.nbf * 1000).toISOString() : undefined,
    validUntil: claims.exp ? new Date(claims.exp * 1000).toISOString() : undefined,
    credentialStatus: claims.credentialStatus,
    credentialSubject: claims,
  });

  async function takenBack(credential, keys) {
    const entry = credential.credentialStatus;
    const address = new URL(form.dataset.status, window.location.href);
    if (!entry || entry.type !== "BitstringStatusListEntry" || !window.DecompressionStream) return null;
    const named = new URL(entry.statusListCredential, window.location.href);
    if (named.pathname !== address.pathname) return null;
    const listed = await fetched(address.href);
    if (!(await holds(listed)) || !keys.includes(await keyOf(listed.proof))) return null;
    const text = listed.credentialSubject.encodedList.slice(1).replace(/-/g, "+").replace(/_/g, "/");
    const packed = Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const bits = new Uint8Array(await new Response(stream).arrayBuffer());
    const index = Number(entry.statusListIndex);
    return Boolean(bits[index >> 3] & (128 >> index % 8));
  }

  function told(outcome, words) {
    const item = document.createElement("li");
    const tag = document.createElement("span");
    tag.className = outcome === "ok" ? "state-tag up" : "state-tag";
    tag.textContent = { ok: "✓", failed: "✗", unknown: "?" }[outcome];
    item.append(tag, ` ${words}`);
    document.getElementById("checks").append(item);
    return outcome !== "failed";
  }

  function shown(credential) {
    const list = document.getElementById("claims");
    const subject = credential.credentialSubject || {};
    const about = subject.assessment || {};
    const grades = new Map(Object.entries(JSON.parse(list.dataset.grades)));
    const rows = [
      ["name", subject.legalName],
      ["registration", subject.registrationNumber],
      ["standard", about.standard],
      ["date", about.date],
      ["level", about.level],
      ["score", about.score],
      ["grade", grades.get(about.evidenceGrade) || about.evidenceGrade],
      ["assessor", about.assessor],
    ];
    list.textContent = "";
    for (const [name, value] of rows) {
      if (value === undefined || value === null) continue;
      const row = document.createElement("div");
      const title = document.createElement("dt");
      const text = document.createElement("dd");
      title.textContent = list.dataset[name];
      text.textContent = value;
      row.append(title, text);
      list.append(row);
    }
  }

  async function verified(text) {
    const words = document.getElementById("checks").dataset;
    document.getElementById("checks").textContent = "";
    document.getElementById("claims").textContent = "";
    let fine = false;
    try {
      let credential;
      let method;
      let holder = null;
      if (text.startsWith("{")) {
        credential = JSON.parse(text);
        fine = await holds(credential);
        method = credential.proof;
      } else {
        const shownClaims = await shownBy(text);
        fine = shownClaims !== null;
        credential = fine ? asCredential(shownClaims.claims) : {};
        method = { verificationMethod: fine ? shownClaims.method : "" };
        holder = fine ? shownClaims.holder : null;
      }
      fine = told(fine ? "ok" : "failed", fine ? words.proof : words.noProof);
      if (fine) {
        const published = await fetched(form.dataset.keys);
        const ours = published.keys.includes(await keyOf(method));
        told(ours ? "ok" : "unknown", ours ? words.issuer : words.noIssuer);
        if (holder) fine = told(holder, holder === "failed" ? words.noHolder : words.holder) && fine;
        const now = Date.now();
        const begin = credential.validFrom ? Date.parse(credential.validFrom) : now;
        const end = credential.validUntil ? Date.parse(credential.validUntil) : now;
        const inTime = begin <= now + SKEW && end >= now - SKEW;
        fine = told(inTime ? "ok" : "failed", inTime ? words.dates : words.noDates) && fine;
        const back = ours ? await takenBack(credential, published.keys) : null;
        if (back === null) told("unknown", words.openStatus);
        else fine = told(back ? "failed" : "ok", back ? words.noStatus : words.status) && fine;
        shown(credential);
      }
    } catch (error) {
      fine = told("failed", error.message === ELSEWHERE ? words.elsewhere : words.form);
    }
    const verdict = document.getElementById("verdict");
    verdict.textContent = fine ? verdict.dataset.valid : verdict.dataset.invalid;
    document.getElementById("outcome").hidden = false;
    document.getElementById("outcome").dataset.where = "browser";
  }

  form.addEventListener("submit", async (event) => {
    if (!able) return;
    const file = form.elements.file.files[0];
    const typed = form.elements.text.value.trim();
    if (!file && !typed) return;
    event.preventDefault();
    await verified((file ? await file.text() : typed).trim());
  });

  const scanned = decodeURIComponent(window.location.hash.slice(1));
  if (scanned) form.elements.text.value = scanned;

  subtle
    .generateKey({ name: "Ed25519" }, false, ["sign", "verify"])
    .then(() => {
      able = true;
      document.getElementById("here-note").hidden = false;
      if (scanned) verified(scanned);
    })
    .catch(() => {});
})();

  /* what every part uses: elements, the stored data, numbers in words */
  const $ = (q, e) => (e || document).querySelector(q);
  const $$ = (q, e) => [...(e || document).querySelectorAll(q)];
  const root = document.documentElement;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const specs = read('dsp-specs');
  const page = read('dsp-data');
  const violations = [];
  document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective));

  const make = (tag, text, attributes) => {
    const made = document.createElement(tag);
    if (text !== undefined && text !== null) made.textContent = text;
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    return made;
  };
  const icon = (name) => {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('class', 'i');
    svg.setAttribute('aria-hidden', 'true');
    const use = document.createElementNS(space, 'use');
    use.setAttribute('href', '#i-' + name);
    svg.append(use);
    return svg;
  };

  /* the same words as the page was written with, in every locale */
  const MINUS = '\u2212', NBSP = '\u00a0', NOTHING = '\u2013';
  const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
  const grouped = (x, digits) => {
    const [whole, part] = x.toFixed(digits).split('.');
    const out = whole.replace(/\B(?=(\d{3})+$)/g, ',');
    return part ? out + '.' + part : out;
  };
  const three = (x) => Number(x.toPrecision(3));
  const plain = (x) => {
    if (x === 0) return '0';
    if (x < 1e-4) return x.toExponential(2).replace('e-', 'e' + MINUS);
    return grouped(x, Math.max(0, 2 - Math.floor(Math.log10(x))));
  };
  const UNITS = [[1e12, 'T'], [1e9, 'B'], [1e6, 'M'], [1e3, 'K']];
  const amount = (x) => {
    if (x === null || x === undefined || !isFinite(x)) return NOTHING;
    const sign = x < 0 ? MINUS : '', size = three(Math.abs(x));
    if (size >= 1e15) return sign + size.toExponential(2).replace('e+', 'e');
    if (size < 10000) return sign + plain(size);
    const [limit, letter] = UNITS.find((u) => size >= u[0]);
    return sign + plain(three(size / limit)) + letter;
  };
  const count = (x) => {
    if (x === null || x === undefined || !isFinite(x)) return NOTHING;
    return Math.abs(x) < 1e6 ? grouped(Math.round(x), 0).replace('-', MINUS) : amount(x);
  };
  const share = (x) => {
    if (x === null || x === undefined || !isFinite(x)) return NOTHING;
    if (x === 0 || x === 1) return x * 100 + '%';
    if (x > 0 && x < 0.0005) return '<0.1%';
    if (x >= 0.9995 && x < 1) return '>99.9%';
    return (x * 100).toFixed(1).replace('-', MINUS) + '%';
  };
  const withUnit = (text, unit) => {
    if (!unit || text === NOTHING) return text;
    const sign = text.startsWith(MINUS) && unit[0] ? MINUS : '';
    return sign + unit[0] + text.slice(sign.length) + unit[1];
  };
  const written = (x, format, unit) => withUnit(
    format === 'percent' ? share(x) : format === 'integer' ? count(x) : amount(x), unit);
  const day = (ms) => {
    const d = new Date(ms);
    return d.getUTCDate() + NBSP + MONTHS[d.getUTCMonth()] + NBSP + d.getUTCFullYear();
  };
  const moment = (ms) => {
    const d = new Date(ms), two = (x) => String(x).padStart(2, '0');
    return `${day(ms)}, ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}${NBSP}UTC`;
  };
  const isoDay = (ms) => new Date(ms).toISOString().slice(0, 10);

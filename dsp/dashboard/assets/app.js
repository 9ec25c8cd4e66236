(() => {
  'use strict';
  const $ = (q, e) => (e || document).querySelector(q);
  const $$ = (q, e) => [...(e || document).querySelectorAll(q)];
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const specs = read('dsp-specs');
  const data = read('dsp-data');
  const views = {};
  const violations = [];
  const root = document.documentElement;
  document.addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective));

  /* theme */
  const system = matchMedia('(prefers-color-scheme: dark)');
  const isPrint = location.hash === '#print';
  let mode = isPrint ? 'light' : root.dataset.mode;
  if (mode === 'auto') {
    try { mode = localStorage.getItem('dsp-theme') || 'auto'; } catch (e) { mode = 'auto'; }
  }
  const applyTheme = (wanted) => {
    const m = wanted || mode;
    root.dataset.theme = m === 'auto' ? (system.matches ? 'dark' : 'light') : m;
  };
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const config = () => {
    const v = css, axisText = v('--text-3'), font = v('--font');
    const ramp = ['--q0', '--q1', '--q2', '--q3', '--q4', '--q5'].map(v);
    return {
      aria: false, background: null, font,
      padding: { left: 0, right: 3, top: 4, bottom: 4 },
      view: { stroke: null },
      axis: { labelColor: axisText, titleColor: axisText, labelFontSize: 11, titleFontSize: 11,
        titleFontWeight: 500, titlePadding: 6, labelPadding: 6, grid: true,
        gridColor: v('--border'), domain: false, ticks: false },
      axisX: { grid: false, labelFlush: true },
      axisBand: { grid: false, labelColor: v('--text-2'), labelFontSize: 12 },
      legend: { labelColor: v('--text-2'), titleColor: axisText, orient: 'top' },
      text: { color: v('--text-2'), fontSize: 12 },
      rule: { color: v('--border-2') },
      range: { category: ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'].map(v), heatmap: ramp, ramp },
    };
  };
  const themed = (value) => {
    if (typeof value === 'string') {
      const found = /^var\((--[a-z0-9-]+)\)$/.exec(value);
      return found ? css(found[1]) : value;
    }
    if (Array.isArray(value)) return value.map(themed);
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, themed(v)]));
    }
    return value;
  };

  /* charts */
  const refuse = () => Promise.reject(new Error('the page makes no requests'));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };
  const rowsOf = (id) => data[id].rows.map(
    (row) => Object.fromEntries(data[id].columns.map((name, i) => [name, row[i]])));
  const draw = async (id) => {
    const place = $(`[data-chart="${CSS.escape(id)}"]`);
    if (!place || !specs[id]) return;
    const spec = themed(specs[id]);
    spec.datasets = { [id]: rowsOf(id) };
    if (spec.height && spec.height.step) {
      const bare = (spec.layer || [spec]).some((layer) => layer.encoding.x.axis === null);
      spec.height = spec.height.step * data[id].rows.length + (bare ? 10 : 46);
      spec.autosize.type = 'fit';
    }
    if (views[id]) views[id].finalize();
    views[id] = await dspVega.vegaEmbed(place, spec, {
      mode: 'vega-lite', ast: true, actions: false, defaultStyle: false, renderer: 'svg',
      logLevel: 1, config: config(), loader,
      tooltip: { disableDefaultStyle: true, theme: 'custom' },
    });
    const svg = $('svg', place);
    if (svg) {
      svg.setAttribute('role', 'img');
      svg.setAttribute('aria-label', place.dataset.alt);
      for (const child of svg.children) child.setAttribute('aria-hidden', 'true');
    }
  };
  let queue = Promise.resolve();
  const later = (id) => {
    queue = queue.then(() => draw(id)).then(() => new Promise((done) => setTimeout(done, 0)));
    return queue;
  };
  const lazy = new IntersectionObserver((seen) => {
    for (const e of seen) {
      if (e.isIntersecting) { lazy.unobserve(e.target); later(e.target.dataset.chart); }
    }
  }, { rootMargin: '350px' });
  const drawAll = async () => {
    for (const place of $$('[data-chart]')) {
      lazy.unobserve(place);
      if (!views[place.dataset.chart]) later(place.dataset.chart);
    }
    await queue;
  };
  const redraw = async () => {
    for (const id of Object.keys(views)) later(id);
    await queue;
  };

  /* controls */
  const button = $('#theme');
  const names = { auto: 'Theme: automatic', light: 'Theme: light', dark: 'Theme: dark' };
  const icons = { auto: '#i-auto', light: '#i-sun', dark: '#i-moon' };
  const label = () => {
    button.setAttribute('aria-label', names[mode]);
    button.title = names[mode];
    $('use', button).setAttribute('href', icons[mode]);
  };
  const setTheme = async (wanted) => { mode = wanted; applyTheme(); label(); await redraw(); };
  button.addEventListener('click', () => {
    const next = { auto: 'light', light: 'dark', dark: 'auto' }[mode];
    try { localStorage.setItem('dsp-theme', next); } catch (e) { /* a sandbox has no storage */ }
    setTheme(next);
  });
  system.addEventListener('change', () => { if (mode === 'auto') setTheme('auto'); });
  $('#print').addEventListener('click', async () => {
    applyTheme('light');
    await drawAll();
    await redraw();
    window.print();
    await setTheme(mode);
  });
  window.addEventListener('beforeprint', () => applyTheme('light'));
  window.addEventListener('afterprint', () => applyTheme());
  for (const copy of $$('[data-copy]')) {
    copy.addEventListener('click', () => {
      const text = document.getElementById(copy.dataset.copy).textContent;
      const said = $('span', copy);
      const done = (word) => { said.textContent = word; };
      if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => done('Copied'), () => done('Select and copy'));
      else done('Select and copy');
    });
  }
  const search = $('#search');
  if (search) {
    search.addEventListener('input', () => {
      const wanted = search.value.trim().toLowerCase();
      for (const item of $$('[data-name]')) {
        item.hidden = !item.dataset.name.toLowerCase().includes(wanted);
      }
    });
  }
  const more = $('#more-insights');
  if (more) {
    more.addEventListener('click', () => {
      for (const card of $$('#insights .ins[hidden]')) card.hidden = false;
      more.hidden = true;
    });
  }

  /* navigation */
  const links = $$('.side a');
  const spy = new IntersectionObserver((seen) => {
    for (const e of seen) {
      if (!e.isIntersecting) continue;
      for (const a of links) {
        if (a.hash === '#' + e.target.id) a.setAttribute('aria-current', 'true');
        else a.removeAttribute('aria-current');
      }
    }
  }, { rootMargin: '-80px 0px -70% 0px' });
  for (const section of $$('main section[id]')) spy.observe(section);

  applyTheme();
  label();
  window.__dsp = {
    ready: false, violations, drawAll, setTheme,
    get charts() { return Object.keys(views).length; },
    get planned() { return $$('[data-chart]').length; },
    state: () => ({ mode, theme: root.dataset.theme }),
  };
  /* a browser that prints without showing the page gives it no frames to wait for */
  if (isPrint) drawAll();
  requestAnimationFrame(() => setTimeout(() => {
    for (const place of $$('[data-chart]')) lazy.observe(place);
    window.__dsp.ready = true;
  }, 0));
})();

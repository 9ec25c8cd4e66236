  /* theme */
  const system = matchMedia('(prefers-color-scheme: dark)');
  const asked = new URLSearchParams(location.search);
  let mode = root.dataset.mode;
  if (mode === 'auto') {
    try { mode = localStorage.getItem('dsp-theme') || 'auto'; } catch (e) { mode = 'auto'; }
  }
  if (['light', 'dark', 'auto'].includes(asked.get('theme'))) mode = asked.get('theme');
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
      legend: { labelColor: v('--text-2'), titleColor: axisText, labelFontSize: 12, symbolSize: 70,
        orient: 'top', padding: 0, offset: 6, symbolStrokeWidth: 2.5 },
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

  /* charts: drawn one at a time, when they come near */
  const views = {};
  const live = {};
  const onDrawn = [];
  const refuse = () => Promise.reject(new Error('the page makes no requests'));
  const loader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };
  const stored = (id) => page.charts[id].rows.map(
    (row) => Object.fromEntries(page.charts[id].columns.map((name, i) => [name, row[i]])));
  const rowsOf = (id) => live[id] || stored(id);
  const placeOf = (id) => $(`[data-chart="${CSS.escape(id)}"]`);
  const draw = async (id) => {
    const place = placeOf(id);
    if (!place || !specs[id]) return;
    const spec = themed(specs[id]);
    spec.datasets = { [id]: rowsOf(id) };
    if (spec.height && spec.height.step) {
      const bare = (spec.layer || [spec]).some((layer) => layer.encoding.x.axis === null);
      spec.height = spec.height.step * spec.datasets[id].length + (bare ? 10 : 46);
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
    for (const heard of onDrawn) heard(id, views[id].view);
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
  const isShown = (place) => !place.closest('[hidden]');
  const drawAll = async () => {
    for (const place of $$('[data-chart]')) {
      lazy.unobserve(place);
      if (!views[place.dataset.chart] && isShown(place)) later(place.dataset.chart);
    }
    await queue;
  };
  const redraw = async () => {
    for (const id of Object.keys(views)) later(id);
    await queue;
  };
  const show = (id, rows) => {
    live[id] = rows;
    if (!views[id]) return null;
    views[id].view.data(id, rows);
    return views[id].view.runAsync();
  };

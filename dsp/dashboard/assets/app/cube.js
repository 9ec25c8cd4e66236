  /* the cube: one pass over its cells answers any filter */
  const ARRAYS = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array };
  const unpack = (packed) => {
    const text = atob(packed.b), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return new ARRAYS[packed.t](bytes.buffer);
  };
  const cube = page.cube && {
    ...page.cube,
    w: unpack(page.cube.w), c: unpack(page.cube.c),
    dims: page.cube.dims.map((d) => ({ ...d, b: unpack(d.b) })),
    m: page.cube.m.map((m) => ({ ...m, s: unpack(m.s), n: m.n && unpack(m.n) })),
  };
  const axis = cube ? cube.axis : { kind: 'none', n: 0, first: 0, last: -1, cuts: [] };
  const state = { first: axis.first, last: axis.last, on: cube ? cube.dims.map(() => null) : [] };
  const isAll = () => state.first === 0 && state.last >= axis.n - 1;
  const isDefault = () => state.first === axis.first && state.last === axis.last && state.on.every((f) => !f);

  /* how far back the comparison lies: a year, or the window's own length */
  const backOf = (first, last) => {
    if (axis.kind !== 'time') return null;
    const whole = axis.open[0] ? 1 : 0, n = last - first + 1;
    let back = null;
    if (axis.shift && n <= axis.shift && first - axis.shift >= whole) back = axis.shift;
    else if (first - n >= whole) back = n;
    if (back !== null && last === axis.n - 1 && axis.open[1] && !axis.cuts.includes(last - back)) return null;
    return back;
  };
  const cutAt = (back) => (back !== null && state.last === axis.n - 1 && axis.open[1]
    ? axis.n + 1 + axis.cuts.indexOf(state.last - back) : -1);

  const blank = (size) => ({
    c: new Float64Array(size), s: cube.m.map(() => new Float64Array(size)), n: cube.m.map(() => new Float64Array(size)),
  });
  const add = (to, place, i) => {
    to.c[place] += cube.c[i];
    for (let k = 0; k < cube.m.length; k++) {
      to.s[k][place] += cube.m[k].s[i];
      to.n[k][place] += cube.m[k].n ? cube.m[k].n[i] : cube.c[i];
    }
  };
  /* a cell counts for a dimension when no other dimension's filter rejects it */
  const pass = () => {
    const size = axis.n + 1 + axis.cuts.length, nd = cube.dims.length;
    const back = backOf(state.first, state.last), cut = cutAt(back);
    const low = state.first + 1, high = state.last + 1;
    const every = isAll();
    const over = blank(size), total = blank(1), before = blank(1);
    const now = cube.dims.map((d) => blank(d.values.length));
    const old = cube.dims.map((d) => blank(d.values.length));
    for (let i = 0; i < cube.n; i++) {
      let bad = 0, which = -1;
      for (let k = 0; k < nd; k++) {
        const f = state.on[k];
        if (f && !f[cube.dims[k].b[i]]) { bad++; which = k; if (bad > 1) break; }
      }
      if (bad > 1) continue;
      const w = cube.w[i];
      if (bad === 0) add(over, w, i);
      let side = null;
      if (w > axis.n) side = w === cut ? 'old' : null;
      else if (every || (w >= low && w <= high)) side = 'now';
      else if (back !== null && w >= low - back && w <= high - back && !(cut > 0 && w === high - back)) side = 'old';
      if (side === null) continue;
      const into = side === 'now' ? now : old;
      if (bad === 0) {
        add(side === 'now' ? total : before, 0, i);
        for (let k = 0; k < nd; k++) add(into[k], cube.dims[k].b[i], i);
      } else add(into[which], cube.dims[which].b[i], i);
    }
    return { over, total, before, now, old, back, cut };
  };
  /* a figure of sums: rows, a total, or a mean of what has a value */
  const figure = (sums, place, measure, how) => {
    if (measure === null || measure === undefined) return sums.c[place];
    if (how === 'sum') return sums.n[measure][place] || !sums.c[place] ? sums.s[measure][place] : null;
    const n = sums.n[measure][place];
    return n ? sums.s[measure][place] / n : null;
  };

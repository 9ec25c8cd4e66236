-- purpose: which file, settings and version made these results
-- parameters: none
-- one row is: the run
select
    source,
    source_format,
    n_rows,
    n_columns,
    n_rejected,
    source_fingerprint,
    version,
    seed,
    engine,
    config
from runs;

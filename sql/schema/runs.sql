-- purpose: result table runs
-- parameters: none
-- one row is: the run: its source, configuration and state
create table main.runs (
    run_id varchar not null,  -- random identifier of the run
    status varchar not null,  -- complete, once everything is written; failed_validation when strict validation has stopped it
    version varchar not null,  -- version of dsp
    source varchar not null,  -- what the user named
    source_name varchar not null,  -- short name for people
    source_format varchar not null,  -- parquet, csv, json, arrow, excel, database or memory
    source_files varchar[] not null,  -- absolute paths of the files read
    source_bytes bigint,  -- size of the source in bytes
    source_fingerprint varchar not null,  -- sha256 over names, sizes, times and edges of the files, or over the content of a table in memory
    read_decisions json not null,  -- what was assumed when reading: delimiter, encoding, types ...
    is_materialized boolean not null,  -- whether raw.data is a copy (true) or a view on the source
    n_rows bigint not null,  -- rows loaded
    n_columns bigint not null,  -- columns loaded
    n_rejected bigint not null,  -- records that could not be read, kept in raw.rejects
    target varchar,  -- target column
    time_column varchar,  -- time column, given or found
    context varchar,  -- the business context in words
    config json not null,  -- settings of the run (without the output folder)
    seed bigint not null,  -- seed of every random choice
    engine varchar not null,  -- duckdb or spark
    started_at timestamptz,  -- start, UTC
    finished_at timestamptz,  -- end, UTC
    elapsed_ms double  -- wall time in milliseconds
);

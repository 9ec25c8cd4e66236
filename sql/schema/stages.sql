-- purpose: result table stages
-- parameters: none
-- one row is: a stage of the run that committed
create table main.stages (
    stage varchar not null,  -- name of the stage
    position bigint not null,  -- 1 to 7
    status varchar not null,  -- done or skipped
    n_rows_in bigint,  -- rows that entered
    n_rows_out bigint,  -- rows that left
    n_scans bigint not null,  -- queries that read the data
    bytes_fetched bigint not null,  -- bytes of Arrow results fetched from the engine
    message varchar not null,  -- the line shown for it
    peak_memory_bytes bigint,  -- peak resident memory of the process so far
    started_at timestamptz,  -- start, UTC
    finished_at timestamptz,  -- end, UTC
    elapsed_ms double  -- wall time in milliseconds
);

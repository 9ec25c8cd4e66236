-- purpose: result table cubes
-- parameters: none
-- one row is: the aggregate that the filters of the page work on
create table main.cubes (
    cube_id varchar not null,  -- identifier
    axis varchar not null,  -- what the buckets are: time, number or none
    axis_column varchar,  -- the column that is cut into buckets
    grain varchar,  -- period of a bucket: hour, day, week, month, quarter or year
    shift bigint,  -- buckets that make a year
    n_buckets bigint not null,  -- number of buckets
    first_bucket bigint not null,  -- first bucket of the window that is shown first
    last_bucket bigint not null,  -- last bucket of that window
    n_cells bigint not null,  -- number of cells
    n_rows bigint not null,  -- rows counted
    min_cell bigint not null,  -- rows that a cell has at least
    notes varchar[] not null,  -- what was left out to keep the page small
    back bigint,  -- how many buckets before the window the comparison lies
    previous_label varchar,  -- what the comparison is called
    first_at timestamptz,  -- first moment of the data (UTC), for an axis of time
    last_at timestamptz,  -- last moment of the data (UTC)
    evidence_sql varchar not null  -- query against this database that gives the cells
);

-- purpose: result table top_values
-- parameters: none
-- one row is: a frequent value of a column
create table main.top_values (
    column_name varchar not null,  -- name in clean.data
    rank bigint not null,  -- 1 is the most frequent; ties by value
    value varchar,  -- the value as text
    n_rows bigint not null,  -- rows that have it
    fraction double not null,  -- share of all rows (0-1)
    profile_sql varchar not null  -- query that gives the values again
);

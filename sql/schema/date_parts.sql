-- purpose: result table date_parts
-- parameters: none
-- one row is: a weekday, month or hour of a column of dates or times
create table main.date_parts (
    column_name varchar not null,  -- name in clean.data
    part varchar not null,  -- weekday, month or hour
    number bigint not null,  -- 1 (Monday) to 7, 1 to 12, or 0 to 23
    label varchar not null,  -- its name
    n_rows bigint not null,  -- values in it
    fraction double not null,  -- share of the finite values (0-1)
    profile_sql varchar not null  -- query that gives number and n_rows of the part again
);

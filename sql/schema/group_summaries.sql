-- purpose: result table group_summaries
-- parameters: none
-- one row is: a group of rows, by the value of a column
create table main.group_summaries (
    value_column varchar not null,  -- column that is summed up
    by_column varchar not null,  -- column whose values make the groups
    position bigint not null,  -- order of the group, from 1
    group_value varchar not null,  -- value that the rows share
    event varchar,  -- value whose share is given
    n_rows bigint not null,  -- rows with both values
    mean double,  -- mean
    sd double,  -- sample standard deviation
    median double,  -- median; not taken of many rows unless asked for
    share double,  -- share of the event (0-1)
    low double,  -- lower end of the 95 % interval of the mean (t) or share (Wilson)
    high double,  -- upper end
    reason varchar,  -- why figures are missing
    evidence_sql varchar not null  -- query that gives the groups
);

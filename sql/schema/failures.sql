-- purpose: result table failures
-- parameters: none
-- one row is: a sample of the rows that fail a check
create table main.failures (
    check_id varchar not null,  -- the check
    sample bigint not null,  -- order in the sample, from 1
    row_number bigint,  -- row in the source, from 1
    row json not null  -- the row as JSON
);

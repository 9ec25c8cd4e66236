-- purpose: result table failures
-- parameters: none
-- one row is: a sample of the rows that fail a check
create table main.failures (
    check_id varchar not null,  -- the check
    sample bigint not null,  -- order in the sample, from 1
    row_number bigint,  -- row in the source, from 1
    row json not null,  -- the row as JSON
    line_number bigint,  -- line of the file that the row starts at, from 1, for formats of lines
    file varchar  -- the file, where the source has several
);

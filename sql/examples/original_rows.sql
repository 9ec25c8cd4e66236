-- purpose: rows as analyzed beside the same rows as loaded
-- parameters: none
-- one row is: a row of clean.data with the number of its row in raw.data
with numbered as (
    select row_number() over () as row_number, data as clean_row
    from clean.data as data
    limit 10
)
select
    numbered.row_number,
    numbered.row_number - runs.row_number + runs.raw_row_number as raw_row_number,
    numbered.clean_row
from numbered
asof join clean.rows as runs
    on numbered.row_number >= runs.row_number
order by numbered.row_number;

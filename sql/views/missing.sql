-- purpose: missing values of each column
-- parameters: none
-- one row is: a column, with the number and the share (0-1) of rows without a value
create view main.missing as
select
    column_name,
    position,
    n_null as n_missing,
    coalesce(n_null / nullif(n_rows, 0), 0) as fraction
from main.columns
order by position;

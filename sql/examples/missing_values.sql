-- purpose: columns with missing values, most first
-- parameters: none
-- one row is: a column with missing values
select
    column_name,
    n_null + n_nan as n_missing,
    round(100.0 * (n_null + n_nan) / n_rows, 2) as percent_missing
from columns
where n_null + n_nan > 0
order by n_missing desc, position;

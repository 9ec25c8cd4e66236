-- purpose: every column: type, role, values and range
-- parameters: none
-- one row is: a column
select
    position,
    column_name,
    data_type,
    role,
    n_distinct,
    coalesce(min_value, '-') as lowest,
    round(q50, 3) as median,
    coalesce(max_value, '-') as highest
from columns
order by position;

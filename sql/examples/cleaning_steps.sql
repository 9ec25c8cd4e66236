-- purpose: what was changed in the data, with the SQL that did it
-- parameters: none
-- one row is: a transform
select
    position,
    transform,
    columns,
    reason,
    n_changed,
    sql
from steps
order by position;

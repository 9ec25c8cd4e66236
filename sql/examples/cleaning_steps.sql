-- purpose: what was changed in the data, with the SQL that did it
-- parameters: none
-- one row is: a transform; each takes the result of the one before as input, the first raw.data
select
    position,
    transform,
    columns,
    reason,
    n_changed,
    sql
from steps
where status = 'applied'
order by position;

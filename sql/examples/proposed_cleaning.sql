-- purpose: what else could be done to the data, why, and how to ask for it
-- parameters: none
-- one row is: a transform that was not applied
select
    reason,
    n_changed,
    '--transform ' || setting as option,
    evidence,
    sql
from steps
where status = 'proposed'
order by position;

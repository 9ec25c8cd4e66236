-- purpose: checks that failed, the worst first
-- parameters: none
-- one row is: a failed check
select
    severity,
    name,
    columns,
    observed,
    n_failed,
    round(100 * failed_fraction, 2) as percent_failed,
    action
from checks
where outcome = 'failed'
order by
    list_position(['critical', 'error', 'warning', 'info'], severity),
    n_failed desc,
    check_id;

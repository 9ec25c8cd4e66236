-- purpose: where the time of the run went
-- parameters: none
-- one row is: a stage
select
    position,
    stage,
    status,
    message,
    n_scans,
    round(elapsed_ms / 1000, 2) as seconds,
    round(100 * elapsed_ms / sum(elapsed_ms) over (), 1) as percent
from stages
order by position;

-- purpose: what the run claims, best first
-- parameters: none
-- one row is: a finding that passed its test and that no other one explains
create view main.findings as
select
    rank,
    kind,
    title,
    statement,
    effect_name,
    effect,
    q_value,
    n_rows,
    recommendation,
    evidence_sql
from main.insights
where asserted and explained_by is null
order by rank;

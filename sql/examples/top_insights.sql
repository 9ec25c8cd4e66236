-- purpose: the five best findings with how sure they are
-- parameters: none
-- one row is: a finding
select
    rank,
    title,
    effect_name,
    round(effect, 3) as effect,
    q_value,
    n_rows
from insights
where asserted and explained_by is null
order by rank
limit 5;

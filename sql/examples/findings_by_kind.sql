-- purpose: how many candidates of each kind were claimed
-- parameters: none
-- one row is: a kind of finding
select
    kind,
    count(*) filter (asserted and explained_by is null) as claimed,
    count(*) as candidates,
    min(q_value) as smallest_q
from insights
group by all
order by claimed desc, kind;

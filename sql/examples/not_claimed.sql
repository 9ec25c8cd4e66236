-- purpose: what stood out and did not pass its test, or is explained by another finding
-- parameters: none
-- one row is: a candidate
select
    i.title,
    i.q_value,
    i.n_tests,
    i.correction,
    e.title as explained_by
from insights as i
left join insights as e on i.explained_by = e.insight_id
where not i.asserted or i.explained_by is not null
order by i.rank;

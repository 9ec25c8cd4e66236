-- purpose: columns that go with the target most, by strength of association
-- parameters: none
-- one row is: a column beside the target
select
    column_a as column_name,
    measure,
    round(value, 3) as value,
    direction,
    q_value
from associations
where is_target
    and value is not null
    and measure in ('pearson', 'spearman', 'cramers_v', 'correlation_ratio')
order by abs(value) desc, column_a
limit 10;

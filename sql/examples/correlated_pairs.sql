-- purpose: pairs of columns that tell nearly the same, apart from the target
-- parameters: $least: absolute value from which a pair is shown
-- one row is: a pair of columns
select
    column_a,
    column_b,
    measure,
    round(value, 3) as value,
    n_rows
from associations
where not is_target
    and abs(value) >= $least
    and measure in ('pearson', 'spearman', 'cramers_v', 'correlation_ratio')
order by abs(value) desc, column_a, column_b;

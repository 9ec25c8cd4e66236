-- purpose: score of each dimension of data quality, from the checks
-- parameters: none
-- one row is: a dimension, with the share (0-1) of cells that its checks accept
create view main.quality as
with evaluated as (
    select
        dimension,
        outcome,
        n_failed,
        failed_fraction,
        case when len(columns) = 0 then null else len(columns) end as n_columns
    from main.checks
    where outcome <> 'not_evaluated'
        and severity <> 'info'
),
width as (
    select greatest(count(*), 1) as n_columns
    from main.columns
)
select
    evaluated.dimension,
    round(
        greatest(
            0,
            1 - sum(
                evaluated.failed_fraction
                * least(coalesce(evaluated.n_columns, width.n_columns), width.n_columns)
                / width.n_columns
            )
        ),
        9
    ) as score,
    count(*) as n_checks,
    count(*) filter (where evaluated.outcome = 'failed') as n_failed_checks,
    cast(sum(evaluated.n_failed) as bigint) as n_failed
from evaluated
cross join width
group by evaluated.dimension
order by evaluated.dimension;

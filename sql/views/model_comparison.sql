-- purpose: every model beside the baseline of its target
-- parameters: none
-- one row is: a model that was fitted
create view main.model_comparison as
with baseline as (
    select
        target,
        metric,
        max(holdout) as holdout
    from main.models
    where is_baseline
    group by all
)

select
    m.target,
    m.name,
    m.metric,
    m.cv_mean,
    m.cv_sd,
    m.holdout,
    b.holdout as baseline_holdout,
    m.holdout - b.holdout as gain,
    m.is_best,
    m.fit_ms
from main.models as m
left join baseline as b using (target, metric)
order by m.position;

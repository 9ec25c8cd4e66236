-- purpose: every model beside the baseline, best first
-- parameters: none
-- one row is: a model
select
    name,
    metric,
    round(cv_mean, 4) as cross_validation,
    round(holdout, 4) as holdout,
    round(gain, 4) as gain_over_baseline,
    is_best
from model_comparison
order by holdout desc nulls last, name;

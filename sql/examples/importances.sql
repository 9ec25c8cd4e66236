-- purpose: what the best model uses, with the spread over repeats
-- parameters: none
-- one row is: a column used by the model
select
    i.rank,
    i.feature,
    round(i.mean, 4) as loss_when_shuffled,
    round(i.sd, 4) as sd,
    i.low > 0 as is_beyond_noise
from importances as i
inner join models as m using (model_id)
where m.is_best
order by i.rank;

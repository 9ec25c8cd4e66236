-- purpose: held-out rows that the best model gets most wrong
-- parameters: none
-- one row is: a row of the data with its prediction
select
    p.row_number,
    p.actual_number as actual,
    round(p.predicted_number, 3) as predicted,
    round(p.predicted_number - p.actual_number, 3) as error
from predictions as p
inner join models as m using (model_id)
where m.is_best and p.actual_number is not null
order by abs(error) desc, p.row_number
limit 10;

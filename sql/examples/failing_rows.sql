-- purpose: a sample of the rows behind each failed check, with their numbers
-- parameters: none
-- one row is: a row that fails a check
select
    c.name,
    f.row_number,
    f.row
from failures as f
inner join checks as c using (check_id)
order by c.check_id, f.sample;

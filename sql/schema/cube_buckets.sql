-- purpose: result table cube_buckets
-- parameters: none
-- one row is: a period of time, or a range of values
create table main.cube_buckets (
    bucket bigint not null,  -- number of the bucket, from 0
    starts_at timestamptz,  -- start of the period (UTC)
    ends_at timestamptz,  -- end of the period, not part of it
    low double,  -- lower end of the range; the first bucket holds smaller values too
    high double,  -- upper end of the range; the last bucket holds larger values too
    is_partial boolean not null  -- whether the data cover only a part of the period
);

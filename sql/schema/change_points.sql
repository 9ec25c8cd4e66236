-- purpose: result table change_points
-- parameters: none
-- one row is: a step of the level of a series
create table main.change_points (
    series_id varchar not null,  -- series
    change bigint not null,  -- order in time, from 1
    changed_at varchar not null,  -- start of the first period after it, UTC
    before double,  -- mean by period since the change before
    after double,  -- mean by period up to the next change
    effect double,  -- the step in standard deviations of what the steps leave, season taken off
    gain double not null,  -- by how much the criterion is worse without it; above 0
    evidence_sql varchar not null  -- query that gives before and after again
);

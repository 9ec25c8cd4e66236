-- purpose: result table change_points
-- parameters: none
-- one row is: a step of the level or of the spread of a series
create table main.change_points (
    series_id varchar not null,  -- series
    kind varchar not null,  -- level or spread
    change bigint not null,  -- order in time of its kind, from 1
    changed_at varchar not null,  -- start of the first period after it, UTC
    before double,  -- since the change before: the mean; of spread the standard deviation of steps from period to period
    after double,  -- the same, up to the next change
    effect double,  -- of level the step in standard deviations of what steps and season leave; of spread after over before
    gain double not null,  -- by how much the criterion is worse without it; above 0
    evidence_sql varchar not null  -- query that gives before and after again
);

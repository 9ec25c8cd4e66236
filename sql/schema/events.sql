-- purpose: result table events
-- parameters: none
-- one row is: a thing the run reported
create table main.events (
    event_id bigint not null,  -- order, from 1
    stage varchar not null,  -- name of the stage
    state varchar not null,  -- done or skipped
    done double not null,  -- units finished
    total double,  -- units in all
    unit varchar not null,  -- what is counted
    message varchar not null,  -- one line for people
    occurred_at timestamptz  -- when, UTC
);

-- purpose: result table problems
-- parameters: none
-- one row is: something that could not be computed
create table main.problems (
    problem_id bigint not null,  -- order, from 1
    stage varchar not null,  -- stage
    plugin varchar not null,  -- plug-in that failed
    error varchar not null,  -- type and text of the error
    hint varchar not null  -- the way out
);

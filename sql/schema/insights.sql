-- purpose: result table insights
-- parameters: none
-- one row is: a finding
create table main.insights (
    insight_id varchar not null,  -- identifier
    rank bigint not null,  -- 1 is shown first
    score double not null,  -- ranking score
    asserted boolean not null,  -- whether it is claimed (survives the multiplicity control)
    kind varchar not null,  -- kind of finding
    title varchar not null,  -- short headline sentence
    columns varchar[] not null,  -- columns it is about
    target varchar,  -- measure or target it speaks of
    segment_column varchar,  -- column of the segment
    segment_value varchar,  -- value of the segment
    time_start varchar,  -- start date, ISO
    time_end varchar,  -- end date, ISO
    period varchar,  -- weekly, yearly or days
    lag bigint,  -- days
    direction varchar,  -- up or down
    baseline double,  -- figure it is compared with
    value double,  -- figure found
    effect_name varchar,  -- name of the effect size
    effect double,  -- effect size
    effect_low double,  -- lower end of the 95 % interval
    effect_high double,  -- upper end of the 95 % interval
    n_rows bigint not null,  -- rows behind it
    impact double,  -- share of rows or of the total (0-1)
    test varchar,  -- name of the test
    unit varchar not null,  -- unit of the test: row, day or entity
    statistic double,  -- test statistic
    p_value double,  -- p value
    q_value double,  -- p value adjusted for n_tests
    n_tests bigint not null,  -- tests in the family
    correction varchar not null,  -- how q was made
    stability double,  -- share of random halves in which it holds
    explained_by varchar,  -- insight that explains it
    severity varchar not null,  -- info, notable or important
    statement varchar not null,  -- the finding in sentences
    recommendation varchar not null,  -- what to do next
    evidence_sql varchar not null,  -- query that gives the figures of the statement
    chart_id varchar,  -- its chart
    detector varchar  -- detector that found it
);

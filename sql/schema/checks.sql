-- purpose: result table checks
-- parameters: none
-- one row is: a check of the data with its outcome
create table main.checks (
    check_id varchar not null,  -- identifier, order of evaluation
    kind varchar not null,  -- name of the check plug-in
    name varchar not null,  -- title for people
    columns varchar[] not null,  -- columns it looks at
    dimension varchar not null,  -- completeness, validity, uniqueness, consistency or freshness
    severity varchar not null,  -- info, warning, error or critical
    outcome varchar not null,  -- passed, failed or not_evaluated
    expectation varchar not null,  -- what should hold
    observed varchar not null,  -- what was found, one sentence
    n_rows bigint not null,  -- rows looked at
    n_failed bigint not null,  -- rows that fail
    failed_fraction double not null,  -- n_failed / n_rows (0-1)
    tolerance double not null,  -- share of rows that may fail
    action varchar not null,  -- what dsp did about it
    reason varchar,  -- why it was not evaluated
    evidence_sql varchar not null,  -- query that counts the failing rows
    rule_id varchar,  -- identifier of the rule that was asked for; null for automatic checks
    max_failed bigint,  -- rows that may fail, where the rule gives a count
    row_filter varchar  -- condition on the rows that the rule looks at
);

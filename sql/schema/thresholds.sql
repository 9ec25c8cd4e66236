-- purpose: result table thresholds
-- parameters: none
-- one row is: what follows from a threshold of the probability, on held-out rows
create table main.thresholds (
    model_id varchar not null,  -- the model
    label varchar not null,  -- class that is called from the threshold on
    threshold double not null,  -- least probability
    n_true_positive bigint not null,  -- rows rightly called
    n_false_positive bigint not null,  -- rows wrongly called
    n_false_negative bigint not null,  -- rows missed
    n_true_negative bigint not null,  -- rows rightly not called
    precision double,  -- share of the called rows that are of the class
    recall double not null,  -- share of the rows of the class that are called
    specificity double not null,  -- share of the other rows that are not called
    f1 double not null,  -- harmonic mean of precision and recall
    balanced_accuracy double not null,  -- mean of recall and specificity
    mcc double,  -- correlation of Matthews
    cost double not null,  -- false alarms and missed rows by their costs
    is_best_f1 boolean not null,  -- highest f1
    is_best_cost boolean not null,  -- lowest cost
    is_default boolean not null  -- one half
);

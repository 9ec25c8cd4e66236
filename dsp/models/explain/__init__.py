"""What a model does, and where it is wrong: functions on rows it had not seen."""

"""Tables with planted truth, to measure what insights find and what they make up."""

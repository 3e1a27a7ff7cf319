"""The operators that run one step of a pipeline, one per launcher."""

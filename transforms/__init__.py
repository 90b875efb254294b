"""What is done to one article: one module a step, a pure function plus a PTransform of the same words."""

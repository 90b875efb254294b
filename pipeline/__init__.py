"""What you run: the graph, the batch driver, follow, the dataset, queries and the command line."""

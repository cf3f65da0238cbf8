"""What proves a procedure to others: its record, certificate and bundle, answers about a file."""

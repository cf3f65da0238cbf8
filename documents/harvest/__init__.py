"""What programs harvest: the public records by OAI-PMH 2.0, named as everywhere else."""

"""What works without the portal: `verify.py`, which goes into every evidence bundle."""

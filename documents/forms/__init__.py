"""What readers and Coordinators fill in."""
